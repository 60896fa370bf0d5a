#include "sim/operation.h"

#include <array>
#include <charconv>

namespace sagasim::sim {
namespace {

constexpr std::array<const char*, kOperationKinds> kKindTexts = {
    "send",     "call",          "statement", "commit", "poll",   "append",
    "delivery", "offset-commit", "request",   "timer",  "command"};

std::uint64_t work_identity(std::uint64_t role, std::uint64_t scope, std::uint64_t trigger,
                            std::uint64_t subject, std::uint32_t version) {
  const std::uint64_t what = combine(combine(role, scope), trigger);
  return combine(combine(what, subject), version);
}

void append_copy(std::string& text, std::uint32_t copy) {
  if (const std::uint32_t again = copy & 0xffffu; again != 0) {
    text += "+" + std::to_string(again);
  }
  if (const std::uint32_t duplicate = copy >> 16; duplicate != 0) {
    text += "+d" + std::to_string(duplicate);
  }
}

// Reads the pieces of a name from left to right; `ok` turns false at the first that does not fit.
struct Reader {
  std::string_view text;
  bool ok = true;

  // The text up to (not including) the first of `stops`; everything if there is none.
  std::string_view until(std::string_view stops) {
    const auto end = text.find_first_of(stops);
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(piece.size());
    return piece;
  }
  bool accept(std::string_view token) {
    if (!text.starts_with(token)) {
      return false;
    }
    text.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) { ok = accept(token) && ok; }
  std::uint32_t number() {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) {
      ok = false;
      return 0;
    }
    text.remove_prefix(static_cast<std::string_view::size_type>(end - text.data()));
    return value;
  }
  std::uint64_t subject(std::string_view stops) {
    const auto parsed = parse_subject(until(stops));
    ok = ok && parsed.has_value();
    return parsed ? parsed->bits() : 0;
  }
};

}  // namespace

std::uint64_t Invocation::work_id() const {
  return work_identity(role.hash(), scope.hash(), trigger.hash(), subject.bits(), version);
}

const char* to_text(OperationKind kind) { return kKindTexts[static_cast<std::uint8_t>(kind)]; }

std::optional<OperationKind> parse_operation_kind(std::string_view text) {
  for (std::uint8_t i = 0; i < kKindTexts.size(); ++i) {
    if (text == kKindTexts[i]) {
      return static_cast<OperationKind>(i);
    }
  }
  return std::nullopt;
}

const char* to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kAborted:
      return "aborted";
    case Outcome::kUnknown:
      return "unknown";
  }
  return "?";
}

Operation duplicate_of(const Operation& operation, std::uint32_t number) {
  Operation copy = operation;
  copy.duplicate = number;
  copy.cause = operation.id;
  copy.invocation_id = operation.invocation.id();
  copy.id = operation_identity(base_of(copy), operation.ordinal, number);
  return copy;
}

std::string to_text(const Invocation& invocation) {
  std::string text = invocation.role.text();
  text += '/';
  text += invocation.scope.text();
  if (!invocation.trigger.empty()) {
    text += ':';
    text += invocation.trigger.text();
  }
  text += '(' + to_text(invocation.subject);
  if (invocation.version != 0) {
    text += ',' + std::to_string(invocation.version);
  }
  text += ')';
  append_copy(text, invocation.copy);
  if (invocation.attempt != 1) {
    text += '~' + std::to_string(invocation.attempt);
  }
  return text;
}

std::string to_text(const Operation& operation) {
  std::string text = to_text(operation.invocation);
  text += '/';
  text += to_text(operation.kind);
  if (!operation.detail.empty()) {
    text += ':';
    text += operation.detail.text();
  }
  text += '(' + to_text(operation.subject) + ')';
  if (operation.ordinal != 1) {
    text += '#' + std::to_string(operation.ordinal);
  }
  if (operation.duplicate != 0) {
    text += "+d" + std::to_string(operation.duplicate);
  }
  return text;
}

std::optional<std::uint64_t> identity_of(std::string_view name) {
  Reader reader{name};
  const std::uint64_t role = hash_text(reader.until("/"));
  reader.expect("/");
  const std::uint64_t scope = hash_text(reader.until(":(/"));
  const std::uint64_t trigger = hash_text(reader.accept(":") ? reader.until("(/") : "");
  reader.expect("(");
  const std::uint64_t subject = reader.subject(",)/");
  const std::uint32_t version = reader.accept(",") ? reader.number() : 0;
  reader.expect(")");
  std::uint32_t copy = 0;
  while (reader.ok && reader.accept("+")) {
    const bool by_fault = reader.accept("d");
    copy += by_fault ? reader.number() << 16 : reader.number();
  }
  const std::uint32_t attempt = reader.accept("~") ? reader.number() : 1;
  reader.expect("/");
  const auto kind = parse_operation_kind(reader.until(":("));
  const std::uint64_t detail = hash_text(reader.accept(":") ? reader.until("(") : "");
  reader.expect("(");
  const std::uint64_t about = reader.subject(")");
  reader.expect(")");
  const std::uint32_t ordinal = reader.accept("#") ? reader.number() : 1;
  const std::uint32_t duplicate = reader.accept("+d") ? reader.number() : 0;
  if (!reader.ok || !kind || !reader.text.empty()) {
    return std::nullopt;
  }
  const std::uint64_t work = work_identity(role, scope, trigger, subject, version);
  const std::uint64_t invocation = Invocation{.copy = copy}.id_of_attempt(work, attempt);
  return operation_identity(operation_base(invocation, *kind, detail, about), ordinal, duplicate);
}

}  // namespace sagasim::sim
