// Trace: every operation of one run, for other tools. JSON lines hold everything; the Chrome form
// is for chrome://tracing and Perfetto.
#pragma once

#include <optional>
#include <ostream>
#include <string_view>

#include "reports/summary.h"
#include "search/recording.h"

namespace sagasim::reports {

// Of the JSON lines; their first line holds it. Another number is another format.
inline constexpr int kTraceVersion = 1;

enum class TraceFormat : std::uint8_t { kJsonLines, kChrome, kMermaid };

// "jsonl", "chrome", "mermaid".
std::optional<TraceFormat> parse_trace_format(std::string_view text);
// By the ending of a file: .jsonl, .json (Chrome), .mmd or .mermaid.
std::optional<TraceFormat> trace_format_of(std::string_view path);

void write_trace(std::ostream& out, TraceFormat format, const Target& target,
                 const scenarios::RunResult& result, const search::Recording& recording);

}  // namespace sagasim::reports
