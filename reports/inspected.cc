#include "reports/inspected.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/screen.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::ordered_json;
using search::FactChange;
using search::ItemChange;
using sim::Fact;
using sim::Item;
using sim::ItemList;
using Kind = InspectReport::Kind;

// Items of one list that are shown, unless everything is.
constexpr std::size_t kItemsShown = 20;
constexpr std::size_t kNameWidth = 10;

bool not_set(const Fact::Value& value) {
  const auto* truth = std::get_if<bool>(&value);
  const auto* text = std::get_if<std::string>(&value);
  return std::holds_alternative<std::monostate>(value) || (truth != nullptr && !*truth) ||
         (text != nullptr && (text->empty() || *text == "none"));
}

std::string value_text(const Fact::Value& value) {
  if (const auto* truth = std::get_if<bool>(&value)) {
    return *truth ? "yes" : "no";
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return *number < 0 ? "-" + grouped(0 - static_cast<std::uint64_t>(*number))
                       : grouped(static_cast<std::uint64_t>(*number));
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return printable(*text);
  }
  if (const auto* at = std::get_if<sim::Instant>(&value)) {
    return text_of(*at);
  }
  if (const auto* length = std::get_if<sim::Duration>(&value)) {
    return text_of(*length);
  }
  return "-";
}

