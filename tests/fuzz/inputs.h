// Inputs: what each kind of file that people hand to sagasim is put through, whatever is in it. It
// is either refused by the error that says what is wrong, or read, and then it can be written, is
// the same when it is read again, and is good for a run.
#pragma once

#include <span>
#include <stdexcept>
#include <string_view>

namespace sagasim::fuzz {

// Sagasim was wrong about an input.
class Defect : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

struct Input {
  const char* name;                     // of its fuzzer and of the folder of its corpus
  void (*take)(std::string_view text);  // throws Defect
};

// "scenario", "plan", "repro" and "campaign".
std::span<const Input> inputs();

}  // namespace sagasim::fuzz
