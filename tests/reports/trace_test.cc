#include "reports/trace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/reports/samples.h"

namespace sagasim::reports {
namespace {

using fake::Story;
using Json = nlohmann::json;

std::string trace_of(TraceFormat format) {
  Story story;
  search::Recording recording;
  const sim::Operation first = story.call(1, 10);
  sim::Operation second = story.call(2, 20);
  second.cause = first.id;
  Story::play(recording, first);
  Story::play(recording, second, Story::crash());
  // A window, and a step that was never taken and has causes of its own.
  RunReport report = fake::run_report(7);
  faults::WindowFault window;
  window.target = "back-office#2";
  window.until = sim::kStart + sim::seconds(1);
  report.result.plan.windows.push_back(window);
  recording.on_cause(0xabc, second.id);
  recording.on_cause(faults::identity_of(window), 0xabc);
  recording.on_cause(second.id, 0xabc);
  std::ostringstream out;
  write_trace(out, format, report.target, report.result, recording);
  return out.str();
}

TEST(Trace, FormatGoesByTheEnding) {
  EXPECT_EQ(trace_format_of("a/b.jsonl"), TraceFormat::kJsonLines);
  EXPECT_EQ(trace_format_of("b.json"), TraceFormat::kChrome);
  EXPECT_EQ(trace_format_of("b.mmd"), TraceFormat::kMermaid);
  EXPECT_FALSE(trace_format_of("b.txt").has_value());
  EXPECT_FALSE(trace_format_of("").has_value());
  EXPECT_EQ(parse_trace_format("chrome"), TraceFormat::kChrome);
  EXPECT_FALSE(parse_trace_format("json").has_value());
}

TEST(Trace, JsonLinesHoldEveryOperationWithItsCauses) {
  std::istringstream lines(trace_of(TraceFormat::kJsonLines));
  std::vector<Json> all;
  for (std::string line; std::getline(lines, line);) {
    all.push_back(Json::parse(line));
  }
  ASSERT_EQ(all.size(), 5u);  // a head, two operations, two violations
  EXPECT_EQ(all[0]["trace"], "sagasim");
  EXPECT_EQ(all[0]["version"], kTraceVersion);
  EXPECT_EQ(all[0]["seed"], "7");
  EXPECT_EQ(all[1]["name"], "front/desk(t1.2)/call:ask(t1.2)");
  EXPECT_EQ(all[1]["at_ns"], 10'000'000);
  EXPECT_EQ(all[1]["end_ns"], 13'000'000);
  EXPECT_EQ(all[1]["outcome"], "ok");
  EXPECT_EQ(all[1]["to"], "back-office");
  EXPECT_TRUE(all[2]["end_ns"].is_null());
  EXPECT_EQ(all[2]["effect"]["kind"], "crash");
  EXPECT_EQ(all[2]["causes"],
            Json::array({"front/desk(t1.2)/call:ask(t1.2)", "outage of back-office#2"}))
      << "whatever has no name is told by its own causes";
  EXPECT_EQ(all[3]["violation"], "SUM-1");
}

TEST(Trace, ChromeEventsBeginAndEnd) {
  const Json json = Json::parse(trace_of(TraceFormat::kChrome));
  int begun = 0;
  int ended = 0;
  int instants = 0;
  for (const Json& event : json["traceEvents"]) {
    begun += event["ph"] == "b" ? 1 : 0;
    ended += event["ph"] == "e" ? 1 : 0;
    instants += event["ph"] == "i" ? 1 : 0;
  }
  EXPECT_EQ(begun, 2);
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(instants, 3);  // a fault and two violations
  EXPECT_EQ(json["otherData"]["seed"], "7");
}

TEST(Trace, MermaidTellsTheFirstViolation) {
  const std::string text = trace_of(TraceFormat::kMermaid);
  EXPECT_TRUE(text.starts_with("sequenceDiagram\n"));
  EXPECT_NE(text.find("VIOLATION SUM-1"), std::string::npos) << text;
}

}  // namespace
}  // namespace sagasim::reports