// Without the path, but for an element of a list.
std::string short_name(const std::string& name) {
  std::string words = name.substr(name.rfind('.') + 1);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// `facts.line[0]` of `facts.line[0].product`; empty if the fact is no field of a list's element.
std::string element_of(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot != std::string::npos && dot > 0 && name[dot - 1] == ']' ? name.substr(0, dot) : "";
}

// What the name of the item says already.
bool said_by_name(const Item& item, const Fact& fact) {
  const auto* text = std::get_if<std::string>(&fact.value);
  return text != nullptr && (item.name == *text || item.name.starts_with(*text + "/"));
}

// "amount 9,000", "line[0] p1 × 2"…: the facts that are worth their place on a screen.
std::vector<std::string> phrases(const Item& item) {
  std::vector<std::string> phrases;
  std::string open;
  for (const Fact& fact : item.facts) {
    if (not_set(fact.value) || said_by_name(item, fact)) {
      continue;
    }
    const std::string element = element_of(fact.name);
    const std::string words = short_name(fact.name) + " " + value_text(fact.value);
    if (!element.empty() && element == open) {
      std::string& last = phrases.back();
      last.insert(last.size() - 1, ", " + words);
    } else if (!element.empty()) {
      phrases.push_back(short_name(element) + " (" + words + ")");
    } else {
      phrases.push_back(words);
    }
    open = element;
  }
  return phrases;
}

class Page {
 public:
  Page(std::ostream& out, const InspectReport& report, const Style& style)
      : out_(out), report_(report), style_(style) {}

  void head();
  void state();
  void difference();

 private:
  void heading(const std::string& part, const std::string& list) {
    out_ << '\n' << paint(style_, Paint::kStrong, part + " · " + list) << '\n';
  }
  // A mark of one character, the name, and the rest of it, wrapped beside the name.
  void entry(const std::string& mark, const std::string& name, std::size_t width,
             const std::vector<std::string>& items) {
    // A name that leaves no room stands alone.
    const bool alone = width > style_.width / 2;
    const std::size_t indent = alone ? 6 : 4 + width;
    out_ << ' ' << mark << ' ' << (items.empty() || alone ? name : padded(name, width) + ' ');
    if (!items.empty()) {
      out_ << (alone ? "\n" + std::string(indent, ' ') : "")
           << wrapped(items, " · ", indent, style_.width);
    }
    out_ << '\n';
  }
  void rest(std::size_t left_out, std::size_t at_rest) {
    if (left_out > 0) {
      out_ << "   … and " << grouped(left_out) << " more; --all shows them\n";
    }
    if (at_rest > 0) {
      out_ << "   " << paint(style_, Paint::kFaint, grouped(at_rest) + " at rest") << '\n';
    }
  }
  static std::size_t width_of(const std::vector<const Item*>& items) {
    std::size_t width = kNameWidth;
    for (const Item* item : items) {
      width = std::max(width, item->name.size());
    }
    return width;
  }
  void list_state(const ItemList& list);
  bool tells(const ItemChange& change) const;
  void list_changes(const std::vector<const ItemChange*>& changes);

  std::ostream& out_;
  const InspectReport& report_;
  const Style& style_;
};

void Page::head() {
  const scenarios::RunResult& result = report_.result;
  const std::string what = title(report_.target) + " seed " + std::to_string(result.seed);
  const std::string at = text_of(report_.first.at);
  out_ << what
       << (report_.kind == Kind::kState   ? " at " + at
           : report_.kind == Kind::kUntil ? " from " + at + " until " + text_of(report_.second.at)
                                          : " against " + report_.other + " at " + at)
       << '\n';
  Screen screen(out_, style_);
  const sim::Instant end = sim::kStart + result.virtual_time;
  const sim::Instant last = report_.kind == Kind::kUntil ? report_.second.at : report_.first.at;
  screen.field("run", (last >= end ? "was over at " : "is over at ") + text_of(end));
  for (const scenarios::Violation& violation : result.violations) {
    const bool before = violation.at <= last;
    screen.prose(
        before ? "violated" : "later",
        violation.property + " at " + text_of(violation.at) + ": " + printable(violation.message));
    if (!report_.everything) {
      break;
    }
  }
}

void Page::list_state(const ItemList& list) {
  std::vector<const Item*> shown;
  std::size_t at_rest = 0;
  for (const Item& item : list.items) {
    if (item.at_rest && !report_.everything) {
      ++at_rest;
    } else {
      shown.push_back(&item);
    }
  }
  if (list.items.empty() || (shown.empty() && list.part != "processes")) {
    return;
  }
  heading(list.part, list.name);
  const std::size_t most = report_.everything ? shown.size() : kItemsShown;
  const std::size_t left_out = shown.size() > most ? shown.size() - most : 0;
  shown.resize(shown.size() - left_out);
  if (list.technical && !report_.everything) {
    std::vector<std::string> names;
    for (const Item* item : shown) {
      names.push_back(printable(item->name));
    }
    out_ << "   " << wrapped(names, " · ", 3, style_.width) << '\n';
  } else {
    const std::size_t width = width_of(shown);
    for (const Item* item : shown) {
      entry(" ", printable(item->name), width, phrases(*item));
    }
  }
  rest(left_out, at_rest);
}

void Page::state() {
  for (const ItemList& list : report_.first.lists) {
    list_state(list);
  }
}

// Two runs hardly ever do the same at the same nanosecond.
bool Page::tells(const ItemChange& change) const {
  const bool only_times =
      change.how == ItemChange::How::kChanged &&
      std::all_of(change.facts.begin(), change.facts.end(), [](const FactChange& fact) {
        const auto is_time = [](const Fact::Value& value) {
          return std::holds_alternative<sim::Instant>(value);
        };
        return is_time(fact.before) && is_time(fact.after);
      });
  return report_.everything || report_.kind != Kind::kAgainst || !only_times;
}

void Page::list_changes(const std::vector<const ItemChange*>& all) {
  heading(all.front()->part, all.front()->list);
  std::vector<const ItemChange*> shown = all;
  const std::size_t most = report_.everything ? all.size() : kItemsShown;
  shown.resize(std::min(all.size(), most));
  std::vector<const Item*> items;
  for (const ItemChange* change : shown) {
    items.push_back(&change->item);
  }
  const std::size_t width = width_of(items);
  for (const ItemChange* change : shown) {
    const std::string name = printable(change->item.name);
    const bool names_say_all = change->technical && !report_.everything;
    if (change->how == ItemChange::How::kGone) {
      entry("-", name, width, {});
    } else if (change->how == ItemChange::How::kNew) {
      entry("+", name, width, names_say_all ? std::vector<std::string>{} : phrases(change->item));
    } else {
      std::vector<std::string> words;
      for (const FactChange& fact : change->facts) {
        const std::string element = element_of(fact.name);
        words.push_back((element.empty() ? "" : short_name(element) + ".") + short_name(fact.name) +
                        " " + value_text(fact.before) + " → " + value_text(fact.after));
      }
      entry("~", name, width, words);
    }
  }
  rest(all.size() - shown.size(), 0);
}

void Page::difference() {
  const std::vector<ItemChange> all = search::changes(report_.first, report_.second);
  std::vector<const ItemChange*> list;
  std::size_t told = 0;
  for (std::size_t i = 0; i <= all.size(); ++i) {
    const bool ends =
        i == all.size() ||
        (!list.empty() && (all[i].part != list.front()->part || all[i].list != list.front()->list));
    if (ends && !list.empty()) {
      list_changes(list);
      list.clear();
    }
    if (i < all.size() && tells(all[i])) {
      list.push_back(&all[i]);
      ++told;
    }
  }
  if (told == 0) {
    out_ << "\nnothing differs" << (all.empty() ? "" : " but times; --all shows them") << '\n';
  }
}

Json value_json(const Fact::Value& value) {
  if (const auto* truth = std::get_if<bool>(&value)) {
    return *truth;
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return *number;
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return *text;
  }
  if (const auto* at = std::get_if<sim::Instant>(&value)) {
    return seconds_of(at->time_since_epoch());
  }
  if (const auto* length = std::get_if<sim::Duration>(&value)) {
    return seconds_of(*length);
  }
  return nullptr;
}

Json item_json(const Item& item) {
  Json json = Json::object();
  for (const Fact& fact : item.facts) {
    json[fact.name] = value_json(fact.value);
  }
  return json;
}

Json state_json(const sim::Snapshot& snapshot) {
  Json json = Json::object();
  for (const ItemList& list : snapshot.lists) {
    Json& items = json[list.part][list.name];
    items = Json::object();
    for (const Item& item : list.items) {
      items[item.name] = item_json(item);
    }
  }
  return json;
}

Json changes_json(const InspectReport& report) {
  Json json = Json::array();
  for (const ItemChange& change : search::changes(report.first, report.second)) {
    Json entry = {{"part", change.part},
                  {"list", change.list},
                  {"item", change.item.name},
                  {"how", change.how == ItemChange::How::kNew    ? "new"
                          : change.how == ItemChange::How::kGone ? "gone"
                                                                 : "changed"}};
    if (change.how == ItemChange::How::kChanged) {
      for (const FactChange& fact : change.facts) {
        entry["facts"][fact.name] = {{"before", value_json(fact.before)},
                                     {"after", value_json(fact.after)}};
      }
    } else {
      entry["facts"] = item_json(change.item);
    }
    json.push_back(std::move(entry));
  }
  return json;
}

double seconds(sim::Instant at) { return seconds_of(at.time_since_epoch()); }

}  // namespace

void write_text(std::ostream& out, const InspectReport& report, const Style& style) {
  Page page(out, report, style);
  page.head();
  if (report.kind == Kind::kState) {
    page.state();
  } else {
    page.difference();
  }
  out << "\nrerun: " << report.rerun << '\n';
}

void write_json(std::ostream& out, const InspectReport& report) {
  Json json;
  json["scenario"] = report.target.scenario;
  json["architecture"] = report.target.architecture;
  json["seed"] = std::to_string(report.result.seed);
  json["fingerprint"] = search::fingerprint_text(report.result.fingerprint);
  json["verdict"] = search::verdict_text(report.result.verdict);
  json["ends_at"] = seconds_of(report.result.virtual_time);
  json["at"] = seconds(report.first.at);
  if (report.kind == Kind::kState) {
    json["state"] = state_json(report.first);
  } else {
    if (report.kind == Kind::kUntil) {
      json["until"] = seconds(report.second.at);
    } else {
      json["against"] = report.other;
    }
    json["changes"] = changes_json(report);
  }
  json["rerun"] = report.rerun;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace sagasim::reports
