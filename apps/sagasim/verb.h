// Verb: one of the words after `sagasim`. It adds itself to the command line and does its job if it
// is the one that was called.
#pragma once

#include <CLI/CLI.hpp>

namespace sagasim::apps {

class Verb {
 public:
  virtual ~Verb() = default;
  // Its part of the command line. Belongs to the app that it was added to.
  virtual const CLI::App& command() const = 0;
  // Returns an exit code. Throws scenarios::BadInput for what is the user's to mend; anything else
  // that is thrown is a defect.
  virtual int execute() = 0;
};

}  // namespace sagasim::apps
