#include "scenarios/duration_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace sagasim::scenarios {
namespace {

TEST(DurationText, ReadsANumberWithAUnit) {
  EXPECT_EQ(parse_duration("0 s"), sim::Duration{});
  EXPECT_EQ(parse_duration("7ns"), sim::nanoseconds(7));
  EXPECT_EQ(parse_duration("100 us"), sim::microseconds(100));
  EXPECT_EQ(parse_duration("250  ms"), sim::milliseconds(250));
  EXPECT_EQ(parse_duration("1.5 s"), sim::milliseconds(1'500));
  EXPECT_EQ(parse_duration("5 min"), sim::seconds(300));
  EXPECT_EQ(parse_duration("0.5 h"), sim::seconds(1'800));
  EXPECT_EQ(parse_duration("30 d"), sim::seconds(30 * 86'400));
  EXPECT_EQ(parse_duration("1.000000000 s"), sim::seconds(1));
  EXPECT_EQ(parse_duration("9223372036854775807 ns"), sim::Duration::max());
}

TEST(DurationText, RefusesWhatIsNoExactDuration) {
  for (const char* text : {"",
                           "s",
                           "5",
                           "-1 s",
                           "+1 s",
                           " 1 s",
                           "1 s ",
                           "1,5 s",
                           "1. s",
                           ".5 s",
                           "1e3 s",
                           "1 S",
                           "1 seconds",
                           "0x1 s",
                           "0.5 ns",
                           "1.0000000001 s",
                           "9223372036854775808 ns",
                           "18446744073709551616 ns",
                           "200000 d",
                           "0.0000000000000000001 d"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(DurationText, WritesInTheUnitThatReadsBest) {
  EXPECT_EQ(to_text(sim::Duration{}), "0 s");
  EXPECT_EQ(to_text(sim::nanoseconds(999)), "999 ns");
  EXPECT_EQ(to_text(sim::microseconds(100)), "100 us");
  EXPECT_EQ(to_text(sim::nanoseconds(1'500)), "1.5 us");
  EXPECT_EQ(to_text(sim::milliseconds(250)), "250 ms");
  EXPECT_EQ(to_text(sim::milliseconds(1'250)), "1.25 s");
  EXPECT_EQ(to_text(sim::seconds(15)), "15 s");
  EXPECT_EQ(to_text(sim::seconds(90)), "90 s");
  EXPECT_EQ(to_text(sim::seconds(3'600)), "1 h");
  EXPECT_EQ(to_text(sim::seconds(86'400 * 30)), "30 d");
  EXPECT_EQ(to_text(sim::kStart + sim::nanoseconds(1'234'567'891)), "1.234567891 s");
}

TEST(DurationText, WhatIsWrittenIsReadBackAsTheSame) {
  for (std::int64_t n = 1; n < std::numeric_limits<std::int64_t>::max() / 7; n = n * 7 + n % 13) {
    for (const sim::Duration each : {sim::nanoseconds(n), sim::nanoseconds(n / 1'000 * 1'000)}) {
      EXPECT_EQ(parse_duration(to_text(each)), each);
    }
  }
  EXPECT_EQ(parse_duration(to_text(sim::Duration::max())), sim::Duration::max());
}

}  // namespace
}  // namespace sagasim::scenarios
