// Data platform properties, DPL-1 and DPL-2: it learns of each completed order once, and of no
// other.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class PlatformProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // The platform has taken a record.
  void on_record(const GatewayBody& body, sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);
};

}  // namespace sagasim::domain
