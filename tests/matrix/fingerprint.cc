// fingerprint: what a seed means here. Reads the list golden/fingerprints.txt from standard input
// (scenario, seed, fingerprint, settings) and writes it with the fingerprints that came out on this
// platform, so that a comparison of the two files is the answer. No threads, no files, no command
// line: whatever can run the universe can run this. Exit code: 0.

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/library.h"
#include "scenarios/shop_system.h"

int main() {
  using namespace sagasim;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty() || line.front() == '#') {
      std::puts(line.c_str());
      continue;
    }
    std::istringstream words(line);
    std::string scenario;
    std::uint64_t seed = 0;
    std::string recorded;
    words >> scenario >> seed >> recorded;
    std::vector<std::string> settings;
    for (std::string setting; words >> setting;) {
      settings.push_back(setting);
    }
    const auto result =
        scenarios::make_shop(scenarios::load(scenario, settings))->run({.seed = seed});
    std::printf("%s %" PRIu64 " %016" PRIx64, scenario.c_str(), seed, result.fingerprint);
    for (const std::string& setting : settings) {
      std::printf(" %s", setting.c_str());
    }
    std::puts("");
  }
}
