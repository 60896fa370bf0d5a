// Screen: how results look on a terminal: labelled paragraphs, and a failure told the same way
// wherever there is one.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "reports/format.h"
#include "reports/summary.h"

namespace sagasim::reports {

// Prints a labelled paragraph; what follows the first line stands under it.
class Screen {
 public:
  static constexpr std::size_t kLabel = 12;

  Screen(std::ostream& out, const Style& style) : out_(out), style_(style) {}

  void line(const std::string& text) { out_ << text << '\n'; }
  void gap() { out_ << '\n'; }

  void field(const std::string& label, const std::string& text) {
    out_ << "  " << paint(style_, Paint::kFaint, label)
         << std::string(label.size() < kLabel ? kLabel - label.size() : 1, ' ') << text << '\n';
  }
  void more(const std::string& text) { out_ << std::string(kLabel + 2, ' ') << text << '\n'; }
  void list(const std::string& label, const std::vector<std::string>& items,
            const std::string& separator) {
    if (!items.empty()) {
      field(label, wrapped(items, separator, kLabel + 2, style_.width));
    }
  }
  // Words of a sentence, wrapped.
  void prose(const std::string& label, const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text + ' ') {
      if (c != ' ') {
        word += c;
      } else if (!word.empty()) {
        words.push_back(std::move(word));
        word.clear();
      }
    }
    list(label, words, " ");
  }

  const Style& style() const { return style_; }

 private:
  std::ostream& out_;
  const Style& style_;
};

// "checkout (resilient, publish=direct)".
std::string title(const Target& target);

// What came to no end; one reason can hold up many, so not all of them are told.
void tell_stuck(Screen& screen, const std::vector<scenarios::StuckSubject>& stuck);

// The first screen of a failure; its order is a contract: what should hold, what happened instead,
// what came to no end and why, which faults led there, how to see it again, where the files are.
void tell(Screen& screen, const Failure& failure);

}  // namespace sagasim::reports
