// Anchors: other ways to say what a fault does, by what comes to pass instead of by the clock, or
// by one operation instead of by a window. They read like a story, and they stay where they belong
// when latencies or code change. Only candidates: whether one keeps the failure is for whoever runs
// it.
#pragma once

#include <string>
#include <vector>

#include "search/minimize.h"
#include "search/recording.h"

namespace sagasim::search {

// A run, and what each of its operations is to somebody who knows the business.
struct Told {
  Recording recording;
  std::vector<std::string> sentences;  // one for each operation of the recording; perhaps empty
};
Told tell(const Case& what);

// Each gives cases that differ from `what` in one fault, the most promising first; none where the
// fault is not of that sort. `told` is the run of `what`. Indices are into the plan's operations or
// windows.

// A window as one fault of one operation that it struck: the delay that it had, or the answer.
std::vector<Case> singled_out(const Case& what, const Told& told, std::size_t window);
// A window that begins once something has come to pass, and not at a time.
std::vector<Case> anchored(const Case& what, const Told& told, std::size_t window);
// A delay as a hold until something that came to pass meanwhile.
std::vector<Case> held(const Case& what, const Told& told, std::size_t fault);
// A fault of a statement, or of a further one of several like it, as the same fault of the commit,
// the message or the delivery of the same work: further statements do not move that.
std::vector<Case> moved_to_landmarks(const Case& what, const Told& told, std::size_t fault);

// Everything that went wrong replaced by one fault of one operation of the work about `subject`: a
// guess, for a run that fails for the sum of many small things. `told` is the run without any
// fault.
std::vector<Case> guesses(const Case& what, const Told& told, sim::Subject subject);

}  // namespace sagasim::search
