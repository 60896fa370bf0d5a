// Resource properties, RES-1 and RES-2: what is left of the work when there is no more of it.
#pragma once

#include "domain/properties/group.h"

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
};

}  // namespace sagasim::domain
