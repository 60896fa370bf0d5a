#include "reports/junit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "tests/reports/samples.h"

namespace sagasim::reports {
namespace {

template <class Report>
std::string junit_of(const Report& report) {
  std::ostringstream out;
  write_junit(out, report);
  return out.str();
}

// A reader of just so much XML as the writer uses: every tag is closed in turn, attributes are
// quoted, and nothing stands unescaped.
bool parses(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t at = xml.find("?>");
  if (!xml.starts_with("<?xml ") || at == std::string::npos) {
    return false;
  }
  for (at += 2; at < xml.size();) {
    if (xml[at] != '<') {
      const auto byte = static_cast<unsigned char>(xml[at]);
      if (xml[at] == '>' || (byte < 0x20 && xml[at] != '\n')) {
        return false;
      }
      if (xml[at] == '&') {
        const std::string entity = xml.substr(at, xml.find(';', at) - at + 1);
        if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;") {
          return false;
        }
      }
      ++at;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) {
      return false;
    }
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (tag.starts_with("/")) {
      if (open.empty() || open.back() != tag.substr(1)) {
        return false;
      }
      open.pop_back();
    } else if (!tag.ends_with("/")) {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) {
      return false;
    }
    at = end + 1;
  }
  return open.empty();
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

TEST(Junit, HasOneCasePerProperty) {
  const std::string xml = junit_of(fake::run_report(8));
  EXPECT_TRUE(parses(xml)) << xml;
  EXPECT_EQ(count(xml, "<testcase "), 2u);
  EXPECT_NE(xml.find("<testsuite name=\"toy\" tests=\"2\" failures=\"0\""), std::string::npos);
  EXPECT_NE(xml.find("classname=\"sagasim.toy\" name=\"SUM-1\""), std::string::npos);
}

TEST(Junit, AFailureHoldsTheRerunLineAndTheFaults) {
  const std::string xml = junit_of(fake::run_report(7));
  EXPECT_TRUE(parses(xml)) << xml;
  EXPECT_EQ(count(xml, "<failure "), 2u);
  EXPECT_NE(xml.find("message=\"12 went in; 11 came out\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("What goes in comes out.\n"), std::string::npos);
  EXPECT_NE(xml.find("front crashes before it sees the answer"), std::string::npos);
  EXPECT_NE(xml.find("rerun: sagasim run toy --seed 7\n"), std::string::npos);
}

TEST(Junit, ASweepFailsThePropertiesOfItsCauses) {
  const std::string xml = junit_of(fake::sweep_report(40));
  EXPECT_TRUE(parses(xml)) << xml;
  EXPECT_EQ(count(xml, "<failure "), 2u);
  EXPECT_NE(xml.find("2 runs, cause END-1/thing"), std::string::npos);
}

TEST(Junit, APropertyViolatedOnlyUnderOtherCausesFailsToo) {
  const std::string xml = junit_of(fake::sweep_report(8));
  EXPECT_EQ(count(xml, "<failure "), 2u) << xml;
  EXPECT_NE(xml.find("violated in 1 run, each under a more specific cause"), std::string::npos);
}

TEST(Junit, InconclusiveIsSkipped) {
  RunReport report = fake::run_report(8);
  report.result.verdict = scenarios::Verdict::kInconclusive;
  const std::string xml = junit_of(report);
  EXPECT_TRUE(parses(xml)) << xml;
  EXPECT_EQ(count(xml, "<skipped message=\"inconclusive\"/>"), 2u);
}

TEST(Junit, APropertyThatNothingPutToTheTestIsSkipped) {
  RunReport run = fake::run_report(9);
  ASSERT_EQ(count(junit_of(run), "<skipped "), 0u);
  run.result.properties.front().second = 0;
  EXPECT_EQ(count(junit_of(run), "<skipped message=\"not exercised: "), 1u) << junit_of(run);
  SweepReport sweep = fake::sweep_report(5);
  ASSERT_EQ(count(junit_of(sweep), "<skipped "), 0u);
  sweep.result.properties.clear();
  EXPECT_EQ(count(junit_of(sweep), "<skipped message=\"not exercised: "), 2u) << junit_of(sweep);
}

TEST(Junit, AnInternalErrorIsAnError) {
  SweepReport report = fake::sweep_report(5);
  report.result.internal_error = search::InternalError{5, "a < b"};
  const std::string xml = junit_of(report);
  EXPECT_TRUE(parses(xml)) << xml;
  EXPECT_NE(xml.find("<error type=\"internal\" message=\"seed 5: a &lt; b\"/>"), std::string::npos);
}

TEST(Junit, StripsWhatXmlCannotHold) {
  EXPECT_EQ(xml_escaped("a\x01<b> & \"c\"\n\xff"), "a &lt;b&gt; &amp; &quot;c&quot;\n?");
  EXPECT_EQ(xml_escaped("x\xef\xbf\xbfy"), "x?y");
  RunReport report = fake::run_report(7);
  report.failure->message = "\x02]]> <&\" \xc3";
  EXPECT_TRUE(parses(junit_of(report))) << junit_of(report);
}

}  // namespace
}  // namespace sagasim::reports
