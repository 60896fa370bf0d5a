// Exit codes: what a script learns. They are a contract, and no number is ever used for anything
// else.
#pragma once

namespace sagasim::apps {

enum ExitCode : int {
  kAllHeld = 0,
  kViolated = 1,
  kBadInput = 2,  // nothing was run or written
  kInconclusive = 3,
  kNothingSelected = 4,
  kNotReproducible = 5,  // a replay differed, or one seed gave two fingerprints
  kInternalError = 70,
  kInterrupted = 130,
};

}  // namespace sagasim::apps
