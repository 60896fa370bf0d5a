#include "scenarios/plan_json.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/duration_text.h"
#include "scenarios/nearest.h"
#include "scenarios/object_reader.h"
#include "sim/operation.h"

namespace sagasim::scenarios {
namespace {

constexpr std::uint32_t kMostInstances = 8;

using faults::Vocabulary;
using Texts = std::vector<std::string>;
using Sort = Vocabulary::Sort;

Texts kind_names() {
  Texts names;
  for (const faults::KindInfo& info : faults::kCatalog) {
    names.emplace_back(info.id);
  }
  return names;
}

// What is read, and the words that can stand in it.
struct Source {
  const Document& document;
  const Vocabulary& words;

  std::string role_form() const { return "a role, such as " + quote(words.examples.program); }
  std::string operation_form() const {
    return "the name of an operation, such as " + quote(words.examples.commit);
  }
};

// The kind of the operation called `name`: what follows the invocation. Requires: `name` is valid.
sim::OperationKind operation_kind(std::string_view name) {
  name.remove_prefix(name.find(')'));
  name.remove_prefix(name.find('/') + 1);
  return sim::parse_operation_kind(name.substr(0, name.find_first_of(":("))).value();
}

// "payment", or one of its instances: "payment#2".
std::string read_role(const Source& source, const Json& value, const Texts& known) {
  const Document& document = source.document;
  const std::string& text = read_text(document, value, source.role_form().c_str());
  const std::string::size_type mark = text.find('#');
  const std::string role = text.substr(0, mark);
  if (std::find(known.begin(), known.end(), role) == known.end()) {
    document.fail(value, unknown_name("role", role, known));
  }
  if (mark != std::string::npos) {
    std::uint32_t number = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + mark + 1, end, number);
    const bool fits = parsed.ec == std::errc() && parsed.ptr == end && number >= 1 &&
                      number <= kMostInstances && text[mark + 1] != '0';
    if (!fits) {
      document.fail(value, quote(text) + " is no instance (expected a number from 1 to " +
                               std::to_string(kMostInstances) + " after '#', such as " +
                               quote(role + "#2") + ")");
    }
  }
  return text;
}

// Says which part of the name is wrong, if that can be told.
std::string read_operation_name(const Source& source, const Json& value, std::uint64_t& identity) {
  const Document& document = source.document;
  const std::string& name = read_text(document, value, source.operation_form().c_str());
  if (const auto unknown = faults::unknown_word(source.words, name)) {
    const std::string where = "in " + quote(name) + ": ";
    if (unknown->known.empty()) {
      document.fail(value, where + "there is no " + unknown->what + " (expected nothing where " +
                               quote(unknown->word) + " stands)");
    }
    document.fail(value, where + unknown_name(unknown->what, unknown->word, unknown->known));
  }
  const auto found = sim::identity_of(name);
  if (!found) {
    document.fail(value, quote(name) + " is not the name of an operation (expected " +
                             source.operation_form() +
                             "; traces and recorded plans show the names)");
  }
  identity = *found;
  return name;
}

// "send, call, append": the kinds of operation to which the fault means something.
std::string strikable(faults::Kind fault) {
  std::string names;
  for (int i = 0; i < sim::kOperationKinds; ++i) {
    const auto kind = static_cast<sim::OperationKind>(i);
    if (faults::can_strike(fault, kind)) {
      names += (names.empty() ? "" : ", ") + std::string(sim::to_text(kind));
    }
  }
  return names;
}

faults::OperationFault read_operation_fault(const Source& source, ObjectReader& reader,
                                            const faults::KindInfo& info) {
  const Document& document = source.document;
  faults::OperationFault fault;
  const std::string form = source.operation_form();
  const Json& operation = reader.require("operation", form.c_str());
  fault.operation = read_operation_name(source, operation, fault.identity);
  std::uint64_t until = 0;
  if (info.kind == faults::Kind::kHold) {
    const Json& other = reader.require("until", form.c_str());
    fault.until = read_operation_name(source, other, until);
    if (until == fault.identity) {
      document.fail(other, "an operation cannot wait for its own end (expected another one)");
    }
  }
  sim::Duration duration{};
  if (info.timed) {
    const Json& length = reader.require("for", "how long it lasts, such as \"3 s\"");
    duration = read_duration(document, length, {sim::Duration{}, kYear});
  }
  reader.finish();
  if (const auto kind = operation_kind(fault.operation); !faults::can_strike(info.kind, kind)) {
    document.fail(operation, std::string("the operation is of the kind ") + sim::to_text(kind) +
                                 ", to which " + quote(info.id) + " means nothing (expected " +
                                 strikable(info.kind) + ')');
  }
  fault.effect = faults::effect_of(info.kind, duration);
  fault.effect.until = until;
  return fault;
}

// "between": the two ends of a partition, whose order means nothing.
void read_ends(const Source& source, ObjectReader& reader, faults::WindowFault& window) {
  const Document& document = source.document;
  const Vocabulary::Examples& examples = source.words.examples;
  const std::string form =
      "two roles, such as [" + quote(examples.program) + ", " + quote(examples.broker) + "]";
  const Json& between = reader.require("between", form.c_str());
  if (!between.is_array() || between.size() != 2) {
    document.fail(between, "a partition has two ends (expected " + form + ')');
  }
  window.target = read_role(source, between[0], source.words.role_names());
  window.peer = read_role(source, between[1], source.words.role_names());
  if (window.target == window.peer) {
    document.fail(between[1],
                  quote(window.peer) + " is both ends (expected two roles that differ)");
  }
}

Texts roles_for(const Vocabulary& words, faults::Target target) {
  switch (target) {
    case faults::Target::kDatabase:
      return words.role_names(Sort::kDatabase);
    case faults::Target::kExternal:
      return words.role_names(Sort::kExternal);
    case faults::Target::kService:
      return words.role_names(Sort::kProgram);
    default:
      return words.role_names();
  }
}

// The key under which a kind names what it strikes; null if it strikes everything.
const char* target_key(faults::Target target) {
  switch (target) {
    case faults::Target::kNone:
    case faults::Target::kCache:
      return nullptr;
    case faults::Target::kGroup:
      return "group";
    case faults::Target::kTopic:
      return "topic";
    default:
      return "target";
  }
}

void read_target(const Source& source, ObjectReader& reader, const faults::KindInfo& info,
                 faults::WindowFault& window) {
  const Document& document = source.document;
  if (info.kind == faults::Kind::kPartition) {
    read_ends(source, reader, window);
    return;
  }
  const char* const key = target_key(info.target);
  if (key == nullptr) {
    return;
  }
  if (info.target == faults::Target::kGroup || info.target == faults::Target::kTopic) {
    const Texts& names =
        info.target == faults::Target::kGroup ? source.words.groups : source.words.topics;
    const std::string example = std::string("a ") + key + ", such as " + quote(names.front());
    window.target = names[read_choice(document, reader.require(key, example.c_str()), key, names)];
    return;
  }
  const Texts roles = roles_for(source.words, info.target);
  const std::string form = source.role_form();
  window.target = read_role(source, reader.require(key, form.c_str()), roles);
  if (info.target == faults::Target::kPair) {
    const Json& peer = reader.require("peer", form.c_str());
    window.peer = read_role(source, peer, roles);
    if (window.peer == window.target) {
      document.fail(peer, quote(window.peer) + " is both ends (expected two roles that differ)");
    }
  }
}

sim::Instant read_instant(const Document& document, const Json& value) {
  return sim::kStart + read_duration(document, value, {sim::Duration{}, kYear});
}

// A duration that may have a sign before it, "-20 s", where that means something.
sim::Duration read_amount(const Document& document, const Json& value, bool either_sign) {
  const DurationRange range{sim::nanoseconds(1), kYear};
  if (either_sign && value.is_string()) {
    const std::string_view text = value.get_ref<const std::string&>();
    const auto size = text.starts_with('-') ? parse_duration(text.substr(1)) : std::nullopt;
    if (size && *size >= range.min && *size <= range.max) {
      return -*size;
    }
  }
  return read_duration(document, value, range);
}

void read_times(const Source& source, ObjectReader& reader, const faults::KindInfo& info,
                faults::WindowFault& window) {
  const Document& document = source.document;
  std::uint64_t identity = 0;
  const Json* after = reader.find("after");
  if (after != nullptr) {
    if (info.kind == faults::Kind::kMidnight) {
      document.fail(*after, "the date is settled before the universe begins (expected \"at\")");
    }
    window.after = read_operation_name(source, *after, identity);
  }
  const char* const begin = info.moment ? "at" : "from";
  const char* const kTime = "a time since the start, such as \"10 s\"";
  const Json* from = after != nullptr ? reader.find(begin) : &reader.require(begin, kTime);
  if (from != nullptr) {
    window.from = read_instant(document, *from);
  }
  if (info.moment) {
    return;
  }
  const Json& until = reader.require("until", kTime);
  window.until = read_instant(document, until);
  if (window.until <= window.from) {
    document.fail(until, "the end is not after \"from\" (expected more than " +
                             quote(to_text(window.from)) + ')');
  }
  if (const Json* other = reader.find("until_after"); other != nullptr) {
    window.until_after = read_operation_name(source, *other, identity);
  }
}

faults::WindowFault read_window(const Source& source, ObjectReader& reader,
                                const faults::KindInfo& info) {
  faults::WindowFault window;
  window.kind = info.kind;
  read_target(source, reader, info, window);
  if (info.by.meaning != nullptr) {
    const std::string expected = std::string(info.by.meaning) + ", such as \"500 ms\"";
    window.by =
        read_amount(source.document, reader.require("by", expected.c_str()), info.by.either_sign);
  }
  read_times(source, reader, info, window);
  reader.finish();
  return window;
}

OrderedJson to_json(const faults::OperationFault& fault) {
  const faults::KindInfo& info = faults::info_of(faults::kind_of(fault.effect));
  OrderedJson entry = {{"fault", info.id}, {"operation", fault.operation}};
  if (!fault.until.empty()) {
    entry["until"] = fault.until;
  }
  if (info.timed) {
    entry["for"] = to_text(fault.effect.duration);
  }
  return entry;
}

OrderedJson to_json(const faults::WindowFault& window) {
  const faults::KindInfo& info = faults::info_of(window.kind);
  OrderedJson entry = {{"fault", info.id}};
  if (window.kind == faults::Kind::kPartition) {
    entry["between"] = OrderedJson::array({window.target, window.peer});
  } else if (const char* key = target_key(info.target); key != nullptr) {
    entry[key] = window.target;
  }
  if (window.kind == faults::Kind::kOneWayPartition) {
    entry["peer"] = window.peer;
  }
  if (info.by.meaning != nullptr) {
    const bool negative = window.by < sim::Duration{};
    entry["by"] = negative ? "-" + to_text(-window.by) : to_text(window.by);
  }
  if (!window.after.empty()) {
    entry["after"] = window.after;
  }
  if (window.after.empty() || window.from != sim::kStart) {
    entry[info.moment ? "at" : "from"] = to_text(window.from);
  }
  if (!info.moment) {
    entry["until"] = to_text(window.until);
  }
  if (!window.until_after.empty()) {
    entry["until_after"] = window.until_after;
  }
  return entry;
}

// A name of an operation that the kind can strike.
const std::string& example_operation(faults::Kind kind, const Vocabulary::Examples& examples) {
  const bool about_messages = kind == faults::Kind::kDelay || kind == faults::Kind::kHold ||
                              kind == faults::Kind::kDuplicate;
  const std::string& name = about_messages ? examples.delivery : examples.commit;
  return faults::can_strike(kind, operation_kind(name)) ? name : examples.call;
}

// What the kind could strike.
std::string example_target(faults::Target target, const Vocabulary::Examples& examples) {
  switch (target) {
    case faults::Target::kNone:
    case faults::Target::kCache:
      return "";
    case faults::Target::kDatabase:
      return examples.database;
    case faults::Target::kServer:
    case faults::Target::kExternal:
      return examples.external;
    case faults::Target::kGroup:
      return examples.group;
    case faults::Target::kTopic:
      return examples.topic;
    default:
      return examples.program;
  }
}

}  // namespace

