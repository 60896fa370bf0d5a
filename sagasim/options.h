// How much a program of tests does and where it begins: from the command line, else from the
// environment, else from a file, else the defaults (sagasim/main.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sagasim {

struct TestOptions {
  int cases = 60;                      // generated cases of each RapidCheck property, 1..1,000,000
  std::uint64_t seed = 0;              // of the generators; 0: drawn anew for each program
  std::optional<std::uint64_t> from;   // the first seed of each sweep; nothing: 0
  std::optional<std::uint64_t> seeds;  // of each sweep; nothing: as many as its test says
  unsigned jobs = 1;                   // threads of each sweep, 1..256; ctest -j runs tests beside
};

// The options of this program; set before the first test runs. Without sagasim's main: the
// defaults.
TestOptions& test_options();

// What has to be added to the command line for the running test to fail again in the same way, such
// as "--from 17 --seeds 1"; forgotten when the next test starts.
std::string& rerun_arguments();

}  // namespace sagasim
