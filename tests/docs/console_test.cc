// What the documentation shows of the command is what the command prints. Every `$ ./run` with an
// answer below it is run again, page by page in an empty folder; a line of `…` stands for any
// number of lines; empty lines, and rates and seconds of this machine, are not compared.
//
// With SAGASIM_UPDATE=1 the pages are brought up to date as far as a line can be known again by its
// first word; what the text around them says of it remains for people to read.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/tree.h"

namespace sagasim {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

constexpr std::string_view kGap = "…";

// Minutes of work, campaigns that others have run before, and what is not the command's own.
constexpr std::array kNotRepeated = {"--seeds 20000", "--seeds 100000", "sagasim.db",
                                     "--faults 2",    "--brute-force",  "bin/models_test"};

// A command and what a page shows of its answer.
struct Exchange {
  std::string command;
  std::size_t first = 0;  // the lines of its answer, by their index in the page
  std::size_t last = 0;   // behind them
  std::string before;     // the JSON block before it
};

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Pages are set closer than the terminal.
Lines without_empty(Lines lines) {
  std::erase(lines, "");
  return lines;
}

std::vector<Exchange> exchanges_of(const Lines& page) {
  std::vector<Exchange> exchanges;
  std::string language;
  std::string json;
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (page[i].starts_with("```")) {
      language = language.empty() ? page[i].substr(3) : "";
      if (language == "json") json.clear();
    } else if (language == "json") {
      json += page[i] + "\n";
    } else if (language == "console" && page[i].starts_with("$ ")) {
      std::string command = page[i].substr(2);
      while (command.ends_with('\\')) {
        command.pop_back();
        command += page[++i];
      }
      exchanges.push_back({command, i + 1, i + 1, json});
    } else if (language == "console" && !exchanges.empty()) {
      exchanges.back().last = i + 1;
    }
  }
  return exchanges;
}

bool repeated(const Exchange& exchange) {
  for (const char* part : kNotRepeated) {
    if (exchange.command.find(part) != std::string::npos) return false;
  }
  return exchange.first != exchange.last;
}

bool is_gap(const std::string& line) {
  const std::size_t at = line.find_first_not_of(' ');
  return at != std::string::npos && line.substr(at) == kGap;
}

// Without what differs from machine to machine.
std::string compared(const std::string& line) {
  static const std::regex kSeconds(R"(\bin [0-9,.]+ s\b)");
  if (line.starts_with("  speed ")) return "  speed";
  return line.starts_with("  effort ") ? std::regex_replace(line, kSeconds, "in … s") : line;
}

bool equal(const std::string& shown, const std::string& answer) {
  const std::string left = compared(shown);
  const std::string right = compared(answer);
  const std::size_t gap = left.find(kGap);
  if (gap == std::string::npos || left == right) return left == right;
  const std::string end = left.substr(gap + kGap.size());
  return right.size() >= gap + end.size() && right.starts_with(left.substr(0, gap)) &&
         right.ends_with(end);
}

bool stands_at(const Lines& part, const Lines& answer, std::size_t at) {
  if (at + part.size() > answer.size()) return false;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (!equal(part[i], answer[at + i])) return false;
  }
  return true;
}

// The first part of what is shown that the answer lacks; nothing if it has all of them in order.
std::optional<std::string> missing(const Lines& shown, const Lines& answer) {
  std::size_t at = 0;
  bool anywhere = false;  // after a gap
  for (std::size_t i = 0; i < shown.size();) {
    if (is_gap(shown[i])) {
      anywhere = true;
      ++i;
      continue;
    }
    Lines part;
    while (i < shown.size() && !is_gap(shown[i])) part.push_back(shown[i++]);
    while (anywhere && at < answer.size() && !stands_at(part, answer, at)) ++at;
    if (!stands_at(part, answer, at)) {
      for (std::size_t k = 0; k < part.size(); ++k) {
        if (at + k >= answer.size() || !equal(part[k], answer[at + k])) return part[k];
      }
    }
    at += part.size();
    anywhere = false;
  }
  if (!anywhere && at < answer.size()) return "the end, before: " + answer[at];
  return std::nullopt;
}

// What a line is known by when its figures have changed: its label, or its first word.
std::string label_of(const std::string& line) {
  std::istringstream in(line);
  std::string word;
  in >> word;
  const bool labelled = line.starts_with("  ") && line.size() > 2 && line[2] != ' ';
  if (line.starts_with("   ")) return "   ";  // goes on with what the line above has begun
  return (labelled ? "  " : "") + word;
}

