#include "reports/github.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/reports/samples.h"

namespace sagasim::reports {
namespace {

TEST(Annotations, EscapeTitlesAndMessagesEachInTheirWay) {
  RunReport report = fake::run_report(7);
  report.target.scenario = "a,b";
  report.failure->message = "100 %";
  std::ostringstream out;
  write_annotations(out, report.target, {*report.failure});
  EXPECT_EQ(out.str(),
            "::error title=sagasim a%2Cb%3A SUM-1::What goes in comes out.%0As1 at 0.500 s: "
            "100 %25%0Arerun: sagasim run toy --seed 7\n");
}

TEST(Annotations, AreAtMostEightAndACount) {
  const std::vector<Failure> failures(30, *fake::run_report(7).failure);
  std::ostringstream out;
  write_annotations(out, {"toy", "", {}}, failures);
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 9);
  EXPECT_TRUE(text.ends_with("::error title=sagasim toy::and 22 causes more\n")) << text;
}

}  // namespace
}  // namespace sagasim::reports
