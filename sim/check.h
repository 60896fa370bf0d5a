// Checks for errors of the kernel and of programming. They are on in every build and stop the run.
//
// A broken business rule is never a check: finding those is what properties are for.
#pragma once

#include <stdexcept>
#include <string>

namespace sagasim::sim {

// Thrown by SAGASIM_CHECK; caught in one place, the boundary of a run, which adds seed and time.
class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Out of line: what checks is hot, what fails is not.
[[noreturn]] [[gnu::cold]] [[gnu::noinline]] inline void check_failed(const char* what,
                                                                      const char* file, int line) {
  throw CheckFailure(std::string(what) + " (" + file + ":" + std::to_string(line) + ")");
}

}  // namespace sagasim::sim

#define SAGASIM_CHECK(condition, what)                          \
  do {                                                          \
    if (!(condition)) [[unlikely]] {                            \
      ::sagasim::sim::check_failed((what), __FILE__, __LINE__); \
    }                                                           \
  } while (false)