// What is shown, with the lines of the answer that are known by the same label.
Lines renewed(const Lines& shown, const Lines& answer) {
  Lines result;
  std::size_t at = 0;
  for (const std::string& line : shown) {
    const auto from = answer.begin() + static_cast<std::ptrdiff_t>(at);
    auto found = std::find(from, answer.end(), line);
    if (found == answer.end()) {
      found = std::find_if(from, answer.end(), [&](const std::string& candidate) {
        return label_of(candidate) == label_of(line);
      });
    }
    const bool known =
        !line.empty() && line.find(kGap) == std::string::npos && found != answer.end();
    result.push_back(known ? *found : line);
    if (known) at = static_cast<std::size_t>(found - answer.begin()) + 1;
  }
  return result;
}

class Console : public testing::TestWithParam<std::string> {};

TEST_P(Console, ShowsWhatTheCommandPrints) {
  const fs::path file = fs::path(SAGASIM_SOURCE_DIR) / GetParam();
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  Lines page = lines_of(text.str());
  const fs::path folder =
      fs::temp_directory_path() / ("sagasim-console-" + std::to_string(::getpid()));
  fs::remove_all(folder);
  fs::create_directories(folder);
  const bool update = std::getenv("SAGASIM_UPDATE") != nullptr;

  std::size_t run = 0;
  int code = 0;
  for (const Exchange& exchange : exchanges_of(page)) {
    if (!repeated(exchange)) continue;
    ++run;
    std::string answer;
    if (exchange.command == "echo $?") {
      answer = std::to_string(code) + "\n";
    } else {
      ASSERT_TRUE(exchange.command.starts_with("./run ")) << exchange.command;
      const std::size_t name = exchange.command.find(" ./");
      if (name != std::string::npos) {
        const std::size_t end = exchange.command.find(' ', name + 1);
        std::ofstream(folder / exchange.command.substr(name + 3, end - name - 3))
            << exchange.before;
      }
      const std::string line = "cd '" + folder.string() + "' && SAGASIM_COMMAND=./run '" +
                               SAGASIM_BINARY + "' " + exchange.command.substr(6);
      std::FILE* pipe = ::popen(line.c_str(), "r");
      ASSERT_NE(pipe, nullptr);
      std::array<char, 4096> buffer{};
      for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        answer.append(buffer.data(), n);
      }
      const int status = ::pclose(pipe);
      code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    const auto begin = page.begin() + static_cast<std::ptrdiff_t>(exchange.first);
    const auto end = page.begin() + static_cast<std::ptrdiff_t>(exchange.last);
    const Lines printed = lines_of(answer);
    Lines shown(begin, end);
    auto lacks = missing(without_empty(shown), without_empty(printed));
    if (lacks && update) {
      shown = renewed(shown, printed);
      lacks = missing(without_empty(shown), without_empty(printed));
      std::copy(shown.begin(), shown.end(), begin);
    }
    EXPECT_FALSE(lacks) << GetParam() << ":" << exchange.first + 1 << ": $ " << exchange.command
                        << "\nis shown with: " << lacks.value_or("") << "\nand printed:\n"
                        << answer.substr(0, 4'000);
  }
  fs::remove_all(folder);
  EXPECT_GT(run, 0u);
  if (update) {
    std::ofstream out(file);
    for (const std::string& line : page) out << line << "\n";
  }
}

INSTANTIATE_TEST_SUITE_P(Pages, Console,
                         testing::Values("README.md", "docs/minimize.md", "docs/stuck.md",
                                         "docs/workshop.md"),
                         [](const testing::TestParamInfo<std::string>& info) {
                           std::string name = fs::path(info.param).stem().string();
                           return name;
                         });

TEST(ConsoleComparison, TakesGapsForAnyLinesAndNothingElse) {
  const Lines answer = {"PASS", "  speed   12 runs/s", "  runs    2,000", "  end     now"};
  EXPECT_FALSE(missing({"PASS", "  …", "  end     now"}, answer));
  EXPECT_FALSE(missing({"PASS", "  speed   99 runs/s", "  …"}, answer));
  EXPECT_FALSE(missing({"  …", "  runs    2,… ", "  …"}, {"  runs    2,000 "}));
  EXPECT_EQ(missing({"PASS", "  …", "  runs    2,001", "  …"}, answer), "  runs    2,001");
  EXPECT_EQ(missing({"PASS", "  runs    2,000", "  …"}, answer), "  runs    2,000");
  EXPECT_EQ(missing({"PASS"}, answer), "the end, before:   speed   12 runs/s");
}

}  // namespace
}  // namespace sagasim
