// The catalogue of properties: their ids, in the order of precedence, and what each says in plain
// words; see domain/properties/properties.def.
#pragma once

#include <cstdint>
#include <iterator>

namespace sagasim::domain {

enum class PropertyId : std::uint8_t {
#define PROPERTY(enumerator, id, description) enumerator,
#include "domain/properties/properties.def"
#undef PROPERTY
};

struct PropertyEntry {
  const char* id;           // "MON-4"
  const char* description;  // one sentence that a product owner understands
};

// Indexed by PropertyId.
inline constexpr PropertyEntry kPropertyCatalog[] = {
#define PROPERTY(enumerator, id, description) {id, description},
#include "domain/properties/properties.def"
#undef PROPERTY
};
inline constexpr unsigned kPropertyCount = std::size(kPropertyCatalog);

}  // namespace sagasim::domain