faults::Plan read_plan(const Document& document, const Json& value, const Vocabulary& vocabulary) {
  const Source source{document, vocabulary};
  const Texts kinds = kind_names();
  std::map<std::uint64_t, int> struck;  // where the operation was named first
  faults::Plan plan;
  bool has_midnight = false;
  int index = -1;
  for (const Json& entry : read_list(document, value, "faults")) {
    ++index;
    ObjectReader reader(document, entry, "a fault");
    const Json& name = reader.require("fault", "a kind of fault, such as \"reply-lost\"");
    const faults::KindInfo& info = faults::kCatalog[read_choice(document, name, "fault", kinds)];
    if (info.window) {
      const bool is_midnight = info.kind == faults::Kind::kMidnight;
      if (is_midnight && has_midnight) {
        document.fail(entry, "the date changes once in a run (expected one midnight; remove one)");
      }
      has_midnight = has_midnight || is_midnight;
      plan.windows.push_back(read_window(source, reader, info));
      continue;
    }
    plan.operations.push_back(read_operation_fault(source, reader, info));
    const auto [first, is_first] = struck.emplace(plan.operations.back().identity, index);
    if (!is_first) {
      document.fail(entry.at("operation"), "entry " + std::to_string(first->second) +
                                               " strikes this operation already (expected at most "
                                               "one fault per operation; remove one)");
    }
  }
  return plan;
}

