#include "faults/vocabulary.h"

#include <algorithm>
#include <utility>

namespace sagasim::faults {
namespace {

using Words = Vocabulary::Words;

bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What stands before the first of `ends`, which is left; nothing if there is none of them.
std::optional<std::string> take(std::string_view& text, std::string_view ends) {
  const auto end = text.find_first_of(ends);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  std::string piece(text.substr(0, end));
  text.remove_prefix(end);
  return piece;
}

// The words of an operation's name.
struct Parts {
  std::string role;
  std::string scope;
  std::string trigger;
  std::string kind;
  std::string detail;
};

std::optional<Parts> parts_of(std::string_view name) {
  Parts parts;
  const auto read = [&](std::string& word, std::string_view ends) {
    auto piece = take(name, ends);
    word = piece.value_or("");
    return piece.has_value();
  };
  const auto read_after_colon = [&](std::string& word) {
    if (!name.starts_with(':')) {
      return true;
    }
    name.remove_prefix(1);
    return read(word, "(");
  };
  if (!read(parts.role, "/")) {
    return std::nullopt;
  }
  name.remove_prefix(1);
  std::string subject;
  if (!read(parts.scope, ":(") || !read_after_colon(parts.trigger) || !read(subject, "/")) {
    return std::nullopt;
  }
  name.remove_prefix(1);
  if (!read(parts.kind, ":(") || !read_after_colon(parts.detail)) {
    return std::nullopt;
  }
  return parts;
}

const char* noun_of(sim::OperationKind kind) {
  switch (kind) {
    case sim::OperationKind::kSend:
      return "message";
    case sim::OperationKind::kCall:
      return "method that is called by";
    case sim::OperationKind::kStatement:
      return "table that is read by";
    case sim::OperationKind::kPoll:
      return "table that is watched by";
    case sim::OperationKind::kAppend:
      return "topic that is written by";
    case sim::OperationKind::kOffsetCommit:
      return "topic that is read by";
    case sim::OperationKind::kRequest:
      return "request to the outside by";
    case sim::OperationKind::kTimer:
      return "timer of";
    case sim::OperationKind::kCommand:
      return "command of";
    case sim::OperationKind::kCommit:
    case sim::OperationKind::kDelivery:
      break;
  }
  return "detail of";
}

std::optional<UnknownWord> unknown_detail(const Vocabulary& vocabulary, const Parts& parts,
                                          sim::OperationKind kind) {
  for (const Vocabulary::Detail& detail : vocabulary.details) {
    if (detail.role == parts.role && detail.kind == kind) {
      return has(detail.words, parts.detail)
                 ? std::nullopt
                 : std::optional(UnknownWord{std::string(noun_of(kind)) + " " + parts.role,
                                             parts.detail, detail.words});
    }
  }
  const bool says_enough = kind == sim::OperationKind::kCommit ||
                           kind == sim::OperationKind::kDelivery ||
                           kind == sim::OperationKind::kSend;
  if (says_enough && parts.detail.empty()) {
    return std::nullopt;
  }
  return UnknownWord{std::string(noun_of(kind)) + " " + parts.role, parts.detail, {}};
}

}  // namespace

Words Vocabulary::role_names() const {
  Words names;
  for (const Role& role : roles) {
    names.push_back(role.name);
  }
  return names;
}

Words Vocabulary::role_names(Sort sort) const {
  Words names;
  for (const Role& role : roles) {
    if (role.sort == sort) {
      names.push_back(role.name);
    }
  }
  return names;
}

std::optional<UnknownWord> unknown_word(const Vocabulary& vocabulary, std::string_view name) {
  const std::optional<Parts> parts = parts_of(name);
  if (!parts) {
    return std::nullopt;
  }
  const Words programs = vocabulary.role_names(Vocabulary::Sort::kProgram);
  if (!has(programs, parts->role)) {
    return UnknownWord{"role", parts->role, programs};
  }
  Words scopes;
  const Vocabulary::Work* work = nullptr;
  for (const Vocabulary::Work& each : vocabulary.works) {
    if (each.role == parts->role) {
      scopes.push_back(each.scope);
      work = each.scope == parts->scope ? &each : work;
    }
  }
  if (work == nullptr) {
    return UnknownWord{"work of " + parts->role, parts->scope, scopes};
  }
  const bool is_triggered =
      work->triggers.empty() ? parts->trigger.empty() : has(work->triggers, parts->trigger);
  if (!is_triggered) {
    return UnknownWord{"trigger of " + parts->role + "/" + parts->scope, parts->trigger,
                       work->triggers};
  }
  const auto kind = sim::parse_operation_kind(parts->kind);
  if (!kind) {
    Words kinds;
    for (int i = 0; i < sim::kOperationKinds; ++i) {
      kinds.emplace_back(sim::to_text(static_cast<sim::OperationKind>(i)));
    }
    return UnknownWord{"kind of operation", parts->kind, kinds};
  }
  return unknown_detail(vocabulary, *parts, *kind);
}

}  // namespace sagasim::faults
