// The changes that docs/extending.md shows can be made in the sources as they are. That they do
// what the page says is looked at by tests/extending/run.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace sagasim::docs {
namespace {

const std::string kRoot = SAGASIM_SOURCE_DIR;

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// What the page takes the sources for, and what it makes of them: the two sides of a piece of a
// change, context included.
struct Piece {
  std::string before;
  std::string after;
};

class Page {
 public:
  // Sources as they are now, with what was applied so far.
  std::string& source(const std::string& file) {
    const auto [place, is_new] = sources_.emplace(file, "");
    const std::string path = kRoot + "/" + file;
    if (is_new && std::filesystem::exists(path)) {
      place->second = read(path);
    }
    return place->second;
  }

  void apply(const std::string& file, const Piece& piece) {
    std::string& text = source(file);
    const std::size_t at = text.find(piece.before);
    ASSERT_NE(at, std::string::npos) << file << " does not have\n" << piece.before;
    text.replace(at, piece.before.size(), piece.after);
    ++pieces;
  }

  int pieces = 0;
  int files = 0;

 private:
  std::map<std::string, std::string> sources_;
};

TEST(ExtendingPage, ShowsChangesThatCanBeMade) {
  std::istringstream lines(read(kRoot + "/docs/extending.md"));
  Page page;
  std::string file;   // that a change or a block of code is about
  std::string block;  // the kind of block that the line is in
  Piece piece;
  const auto end_piece = [&] {
    if (!piece.before.empty() || !piece.after.empty()) {
      page.apply(file, piece);
    }
    piece = {};
  };
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with("```")) {
      if (!block.empty()) {
        end_piece();
        block.clear();
      } else {
        block = line.substr(3);
        page.files += block == "cpp";
      }
    } else if (block.empty() && line.starts_with("**") && line.ends_with("**")) {
      file = line.substr(2, line.size() - 4);
      EXPECT_FALSE(std::filesystem::exists(kRoot + "/" + file)) << file << " is there already";
    } else if (block == "cpp") {
      page.source(file) += line + "\n";
    } else if (block == "diff") {
      if (line.starts_with("--- ") || line.starts_with("@@")) {
        end_piece();
      } else if (line.starts_with("+++ b/")) {
        file = line.substr(6);
      } else {
        ASSERT_FALSE(line.empty());
        piece.before += line[0] == '+' ? "" : line.substr(1) + "\n";
        piece.after += line[0] == '-' ? "" : line.substr(1) + "\n";
      }
    }
  }
  EXPECT_EQ(page.files, 4);
  EXPECT_GT(page.pieces, 30);
}

}  // namespace
}  // namespace sagasim::docs
