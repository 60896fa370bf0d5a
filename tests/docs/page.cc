#include "tests/docs/page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace sagasim::docs {
namespace {

std::string content_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

void expect_between(const std::string& path, const std::string& begin, const std::string& end,
                    const std::string& expected) {
  const std::string file = SAGASIM_SOURCE_DIR "/" + path;
  std::string text = content_of(file);
  const std::size_t from = text.find(begin);
  ASSERT_NE(from, std::string::npos) << path << " has no " << begin;
  const std::size_t start = from + begin.size();
  const std::size_t stop = text.find(end, start);
  ASSERT_NE(stop, std::string::npos) << path << " has no " << end;
  if (std::getenv("SAGASIM_UPDATE") != nullptr) {
    text.replace(start, stop - start, expected);
    std::ofstream(file, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text.substr(start, stop - start), expected)
      << path << ": tests/golden/update writes it";
}

}  // namespace sagasim::docs