OrderedJson plan_to_json(const faults::Plan& plan) {
  OrderedJson list = OrderedJson::array();
  for (const faults::OperationFault& fault : plan.operations) {
    list.push_back(to_json(fault));
  }
  for (const faults::WindowFault& window : plan.windows) {
    list.push_back(to_json(window));
  }
  return list;
}

std::string example_entry(faults::Kind kind, const Vocabulary& vocabulary) {
  const faults::KindInfo& info = faults::info_of(kind);
  const Vocabulary::Examples& examples = vocabulary.examples;
  if (!info.window) {
    faults::OperationFault fault{example_operation(kind, examples), 0,
                                 faults::effect_of(kind, sim::seconds(3)), ""};
    if (kind == faults::Kind::kHold) {
      fault.until = examples.other;
    }
    return to_json(fault).dump();
  }
  faults::WindowFault window;
  window.kind = kind;
  window.target = example_target(info.target, examples);
  window.peer = info.target == faults::Target::kPair ? examples.broker : "";
  window.from = sim::kStart + sim::seconds(10);
  window.until = window.from + sim::seconds(5);
  window.by =
      info.by.meaning != nullptr ? std::min(info.by.high, sim::milliseconds(500)) : sim::Duration{};
  return to_json(window).dump();
}

}  // namespace sagasim::scenarios
