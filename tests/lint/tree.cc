#include "tests/lint/tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace sagasim::lint {
namespace {

namespace fs = std::filesystem;

bool is_written_by_hand(const fs::path& path) {
  static const std::set<std::string> kEndings = {".h",  ".cc", ".def",  ".cmake", ".txt",
                                                 ".md", ".sh", ".json", ".yml",   ".patch"};
  // Scripts have no ending.
  return kEndings.count(path.extension().string()) > 0 || path.extension().empty();
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

std::vector<SourceFile> source_tree() {
  const fs::path root(SAGASIM_SOURCE_DIR);
  std::vector<SourceFile> files;
  for (auto entry = fs::recursive_directory_iterator(root);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename().string();
    const bool is_top = entry.depth() == 0;
    if ((name.starts_with('.') && name != ".ci") || (is_top && name.starts_with("build"))) {
      if (entry->is_directory()) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || !is_written_by_hand(entry->path())) continue;
    std::string path = entry->path().lexically_relative(root).generic_string();
    files.push_back({std::move(path), read(entry->path())});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace sagasim::lint
