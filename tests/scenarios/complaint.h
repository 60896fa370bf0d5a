// Complaint: what is said about a bad input, for tests to look at.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scenarios/bad_input.h"

namespace sagasim::scenarios {

// What `action` complains about. A failure of the test if it does not.
template <class Action>
InputError complaint_of(Action action) {
  try {
    action();
  } catch (const BadInput& bad) {
    return bad.error();
  }
  ADD_FAILURE() << "nobody complained";
  return {};
}

// One bad input, and what must be said about it.
struct Bad {
  std::string text;
  int line = 0;
  int column = 0;
  std::string pointer;
  std::vector<std::string> words;  // each of them stands in the message
};

inline void expect_complaint(const InputError& error, const Bad& bad) {
  EXPECT_EQ(error.line, bad.line);
  EXPECT_EQ(error.column, bad.column);
  EXPECT_EQ(error.pointer, bad.pointer);
  for (const std::string& word : bad.words) {
    EXPECT_NE(error.message.find(word), std::string::npos)
        << "no " << word << " in: " << error.message;
  }
}

// Reads each text with `read` and compares what it complains about.
template <class Read>
void expect_complaints(const std::vector<Bad>& list, Read read) {
  for (const Bad& bad : list) {
    SCOPED_TRACE(bad.text.substr(0, 200));
    const InputError error = complaint_of([&] { read(bad.text); });
    EXPECT_EQ(error.file, "bad.json");
    expect_complaint(error, bad);
  }
}

}  // namespace sagasim::scenarios
