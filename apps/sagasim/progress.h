// Progress: how far long work is, on standard error. A bar that is redrawn where that can be done,
// and elsewhere a plain line every ten seconds.
#pragma once

#include <string>

#include "search/certify.h"
#include "search/minimize.h"
#include "search/sweep.h"

namespace sagasim::apps {

class ProgressDisplay {
 public:
  // `what` stands in front: the verb and the scenario.
  ProgressDisplay(std::string what, bool redraws);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  // Takes the bar away.
  ~ProgressDisplay();

  void show(const search::SweepProgress& progress);
  void show(const search::MinimizeProgress& progress);
  void show(const search::CertifyProgress& progress);
  // `share` of it, 0 to 1, is done after that many seconds.
  void show(double seconds, double share, const std::string& text);

 private:
  const std::string what_;
  const bool redraws_;
  bool drawn_ = false;
  double last_line_ = 0;  // seconds since the start
};

// "1,200 of 2,000 runs · 350 runs/s · 3 failed · 2 s left".
std::string progress_text(const search::SweepProgress& progress);
// "1,200 runs · 3 faults · 2 orders left · trying commands".
std::string progress_text(const search::MinimizeProgress& progress);
// "1,200,000 combinations · 20,000/s · sets of 2: 120 of 1,480 branches".
std::string progress_text(const search::CertifyProgress& progress);
// How much is done, 0 to 1: of the runs or of the time, whichever ends first.
double progress_share(const search::SweepProgress& progress);

}  // namespace sagasim::apps
