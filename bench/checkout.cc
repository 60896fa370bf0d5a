#include "bench/checkout.h"

#include <sys/resource.h>

#include "bench/workloads.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "search/recording.h"
#include "sim/hash.h"

namespace sagasim::bench {

CheckoutResult checkout(const std::string& scenario, const std::vector<std::string>& settings,
                        std::uint64_t from, std::uint64_t runs, Watched watched) {
  const auto system = scenarios::make_shop(scenarios::load(scenario, settings));
  CheckoutResult sum;
  const double start = cpu_seconds();
  for (std::uint64_t i = 0; i < runs; ++i) {
    search::Recording recording;
    scenarios::RunRequest request;
    request.seed = from + i;
    request.tracer = watched == Watched::kRecorded ? &recording : nullptr;
    const scenarios::RunResult result = system->run(request);
    ++sum.runs;
    sum.orders += result.tallies.at("orders").at("accepted");
    sum.operations += result.operations;
    sum.digest = sim::combine(sum.digest, result.fingerprint);
  }
  sum.cpu_seconds = cpu_seconds() - start;
  return sum;
}

std::uint64_t peak_memory() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace sagasim::bench
