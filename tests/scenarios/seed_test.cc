#include "scenarios/seed.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "tests/scenarios/complaint.h"

namespace sagasim::scenarios {
namespace {

constexpr const char* kHash = "3f786850e387550fdab836ed7e6dc881de23001b";

TEST(Seed, DecimalAndHexadecimalNumbersAreThemselves) {
  EXPECT_EQ(parse_seed("0"), 0u);
  EXPECT_EQ(parse_seed("7"), 7u);
  EXPECT_EQ(parse_seed("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_seed("0xff"), 255u);
  EXPECT_EQ(parse_seed("0XFFFFFFFFFFFFFFFF"), std::numeric_limits<std::uint64_t>::max());
}

TEST(Seed, AGitHashIsOneSeedInEveryBuild) {
  EXPECT_EQ(parse_seed(kHash), 5'353'084'000'994'701'835u);
  EXPECT_EQ(parse_seed("3F786850E387550FDAB836ED7E6DC881DE23001B"), parse_seed(kHash));
}

TEST(Seed, EveryDigitOfAGitHashCounts) {
  std::set<std::uint64_t> seeds;
  for (int i = 0; i < 40; ++i) {
    std::string hash(40, '0');
    hash[static_cast<std::string::size_type>(i)] = '1';
    seeds.insert(parse_seed(hash));
  }
  EXPECT_EQ(seeds.size(), 40u);
}

TEST(Seed, AnythingElseIsRefused) {
  for (const char* text :
       {"", "-1", "+1", " 1", "1 ", "1.0", "seven", "0x", "0xg", "ff", "1e3",
        "18446744073709551616", "0x10000000000000000", "zf786850e387550fdab836ed7e6dc881de23001b",
        "3f786850e387550fdab836ed7e6dc881de23001"}) {
    SCOPED_TRACE(text);
    const InputError error = complaint_of([&] { parse_seed(text); });
    EXPECT_EQ(error.file, "--seed");
    EXPECT_NE(error.message.find("no seed"), std::string::npos);
    EXPECT_NE(error.message.find("git hash of 40 digits"), std::string::npos);
  }
}

}  // namespace
}  // namespace sagasim::scenarios
