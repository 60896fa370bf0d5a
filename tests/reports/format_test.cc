#include "reports/format.h"

#include <gtest/gtest.h>

namespace sagasim::reports {
namespace {

TEST(Format, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(18446744073709551615u), "18,446,744,073,709,551,615");
}

TEST(Format, RoundsWithoutALocale) {
  EXPECT_EQ(rounded(0, 0), "0");
  EXPECT_EQ(rounded(1234.56, 1), "1,234.6");
  EXPECT_EQ(rounded(0.05, 2), "0.05");
  EXPECT_EQ(rounded(-1, 2), "-");
  EXPECT_EQ(rounded(0.0 / 0.0, 2), "-");
}

TEST(Format, CountsInSingularAndPlural) {
  EXPECT_EQ(plural(1, "run"), "1 run");
  EXPECT_EQ(plural(0, "run"), "0 runs");
  EXPECT_EQ(plural(2000, "run"), "2,000 runs");
}

TEST(Format, DurationsChooseTheirUnit) {
  EXPECT_EQ(text_of(sim::Duration{}), "0 s");
  EXPECT_EQ(text_of(sim::nanoseconds(850)), "850 ns");
  EXPECT_EQ(text_of(sim::microseconds(12)), "12 us");
  EXPECT_EQ(text_of(sim::milliseconds(2) + sim::microseconds(500)), "2.5 ms");
  EXPECT_EQ(text_of(sim::seconds(90)), "90 s");
  EXPECT_EQ(text_of(sim::seconds(-2)), "-2 s");
}

TEST(Format, InstantsAreInSeconds) {
  EXPECT_EQ(text_of(sim::kStart + sim::milliseconds(12345)), "12.345 s");
  EXPECT_EQ(text_of(sim::kStart + sim::seconds(2)), "2.000 s");
  EXPECT_EQ(text_of(sim::kNever), "never");
}

TEST(Format, QuotesForAShell) {
  EXPECT_EQ(shell_quoted("checkout"), "checkout");
  EXPECT_EQ(shell_quoted("shop.users=5"), "shop.users=5");
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted(""), "''");
}

TEST(Format, WrapsListsAtItems) {
  EXPECT_EQ(wrapped({"aaa", "bbb", "ccc"}, " ", 2, 10), "aaa bbb\n  ccc");
  EXPECT_EQ(wrapped({"a-long-word-of-its-own"}, " ", 2, 10), "a-long-word-of-its-own");
}

TEST(Format, PrintsNothingThatATerminalWouldObey) {
  EXPECT_EQ(printable("a\x1b[31mb\nc"), "a [31mb c");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");  // half of a surrogate pair
}

TEST(Format, PaintsOnlyWhereColourIsWanted) {
  EXPECT_EQ(paint({}, Paint::kBad, "FAIL"), "FAIL");
  EXPECT_EQ(paint({.color = true}, Paint::kBad, "FAIL"), "\x1b[1;31mFAIL\x1b[0m");
}

}  // namespace
}  // namespace sagasim::reports
