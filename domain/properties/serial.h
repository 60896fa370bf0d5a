// Serial property, MET-14: the run came to what some serial run of its completed orders comes to.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class SerialProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // In the end. `workload` is what the run began with.
  void at_end(const Workload& workload, sim::Instant at);
};

}  // namespace sagasim::domain
