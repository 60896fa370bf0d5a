#include "scenarios/bad_input.h"

#include <utility>

namespace sagasim::scenarios {
namespace {

std::string to_text(const InputError& error) {
  std::string text = error.file;
  if (error.line > 0) {
    text += ':' + std::to_string(error.line) + ':' + std::to_string(error.column);
    if (!error.pointer.empty()) {
      text += ": " + error.pointer;
    }
  }
  return text + ": " + error.message;
}

}  // namespace

BadInput::BadInput(InputError error)
    : std::runtime_error(to_text(error)), error_(std::move(error)) {}

}  // namespace sagasim::scenarios
