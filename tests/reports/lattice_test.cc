#include "reports/lattice.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace sagasim::reports {
namespace {

// Three guards: the first is always needed, then one of the other two.
LatticeReport report() {
  LatticeReport report;
  report.scenarios = {"toy"};
  report.seeds = 1'000;
  report.guards = {{"G1", "lock", "It locks.", {"lock=off"}},
                   {"G2", "log", "It logs.", {"log=off"}},
                   {"G3", "limit", "It limits.", {"limit=off"}}};
  report.breaks = {{0b001, "calm", "SUM-1/sum", "12 went in; 11 came out", 0, 2, "a.json"},
                   {0b110, "calm", "END-1/thing", "t1 is open", 1, 3, "b.json"}};
  LatticeClass calm{"calm weather", "Nothing goes wrong.", {{"faults=off"}}, {}, true};
  calm.cells = {{{0b010, 1'000, 0}, {{0, 0}, {2, 1}}, {}, {}},
                {{0b100, 1'000, 0}, {{0, 0}, {1, 1}}, {}, {}}};
  calm.cells[0].certificate = LatticeCertificate{"one-toy", 2, 1'234};
  calm.cells[1].check = LatticeCheck{1'000, 20'000, 0, 0, {}};
  report.classes = {calm};
  report.rerun = "sagasim lattice toy";
  return report;
}

std::string text_of(const LatticeReport& report) {
  std::ostringstream out;
  write_text(out, report, {});
  return out.str();
}

TEST(Lattice, ShowsWhoIsNeeded) {
  EXPECT_EQ(need_of(report().classes[0], 0), Need::kAll);
  EXPECT_EQ(need_of(report().classes[0], 1), Need::kSome);
  LatticeReport other = report();
  other.classes[0].cells.pop_back();
  EXPECT_EQ(need_of(other.classes[0], 1), Need::kNone);
  EXPECT_EQ(need_of(other.classes[0], 2), Need::kAll);
}

TEST(Lattice, IsAPageOfText) {
  EXPECT_EQ(
      text_of(report()),
      "COMPLETE  toy: 3 guards against one class of trouble, 1,000 seeds for each minimal set\n"
      "\n"
      "              calm\n"
      "  G1   lock   x   \n"
      "  G2   log    o   \n"
      "  G3   limit  o   \n"
      "  x: needed; o: one way among others; .: not needed\n"
      "\n"
      "  calm weather: 2 minimal sets\n"
      "  without     G2 log\n"
      "              held in 1,000 runs, so fewer than 0.300 % fail; none of 1,234 combinations "
      "of at most\n"
      "              2 faults over one-toy breaks anything\n"
      "  without     G3 limit\n"
      "              held in 1,000 runs, so fewer than 0.300 % fail; checked with 20,000 other "
      "seeds\n"
      "\n"
      "  What breaks without them:\n"
      "  without     G1: SUM-1/sum with 0 faults: 12 went in; 11 came out (a.json)\n"
      "  without     G2 G3: END-1/thing with 1 fault: t1 is open (b.json)\n"
      "\n"
      "  runs        0 with 1 thread\n"
      "\n"
      "rerun: sagasim lattice toy\n");
}

TEST(Lattice, IsAPageOfMarkdown) {
  std::ostringstream out;
  write_markdown(out, report());
  const std::string text = out.str();
  for (const char* line :
       {"| guard | calm weather |\n| --- | :---: |\n| G1 lock | ● |\n| G2 log | ◐ |\n",
        "| calm weather | G2 log | held in 1,000 runs",
        "| G2 log, G3 limit | END-1/thing: t1 is open | calm | 1 | "
        "[b](../scenarios/lattice/b.json) |\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
}

TEST(Lattice, FailsWhereACheckFindsSomethingElse) {
  EXPECT_EQ(verdict_of(report()), scenarios::Verdict::kPass);
  LatticeReport unfinished = report();
  unfinished.classes[0].complete = false;
  EXPECT_EQ(verdict_of(unfinished), scenarios::Verdict::kInconclusive);
  EXPECT_TRUE(text_of(unfinished).starts_with("UNFINISHED"));

  LatticeReport broken = report();
  broken.classes[0].cells[1].check->failed = 2;
  broken.classes[0].cells[1].check->first_seed = 77;
  EXPECT_EQ(verdict_of(broken), scenarios::Verdict::kFail);
  EXPECT_NE(text_of(broken).find("BROKEN by 2 of 20,000 other seeds"), std::string::npos);

  LatticeReport spared = report();
  spared.classes[0].cells[0].needs[0].fails = false;
  EXPECT_EQ(verdict_of(spared), scenarios::Verdict::kFail);
  EXPECT_NE(text_of(spared).find("a.json does not fail"), std::string::npos);

  LatticeReport stale = report();
  stale.breaks[1].fails = false;
  EXPECT_EQ(verdict_of(stale), scenarios::Verdict::kFail);
  EXPECT_NE(text_of(stale).find("DOES NOT FAIL ANY MORE"), std::string::npos);

  LatticeReport hopeless = report();
  hopeless.classes[0].cells.clear();
  EXPECT_EQ(verdict_of(hopeless), scenarios::Verdict::kFail);
  EXPECT_NE(text_of(hopeless).find("nothing is enough"), std::string::npos);
}

}  // namespace
}  // namespace sagasim::reports
