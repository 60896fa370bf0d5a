// Rows: what an inspected run says, row by row, whichever service keeps them.
#pragma once

#include <cstdint>
#include <string>

#include "sim/snapshot.h"

namespace sagasim::scenarios {

// The table of that name; null: there is none, or nothing in it.
inline const sim::ItemList* table(const sim::Snapshot& state, const std::string& name) {
  for (const sim::ItemList& list : state.lists) {
    if (list.name == name) {
      return &list;
    }
  }
  return nullptr;
}

// Null: there is no such row.
inline const sim::Item* row(const sim::Snapshot& state, const std::string& name,
                            const std::string& key) {
  const sim::ItemList* list = table(state, name);
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    if (list->items[i].name == key) {
      return &list->items[i];
    }
  }
  return nullptr;
}

// A field; what is not set, or not there, is that of an empty one.
template <class Value>
Value field(const sim::Item& item, const std::string& name) {
  for (const sim::Fact& fact : item.facts) {
    if (const Value* value = std::get_if<Value>(&fact.value); fact.name == name && value) {
      return *value;
    }
  }
  return Value{};
}
inline std::string text(const sim::Item& item, const std::string& name) {
  return field<std::string>(item, name);
}
inline std::int64_t number(const sim::Item& item, const std::string& name) {
  return field<std::int64_t>(item, name);
}

}  // namespace sagasim::scenarios
