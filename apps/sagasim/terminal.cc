#include "apps/sagasim/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "scenarios/bad_input.h"

namespace sagasim::apps {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool forces(const std::string& value) { return !value.empty() && value != "0"; }

// Handlers may touch nothing but lock-free atomics.
std::atomic<bool> interrupted{false};
std::atomic<std::time_t> interrupted_at{0};
static_assert(std::atomic<bool>::is_always_lock_free);
static_assert(std::atomic<std::time_t>::is_always_lock_free);

void on_signal(int signal) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (!interrupted.exchange(true)) {
    interrupted_at.store(now.tv_sec);
  } else if (now.tv_sec > interrupted_at.load() + 1) {
    // Pressed again: somebody does not want to wait. The same press may signal a process and its
    // group, so what comes within a second is taken for one.
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

// Returns 0, or the error number.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

bool wants_color(const ColorSigns& signs) {
  if (signs.when != ColorWhen::kAuto) return signs.when == ColorWhen::kAlways;
  if (!signs.no_color.empty()) return false;
  if (forces(signs.clicolor_force) || forces(signs.force_color)) return true;
  if (signs.clicolor == "0") return false;
  if (signs.term == "dumb") return false;
  return signs.is_terminal;
}

reports::Style output_style(ColorWhen when) {
  ColorSigns signs;
  signs.when = when;
  signs.no_color = variable("NO_COLOR");
  signs.clicolor_force = variable("CLICOLOR_FORCE");
  signs.force_color = variable("FORCE_COLOR");
  signs.clicolor = variable("CLICOLOR");
  signs.term = variable("TERM");
  signs.is_terminal = ::isatty(STDOUT_FILENO) != 0;
  reports::Style style;
  style.color = wants_color(signs);
  winsize size{};
  if (signs.is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
    style.width = size.ws_col;
  }
  return style;
}

bool can_redraw_stderr() {
  return ::isatty(STDERR_FILENO) != 0 && variable("TERM") != "dumb" && !forces(variable("CI"));
}

bool runs_in_github_actions() { return variable("GITHUB_ACTIONS") == "true"; }

ShardSigns shard_signs() {
  return {variable("GTEST_TOTAL_SHARDS"), variable("GTEST_SHARD_INDEX"),
          variable("GTEST_SHARD_STATUS_FILE")};
}

std::string command_name() {
  const std::string name = variable("SAGASIM_COMMAND");
  return name.empty() ? "sagasim" : reports::shell_quoted(reports::printable(name));
}

void write_output(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) {
    throw ClosedPipe{};
  }
  if (error != 0) {
    scenarios::InputError bad;
    bad.file = "standard output";
    bad.message = std::string("cannot be written: ") + std::strerror(error);
    throw scenarios::BadInput(bad);
  }
}

void write_diagnostic(std::string_view text) { write_all(STDERR_FILENO, text); }

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

InterruptGuard::InterruptGuard() {
  interrupted.store(false);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

const std::atomic<bool>& InterruptGuard::flag() const { return interrupted; }

}  // namespace sagasim::apps
