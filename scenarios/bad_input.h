// BadInput: what is wrong with something that a person wrote, where it is, and what to do about it.
// Everything that reads files, settings or names throws it, and nothing else, for a bad input.
#pragma once

#include <stdexcept>
#include <string>

namespace sagasim::scenarios {

struct InputError {
  std::string file{};     // the file; or what else was given, such as `--set shop.users=-1`
  int line = 0;           // from 1; 0 where the error is no place in a text
  int column = 0;         // from 1, in characters
  std::string pointer{};  // JSON pointer of the value or key; empty for the whole
  std::string message{};  // what is wrong, and in brackets what was expected
};

// what() reads `file:line:column: /pointer: message (expected …)`, without the parts that are
// absent.
class BadInput : public std::runtime_error {
 public:
  explicit BadInput(InputError error);
  const InputError& error() const { return error_; }

 private:
  InputError error_;
};

}  // namespace sagasim::scenarios
