#include "reports/github.h"

#include <string_view>

namespace sagasim::reports {
namespace {

constexpr std::size_t kAnnotations = 8;

// Values of properties end at ':' and ',' too; the message does not.
std::string escaped(std::string_view text, bool is_property) {
  std::string result;
  for (const char c : text) {
    if (c == '%') {
      result += "%25";
    } else if (c == '\r') {
      result += "%0D";
    } else if (c == '\n') {
      result += "%0A";
    } else if (is_property && c == ':') {
      result += "%3A";
    } else if (is_property && c == ',') {
      result += "%2C";
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

void write_annotations(std::ostream& out, const Target& target,
                       const std::vector<Failure>& failures) {
  for (std::size_t i = 0; i < failures.size(); ++i) {
    const Failure& failure = failures[i];
    if (i == kAnnotations) {
      out << "::error title=" << escaped("sagasim " + target.scenario, true) << "::and "
          << plural(failures.size() - i, "cause") << " more\n";
      return;
    }
    const std::string title = "sagasim " + target.scenario + ": " + failure.property;
    const std::string message = failure.description + "\n" + failure.subject + " at " +
                                text_of(failure.at) + ": " + printable(failure.message) +
                                "\nrerun: " + failure.rerun;
    out << "::error title=" << escaped(title, true) << "::" << escaped(message, false) << "\n";
  }
}

}  // namespace sagasim::reports
