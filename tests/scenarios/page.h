// Pages of which a part follows from the sources: tests hold the part to them, or write it anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "scenarios/files.h"

namespace sagasim::scenarios {

// What stands in the file of the checkout between the two marks must be `expected`. With the
// variable SAGASIM_UPDATE set it becomes that instead.
inline void expect_between(const std::string& path, const std::string& begin,
                           const std::string& end, const std::string& expected) {
  const std::string file = SAGASIM_SOURCE_DIR "/" + path;
  std::string text = read_file(file);
  const std::size_t from = text.find(begin);
  ASSERT_NE(from, std::string::npos) << path << " has no " << begin;
  const std::size_t start = from + begin.size();
  const std::size_t stop = text.find(end, start);
  ASSERT_NE(stop, std::string::npos) << path << " has no " << end;
  if (std::getenv("SAGASIM_UPDATE") != nullptr) {
    text.replace(start, stop - start, expected);
    std::ofstream(file) << text;
    return;
  }
  EXPECT_EQ(text.substr(start, stop - start), expected)
      << path << ": tests/golden/update writes it";
}

}  // namespace sagasim::scenarios
