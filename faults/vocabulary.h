// Vocabulary: the words that a plan can be made of, as the system that is to be run knows them. A
// name of an operation has a grammar (sim/operation.h) that holds for every system; which roles,
// groups, events and tables there are is the system's own, and so is what a misspelt one was
// probably meant to be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/operation.h"

namespace sagasim::faults {

struct Vocabulary {
  using Words = std::vector<std::string>;

  // What a role is, and so what can happen to it.
  enum class Sort : std::uint8_t { kProgram, kBroker, kDatabase, kCache, kExternal };
  struct Role {
    std::string name;
    Sort sort;
  };
  // One kind of work of a role: `stock:OrderCreated` of `product` has the scope `stock`, and what
  // triggers it is one of `triggers`; none if nothing follows the scope.
  struct Work {
    std::string role;
    std::string scope;
    Words triggers;
  };
  // What operations of a kind can be about: `statement:orders`. A pair of role and kind that is not
  // listed has no such operations, or they say no more than their kind, as `commit` does.
  struct Detail {
    std::string role;
    sim::OperationKind kind;
    Words words;
  };
  // What the examples in messages and lists are made of.
  struct Examples {
    std::string call;      // names of operations,
    std::string commit;    //
    std::string delivery;  //
    std::string other;     // and one for the others to wait for
    std::string program;   // roles
    std::string broker;
    std::string database;
    std::string external;
    std::string group;
    std::string topic;
  };

  std::vector<Role> roles;
  Words groups;
  Words topics;
  std::vector<Work> works;
  std::vector<Detail> details;
  Examples examples;

  // Every role, or those of one sort.
  Words role_names() const;
  Words role_names(Sort sort) const;
};

// The first part of an operation's name that the system does not know.
struct UnknownWord {
  std::string what;         // "event of group stock"
  std::string word;         // as it is written; empty: there is none where one should be
  Vocabulary::Words known;  // what could stand there; empty: nothing
};

// Nothing if every word is known. Whether such an operation comes in a run is another question.
// Nothing, too, if `name` is so far from the name of an operation that its parts cannot be told.
std::optional<UnknownWord> unknown_word(const Vocabulary& vocabulary, std::string_view name);

}  // namespace sagasim::faults
