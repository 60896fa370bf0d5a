// Resource properties, RES-1 to RES-3: what is left of the work when there is no more of it.
#pragma once

#include <vector>

#include "domain/properties/group.h"
#include "sim/cache.h"

namespace sagasim::domain {

class ResourceProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // `open`: databases with a transaction open or a lock held.
  void locks_at_rest(std::uint32_t open, sim::Instant at);
  // Rows in inboxes against the events that were dealt with, and remembered answers against
  // commands.
  void memory_at_rest(std::uint64_t inbox, std::uint64_t handled, std::uint64_t requests,
                      std::uint64_t commands, sim::Instant at);
  // Where there is a cache: the keys that it will never drop by itself.
  void cache_at_end(const std::vector<sim::CacheKey>& lasting, sim::Instant at);
};

}  // namespace sagasim::domain
