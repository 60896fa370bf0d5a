// A race of the kind that tests/races/run is there for: the runs of a campaign count in one place,
// and nobody makes them take turns.
#include <cstdint>
#include <cstdio>

#include "search/sweep.h"
#include "tests/search/fake_system.h"

int main() {
  sagasim::fake::FakeSystem system;
  std::uint64_t runs = 0;
  system.before_run = [&](std::uint64_t) { ++runs; };
  sagasim::search::sweep(system, {.seeds = 4'000, .jobs = 2});
  std::printf("%llu of 4000 runs were counted\n", static_cast<unsigned long long>(runs));
}
