// Figures: every measurement of the table, as benchmarks of Google Benchmark.
#pragma once

#include <string>

namespace sagasim::bench {

struct FigureOptions {
  std::string filter = ".";  // a regular expression over the names
  std::string json;          // a file to write as well; empty: none
  bool quick = false;        // shorter runs, for a look
};

// Measures and prints the table. Returns the exit code.
int print_figures(const FigureOptions& options);

}  // namespace sagasim::bench
