// FaultListener: hears of faults at the moment they strike, for whoever keeps count of where.
#pragma once

#include "faults/kind.h"
#include "sim/operation.h"

namespace sagasim::faults {

class FaultListener {
 public:
  virtual ~FaultListener() = default;
  // A fault of one operation; the operation is about to begin.
  virtual void on_strike(Kind kind, const sim::Operation& operation) = 0;
  // A window opens or closes. A moment opens and never closes.
  virtual void on_window(Kind kind, bool opens) = 0;
};

}  // namespace sagasim::faults
