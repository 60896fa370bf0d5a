// Command: runs the built sagasim as a user does, in a folder of its own.
#pragma once

#include <string>
#include <vector>

namespace sagasim::cli {

struct Answer {
  int code = -1;  // -1: it ended in another way than by exiting
  std::string out;
  std::string err;
};

// An empty folder that vanishes with it.
class Workshop {
 public:
  Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop();

  // Runs `sagasim ARGUMENTS` in the folder by way of a shell, so arguments are quoted as in one and
  // may redirect. `before` comes first: variables, or a command that runs the rest.
  Answer sagasim(const std::string& arguments, const std::string& before = "") const;
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  bool exists(const std::string& name) const;
  // Names of everything in the folder or in one below it, in order.
  std::vector<std::string> files(const std::string& below = ".") const;

 private:
  std::string folder_;
};

}  // namespace sagasim::cli
