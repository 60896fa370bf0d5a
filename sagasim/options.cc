#include "sagasim/options.h"

namespace sagasim {

TestOptions& test_options() {
  static TestOptions options;
  return options;
}

std::string& rerun_arguments() {
  static std::string arguments;
  return arguments;
}

}  // namespace sagasim
