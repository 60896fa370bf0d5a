#include "tests/cli/command.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace sagasim::cli {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

Workshop::Workshop() {
  std::string name = (fs::path(testing::TempDir()) / "sagasim-cli-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    ADD_FAILURE() << "no folder for the test: " << name;
  }
  folder_ = name;
  fs::create_directory(folder_ + "/here");
}

Workshop::~Workshop() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Answer Workshop::sagasim(const std::string& arguments, const std::string& before) const {
  // What the tests' own environment says of colours and CI is not what they are about.
  const std::string clean =
      "env -u NO_COLOR -u CLICOLOR -u CLICOLOR_FORCE -u FORCE_COLOR -u CI -u GITHUB_ACTIONS "
      "-u SAGASIM_COMMAND ";
  const std::string line = "cd '" + folder_ + "/here' && { " + clean + before + " '" +
                           SAGASIM_BINARY + "' " + arguments + " ; } >'" + folder_ + "/out' 2>'" +
                           folder_ + "/err' </dev/null";
  const int status = std::system(line.c_str());
  Answer answer;
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  answer.out = content_of(folder_ + "/out");
  answer.err = content_of(folder_ + "/err");
  return answer;
}

void Workshop::write(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ + "/here/" + name, std::ios::binary) << text;
}

std::string Workshop::read(const std::string& name) const {
  return content_of(folder_ + "/here/" + name);
}

bool Workshop::exists(const std::string& name) const {
  return fs::exists(folder_ + "/here/" + name);
}

std::vector<std::string> Workshop::files(const std::string& below) const {
  std::set<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_ + "/here/" + below, ignored)) {
    names.insert(entry.path().filename().string());
  }
  return {names.begin(), names.end()};
}

}  // namespace sagasim::cli
