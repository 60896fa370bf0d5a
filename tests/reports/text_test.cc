#include "reports/text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/reports/samples.h"

namespace sagasim::reports {
namespace {

template <class Report>
std::string text_of_report(const Report& report, const Style& style = {}) {
  std::ostringstream out;
  write_text(out, report, style);
  return out.str();
}

TEST(Text, ARunThatPasses) {
  EXPECT_EQ(text_of_report(fake::run_report(8)),
            "PASS  toy (plain, guard=off) seed 8: all properties held\n"
            "\n"
            "  things      ended 2 · started 3\n"
            "  injected    2 faults · delay 2\n"
            "  checked     1 of 2 properties had something to judge\n"
            "  operations  101 in 1.500 s of virtual time\n"
            "  fingerprint " +
                search::fingerprint_text(sim::mix(8)) +
                "\n"
                "\n"
                "rerun: sagasim run toy --seed 8\n");
}

TEST(Text, TheFirstScreenOfAFailureKeepsItsOrder) {
  EXPECT_EQ(
      text_of_report(fake::run_report(7)),
      "FAIL  toy (plain, guard=off) seed 7: SUM-1/sum\n"
      "  property    SUM-1: What goes in comes out.\n"
      "  violated    s1 at 0.500 s: 12 went in; 11 came out\n"
      "              and 1 violation more in the same run\n"
      "  faults      at 0.100 s  nothing passes between front and back-office for 300 ms\n"
      "              at 0.250 s  front/desk(t1.2)/call:ask(t1.2)#2: front crashes before it sees "
      "the answer, back after 2 s\n"
      "  reproduce   sagasim run toy --seed 7\n"
      "  files       out/repro.json\n"
      "              out/repro.mmd\n"
      "\n"
      "  things      ended 2 · started 3\n"
      "  injected    1 fault · delay 1\n"
      "  checked     2 of 2 properties had something to judge\n"
      "  operations  100 in 1.500 s of virtual time\n"
      "  fingerprint " +
          search::fingerprint_text(sim::mix(7)) +
          "\n"
          "\n"
          "rerun: sagasim run toy --seed 7\n");
}

TEST(Text, WhatIsStuckStandsBeforeTheFaultsAndNotAllOfItIsTold) {
  RunReport report = fake::run_report(7);
  for (std::uint32_t i = 1; i <= 5; ++i) {
    report.failure->stuck.push_back({sim::Subject('t', i), "lost", "nobody works on it any more"});
  }
  const std::string text = text_of_report(report);
  EXPECT_NE(text.find("              and 1 violation more in the same run\n"
                      "  stuck       t1 lost: nobody works on it any more\n"
                      "  stuck       t2 lost: nobody works on it any more\n"
                      "  stuck       t3 lost: nobody works on it any more\n"
                      "              and 2 more\n"
                      "  faults      "),
            std::string::npos)
      << text;
}

TEST(Text, AnUndecidedRunSaysWhatCouldNotHaveGoneOn) {
  RunReport report = fake::run_report(8);
  report.result.verdict = scenarios::Verdict::kInconclusive;
  report.result.stuck = {{sim::Subject('t', 1), "node-down", "t waits for desk, which is down"}};
  const std::string text = text_of_report(report);
  EXPECT_NE(text.find("horizon\n  stuck       t1 node-down: t waits for desk, which is down\n"),
            std::string::npos)
      << text;
}

TEST(Text, ASweepThatPassesShowsWhatItChecked) {
  EXPECT_EQ(text_of_report(fake::sweep_report(6)),
            "PASS  toy (plain, guard=off): all properties held in 6 runs\n"
            "\n"
            "  runs        6, seeds 0 to 5\n"
            "  speed       3 runs/s · 9 things/s · 308 operations/s · 2.0 s with 1 thread\n"
            "  things      ended 12 · started 18\n"
            "  injected    6 faults · delay 6\n"
            "  checked     SUM-1 24 · END-1 3\n"
            "  outlook     with 95 % confidence fewer than 50.00 % of further seeds fail\n"
            "  coverage    4 of 6 situations met; about one run in 3 meets a new one\n"
            "  digest      " +
                search::fingerprint_text(fake::sweep_report(6).result.digest) +
                " of all seeds and fingerprints\n"
                "\n"
                "rerun: sagasim sweep toy --seeds 6\n");
}

TEST(Text, ASweepThatFailsTellsEachCauseAndEndsWithTheRerunLine) {
  const std::string text = text_of_report(fake::sweep_report(40));
  EXPECT_TRUE(
      text.starts_with("FAIL  toy (plain, guard=off): 4 of 40 runs failed, 2 causes\n"
                       "\n"
                       "1. SUM-1/sum  2 runs, first seed 7\n"
                       "  property    SUM-1: What goes in comes out.\n"))
      << text;
  EXPECT_NE(text.find("2. END-1/thing  2 runs, first seed 17\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\nrerun: sagasim run toy --seed 7\n")) << text;
}

TEST(Text, AnInternalErrorIsNoVerdict) {
  SweepReport report = fake::sweep_report(5);
  report.result.internal_error = search::InternalError{5, "time ran backwards"};
  const std::string text = text_of_report(report);
  EXPECT_TRUE(text.starts_with("INTERNAL ERROR  seed 5: time ran backwards\n")) << text;
  EXPECT_EQ(text.find("PASS"), std::string::npos);
}

TEST(Text, InconclusiveIsNeitherPassNorFail) {
  SweepReport report = fake::sweep_report(5);
  report.result.inconclusive = 1;
  report.result.first_inconclusive_seed = 3;
  const std::string text = text_of_report(report);
  EXPECT_TRUE(
      text.starts_with("INCONCLUSIVE  toy (plain, guard=off): no violation in 5 runs, but "
                       "1 undecided within the horizon, first seed 3\n"))
      << text;
}

TEST(Text, AReplayThatDiffersSaysInWhat) {
  RunReport report = fake::run_report(8);
  report.is_replay = true;
  report.differences = {{"property", "SUM-1", "no violation"}};
  EXPECT_TRUE(text_of_report(report).starts_with(
      "DIFFERENT  toy (plain, guard=off) seed 8: not the run that was expected\n"
      "  property    expected SUM-1, got no violation\n"));
}

TEST(Text, ColourAddsNothingButColour) {
  std::string text = text_of_report(fake::run_report(7), {.color = true});
  EXPECT_NE(text.find("\x1b[1;31mFAIL\x1b[0m"), std::string::npos);
  for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  EXPECT_EQ(text, text_of_report(fake::run_report(7)));
}

}  // namespace
}  // namespace sagasim::reports
