#include "search/inspection.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace sagasim::search {
namespace {

using sim::Fact;
using sim::Item;
using sim::ItemList;
using sim::Snapshot;

// `order` of `order/order:…`, `order.1`, `order → broker` and `order OrderCreated/0`.
std::string first_word(const std::string& name) {
  return name.substr(0, name.find_first_of(" /."));
}

bool wanted(const ItemList& list, const Item& item, const Selection& selection) {
  const auto& about = selection.about;
  const auto& parts = selection.parts;
  const bool named = item.about.empty() || about.empty() ||
                     std::any_of(about.begin(), about.end(), [&](sim::Subject subject) {
                       return std::binary_search(item.about.begin(), item.about.end(), subject);
                     });
  const bool there =
      parts.empty() || std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
        return part == list.part || part == first_word(item.name);
      });
  return named && there;
}

const ItemList* find(const Snapshot& snapshot, const ItemList& like) {
  const auto list = std::find_if(
      snapshot.lists.begin(), snapshot.lists.end(),
      [&](const ItemList& each) { return each.part == like.part && each.name == like.name; });
  return list == snapshot.lists.end() ? nullptr : &*list;
}

// In the order of `after`, then what is gone.
std::vector<FactChange> changed_facts(const Item& before, const Item& after) {
  std::vector<FactChange> changed;
  std::map<std::string, Fact::Value> known;
  for (const Fact& fact : before.facts) {
    known[fact.name] = fact.value;
  }
  for (const Fact& fact : after.facts) {
    const auto old = known.find(fact.name);
    const Fact::Value value = old == known.end() ? Fact::Value{} : old->second;
    if (value != fact.value) {
      changed.push_back({fact.name, value, fact.value});
    }
    if (old != known.end()) {
      known.erase(old);
    }
  }
  for (const auto& [name, value] : known) {
    if (value != Fact::Value{}) {
      changed.push_back({name, value, {}});
    }
  }
  return changed;
}

void compare(const ItemList& list, const std::vector<Item>& before, const std::vector<Item>& after,
             std::vector<ItemChange>& found) {
  using How = ItemChange::How;
  std::map<std::string, const Item*> known;
  for (const Item& item : before) {
    known[item.name] = &item;
  }
  for (const Item& item : after) {
    const auto old = known.find(item.name);
    if (old == known.end()) {
      found.push_back({How::kNew, list.part, list.name, list.technical, item, {}});
      continue;
    }
    std::vector<FactChange> facts = changed_facts(*old->second, item);
    if (!facts.empty()) {
      found.push_back(
          {How::kChanged, list.part, list.name, list.technical, item, std::move(facts)});
    }
    known.erase(old);
  }
  for (const Item& item : before) {
    if (known.contains(item.name)) {
      found.push_back({How::kGone, list.part, list.name, list.technical, item, {}});
    }
  }
}

}  // namespace

Snapshot select(const Snapshot& snapshot, const Selection& selection) {
  Snapshot selected;
  selected.at = snapshot.at;
  for (const ItemList& list : snapshot.lists) {
    ItemList kept{list.part, list.name, list.technical, {}};
    std::copy_if(list.items.begin(), list.items.end(), std::back_inserter(kept.items),
                 [&](const Item& item) { return wanted(list, item, selection); });
    if (!kept.items.empty()) {
      selected.lists.push_back(std::move(kept));
    }
  }
  return selected;
}

bool mentions(const Snapshot& snapshot, sim::Subject subject) {
  return std::any_of(snapshot.lists.begin(), snapshot.lists.end(), [&](const ItemList& list) {
    return std::any_of(list.items.begin(), list.items.end(), [&](const Item& item) {
      return std::binary_search(item.about.begin(), item.about.end(), subject);
    });
  });
}

std::vector<std::string> part_names(const Snapshot& snapshot) {
  std::set<std::string> names;
  for (const ItemList& list : snapshot.lists) {
    names.insert(list.part);
    for (const Item& item : list.items) {
      if (list.part == "processes") {
        names.insert(first_word(item.name));
      }
    }
  }
  return {names.begin(), names.end()};
}

std::vector<ItemChange> changes(const Snapshot& before, const Snapshot& after) {
  std::vector<ItemChange> found;
  for (const ItemList& list : after.lists) {
    const ItemList* old = find(before, list);
    compare(list, old == nullptr ? std::vector<Item>{} : old->items, list.items, found);
  }
  for (const ItemList& list : before.lists) {
    if (find(after, list) == nullptr) {
      compare(list, list.items, {}, found);
    }
  }
  return found;
}

}  // namespace sagasim::search
