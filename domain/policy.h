// Policy: which guards the services use. One enum per guard, the reference value first, then the
// weaker ways that teams ship; domain/policies.def lists them, with a sentence each. The services
// are written once and ask; an architecture is a point in this space.
//
// A guard that is switched off is off altogether, so that no other mechanism hides its absence.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/time.h"

namespace sagasim::domain {

enum class Switch : std::uint8_t { kOn, kOff };

#define CHOICE(Enum, field, guard, what) enum class Enum : std::uint8_t {
#define VALUE(enumerator, word, sentence) enumerator,
#define END_CHOICE \
  }                \
  ;
#define SWITCH(field, guard, what, on, off)
#define PATIENCE(field, guard, what, off)
#include "domain/policies.def"
#undef CHOICE
#undef VALUE
#undef END_CHOICE
#undef SWITCH
#undef PATIENCE

struct Policy {
#define CHOICE(Enum, field, guard, what) Enum field = Enum{};
#define VALUE(enumerator, word, sentence)
#define END_CHOICE
#define SWITCH(field, guard, what, on, off) Switch field = Switch::kOn;
#define PATIENCE(field, guard, what, off) std::optional<sim::Duration> field;
#include "domain/policies.def"
#undef CHOICE
#undef VALUE
#undef END_CHOICE
#undef SWITCH
#undef PATIENCE

  bool operator==(const Policy&) const = default;
};

}  // namespace sagasim::domain
