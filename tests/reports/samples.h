// Results made by hand, for reports to be written of.
#pragma once

#include "reports/summary.h"
#include "tests/search/fake_system.h"
#include "tests/search/story.h"

namespace sagasim::fake {

inline scenarios::RunRequest request_for(std::uint64_t seed) {
  scenarios::RunRequest request;
  request.seed = seed;
  return request;
}

inline faults::Plan sample_plan() {
  Story story;
  const sim::Operation struck = story.call(2, 250);
  faults::Plan plan;
  plan.operations.push_back({sim::to_text(struck), struck.id, Story::crash()});
  plan.windows.push_back({faults::Kind::kPartition, "front", "back-office",
                          sim::kStart + sim::milliseconds(100),
                          sim::kStart + sim::milliseconds(400)});
  return plan;
}

// The run of seed 7 or 17 fails, that of 8 passes.
inline reports::RunReport run_report(std::uint64_t seed) {
  const FakeSystem system;
  reports::RunReport report;
  report.target = reports::target_of(system);
  report.result = system.run(request_for(seed));
  report.result.plan = sample_plan();
  report.rerun = "sagasim run toy --seed " + std::to_string(seed);
  if (report.result.failed()) {
    Story story;
    search::Recording recording;
    Story::play(recording, story.call(2, 250), Story::crash());
    report.failure = reports::failure_of(report.target, report.result, &recording);
    report.failure->rerun = report.rerun;
    report.failure->repro = "out/repro.json";
    report.failure->files = {"out/repro.json", "out/repro.mmd"};
  }
  return report;
}

inline reports::SweepReport sweep_report(std::uint64_t seeds) {
  const FakeSystem system;
  reports::SweepReport report;
  report.target = reports::target_of(system);
  search::SweepOptions options;
  options.seeds = seeds;
  report.result = search::sweep(system, options);
  report.result.seconds = 2;
  report.rates = {{"things_per_second", "things", "started"}};
  report.rerun = "sagasim sweep toy --seeds " + std::to_string(seeds);
  for (const search::Cause& cause : report.result.causes) {
    reports::RunReport first = run_report(cause.first_seed);
    first.failure->count = cause.count;
    report.failures.push_back(*first.failure);
  }
  if (!report.failures.empty()) {
    report.rerun = report.failures.front().rerun;
  }
  return report;
}

}  // namespace sagasim::fake
