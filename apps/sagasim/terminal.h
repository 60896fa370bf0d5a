// Terminal: where results and diagnostics go, and whether in colour. What the environment says is
// read here and nowhere else.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "reports/format.h"

namespace sagasim::apps {

// --color, in words.
enum class ColorWhen { kAuto, kAlways, kNever };

// What decides about colour, as it was found. The first that speaks wins: --color, NO_COLOR,
// CLICOLOR_FORCE and FORCE_COLOR, CLICOLOR=0, TERM=dumb, and at last whether it is a terminal. An
// empty variable is an absent one; a FORCE variable that is 0 says nothing.
struct ColorSigns {
  ColorWhen when = ColorWhen::kAuto;
  std::string no_color;
  std::string clicolor_force;
  std::string force_color;
  std::string clicolor;
  std::string term;
  bool is_terminal = false;
};
bool wants_color(const ColorSigns& signs);

// For results.
reports::Style output_style(ColorWhen when);

// True for a terminal that can redraw a line, outside of CI.
bool can_redraw_stderr();
bool runs_in_github_actions();
// How the user called sagasim: `sagasim`, or what SAGASIM_COMMAND says, such as `./run`.
std::string command_name();

// Which share of the work this process is to do, as whoever runs tests in shards says it: the
// variables GTEST_TOTAL_SHARDS, GTEST_SHARD_INDEX (from 0) and GTEST_SHARD_STATUS_FILE, empty where
// they are absent.
struct ShardSigns {
  std::string total;
  std::string index;
  std::string status_file;
};
ShardSigns shard_signs();

// Writes to standard output. Throws BadInput if that fails, and ClosedPipe if nobody reads it any
// more.
struct ClosedPipe {};
void write_output(std::string_view text);
// Writes to standard error, and does not care.
void write_diagnostic(std::string_view text);

// The wall clock in seconds, from anywhere.
double seconds_now();

// While it lives, the first Ctrl-C (or SIGTERM) sets the flag, and the second one ends the process.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();
  const std::atomic<bool>& flag() const;
};

}  // namespace sagasim::apps
