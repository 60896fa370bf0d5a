// The documentation, held against the checkout and the command: its links and files exist, sagasim
// takes the commands that it shows, its JSON is JSON, and its list of properties is the
// catalogue's.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/tree.h"

namespace sagasim {
namespace {

namespace fs = std::filesystem;
using lint::SourceFile;
using Words = std::vector<std::string>;

struct Line {
  int number = 1;
  std::string text;
  bool in_block = false;
  std::string language;  // of the block, or of the one that begins here
  bool is_fence = false;
};

std::vector<Line> lines_of(const SourceFile& file) {
  std::vector<Line> lines;
  bool in_block = false;
  std::string language;
  for (const std::string_view text : lint::lines_of(file.text)) {
    const bool is_fence = text.starts_with("```");
    if (is_fence) {
      in_block = !in_block;
      language = in_block ? text.substr(3) : "";
    }
    lines.push_back({static_cast<int>(lines.size()) + 1, std::string(text), in_block && !is_fence,
                     language, is_fence});
  }
  return lines;
}

std::vector<SourceFile> documents() {
  std::vector<SourceFile> files = lint::source_tree();
  std::erase_if(files, [](const SourceFile& file) { return !file.path.ends_with(".md"); });
  return files;
}

bool shows_commands(const SourceFile& file) {
  return file.path == "README.md" || file.path.starts_with("docs/");
}

// What stands between backticks in a line of prose.
std::vector<std::string> code_spans(const std::string& line) {
  std::vector<std::string> spans;
  std::size_t from = line.find('`');
  while (from != std::string::npos) {
    const std::size_t to = line.find('`', from + 1);
    if (to == std::string::npos) break;
    spans.push_back(line.substr(from + 1, to - from - 1));
    from = line.find('`', to + 1);
  }
  return spans;
}

// The targets of the links in a line of prose.
std::vector<std::string> link_targets(const std::string& line) {
  std::vector<std::string> targets;
  for (std::size_t at = line.find("]("); at != std::string::npos; at = line.find("](", at + 1)) {
    const std::size_t end = line.find(')', at);
    if (end != std::string::npos) targets.push_back(line.substr(at + 2, end - at - 2));
  }
  return targets;
}

std::string place_of(const SourceFile& file, int line) {
  return file.path + ":" + std::to_string(line);
}

// ---- Commands ----------------------------------------------------------------------------------

struct Shown {
  std::string place;
  Words words;  // after the program's name
};

// The words of a command up to a pipe, a comment or what is left out.
Words words_of(const std::string& command) {
  static const std::set<std::string> kEnds = {"|", ">", "<", "&&", "||", ";", "#", "…"};
  Words words;
  std::istringstream in(command);
  for (std::string word; in >> word && !kEnds.contains(word);) {
    const bool ends = word.ends_with(';');
    if (ends) word.pop_back();
    words.push_back(word);
    if (ends) break;
  }
  return words;
}

bool calls_sagasim(const std::string& text) {
  return text == "./run" || text.starts_with("./run ") || text.starts_with("sagasim ");
}

void add(const std::string& command, const std::string& place, std::vector<Shown>& shown) {
  if (!calls_sagasim(command)) return;
  Words words = words_of(command);
  words.erase(words.begin());
  shown.push_back({place, std::move(words)});
}

std::vector<Shown> shown_commands() {
  std::vector<Shown> shown;
  for (const SourceFile& file : documents()) {
    if (!shows_commands(file)) continue;
    const std::vector<Line> lines = lines_of(file);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string place = place_of(file, lines[i].number);
      if (!lines[i].in_block) {
        for (const std::string& span : code_spans(lines[i].text)) add(span, place, shown);
        continue;
      }
      std::string command = lines[i].text;
      while (command.ends_with('\\') && i + 1 < lines.size()) {
        command.back() = ' ';
        command += lines[++i].text;
      }
      const std::size_t start = command.find_first_not_of(" $");
      add(start == std::string::npos ? "" : command.substr(start), place, shown);
    }
  }
  return shown;
}

struct Answer {
  int code = 0;
  std::string text;
};

Answer ask(const Words& words) {
  std::string command = std::string("'") + SAGASIM_BINARY + "'";
  for (const std::string& word : words) command += " '" + word + "'";
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "cannot be started"};
  Answer answer;
  char buffer[4096];
  for (std::size_t read = 0; (read = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    answer.text.append(buffer, read);
  }
  const int status = ::pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

bool is_metavariable(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isupper(c) != 0 || c == '_' || c == '=';
  });
}

// What a verb takes, as its help tells.
struct Usage {
  bool is_known = false;                // there is such a verb
  std::size_t positionals = 0;          // that must be there
  bool takes_more = false;              // of the last one, or of one that need not be there
  std::map<std::string, bool> options;  // true: a value follows
};

Usage usage_of(const std::string& verb) {
  Usage usage;
  std::istringstream help(ask({verb, "--help"}).text);
  for (std::string line; std::getline(help, line);) {
    std::istringstream in(line);
    std::string first;
    std::string second;
    in >> first >> second;
    if (first == "Usage:") {
      // "Usage: sagasim run [OPTIONS] SCENARIO"; of a word that is no verb, the help of the whole.
      in >> second;
      usage.is_known = second == verb;
      for (std::string word; second == verb && in >> word;) {
        if (word == "[OPTIONS]") continue;
        const bool is_optional = word.starts_with('[');
        usage.takes_more = is_optional || word.ends_with("...");
        if (usage.takes_more && !is_optional) word.resize(word.size() - 3);
        if (is_metavariable(word)) ++usage.positionals;
      }
    } else if (line.starts_with("  -")) {
      // "  -h,--help   Print …" and "  --seed N   which …": a value stands one blank after the
      // name.
      const bool has_value = is_metavariable(second) && line.find(first + " " + second) == 2;
      std::istringstream names(first);
      for (std::string name; std::getline(names, name, ',');) usage.options[name] = has_value;
    }
  }
  return usage;
}

// The usage of each verb, asked once.
const Usage& known_usage_of(const std::string& verb) {
  static std::map<std::string, Usage> usages;
  const auto known = usages.find(verb);
  return known != usages.end() ? known->second : usages.emplace(verb, usage_of(verb)).first->second;
}

bool is_option(const std::string& word) { return word.starts_with("-"); }

void expect_taken(const Shown& shown) {
  const std::string& verb = shown.words.front();
  const Usage& usage = known_usage_of(verb);
  ASSERT_TRUE(usage.is_known) << shown.place << ": no verb " << verb;
  std::size_t positionals = 0;
  bool asks_for_help = false;
  for (std::size_t i = 1; i < shown.words.size(); ++i) {
    if (!is_option(shown.words[i])) {
      ++positionals;
      continue;
    }
    const std::string name = shown.words[i].substr(0, shown.words[i].find('='));
    const auto option = usage.options.find(name);
    ASSERT_TRUE(option != usage.options.end()) << shown.place << ": " << verb << " has no " << name;
    asks_for_help = asks_for_help || name == "--help";
    const bool follows = option->second && name == shown.words[i];
    ASSERT_TRUE(!follows || i + 1 < shown.words.size()) << shown.place << ": " << name << " what?";
    i += follows ? 1 : 0;
  }
  const bool fits =
      usage.takes_more ? positionals >= usage.positionals : positionals == usage.positionals;
  EXPECT_TRUE(asks_for_help || fits)
      << shown.place << ": " << verb << " takes " << usage.positionals << " arguments";
}

// A run of the command's scenario with its settings, or nothing where it names none.
Words trial_of(const Shown& shown) {
  const std::string verb = shown.words.empty() ? "" : shown.words.front();
  if ((verb != "run" && verb != "sweep") || shown.words.size() < 2 || is_option(shown.words[1])) {
    return {};
  }
  Words trial = {"run", shown.words[1], "--seed", "0"};
  for (std::size_t i = 2; i + 1 < shown.words.size(); ++i) {
    if (shown.words[i] == "--set") trial.insert(trial.end(), {"--set", shown.words[i + 1]});
  }
  return trial;
}

TEST(Documents, ShowCommandsThatSagasimTakes) {
  const std::vector<Shown> shown = shown_commands();
  EXPECT_GT(shown.size(), 10u);
  for (const Shown& each : shown) {
    if (!each.words.empty() && !is_option(each.words.front())) expect_taken(each);
  }
}

TEST(Documents, NameScenariosAndSettingsThatExist) {
  std::set<Words> tried;
  for (const Shown& shown : shown_commands()) {
    const Words trial = trial_of(shown);
    const bool is_file = trial.size() > 1 && trial[1].find('/') != std::string::npos;
    if (trial.empty() || is_file || !tried.insert(trial).second) continue;
    const Answer answer = ask(trial);
    EXPECT_TRUE(answer.code == 0 || answer.code == 1) << shown.place << ": " << answer.text;
  }
  EXPECT_FALSE(tried.empty());
}

TEST(Documents, AskForListsThatExist) {
  for (const Shown& shown : shown_commands()) {
    if (shown.words.size() < 2 || shown.words.front() != "list") continue;
    const Answer answer = ask(shown.words);
    EXPECT_EQ(answer.code, 0) << shown.place << ": " << answer.text;
  }
}

// ---- Files, JSON, properties -------------------------------------------------------------------

TEST(Documents, LinkToWhatExists) {
  std::size_t links = 0;
  for (const SourceFile& file : documents()) {
    for (const Line& line : lines_of(file)) {
      if (line.in_block) continue;
      for (const std::string& target : link_targets(line.text)) {
        const std::string path = target.substr(0, target.find('#'));
        if (path.empty() || path.find(':') != std::string::npos) continue;
        const fs::path from = fs::path(SAGASIM_SOURCE_DIR) / fs::path(file.path).parent_path();
        EXPECT_TRUE(fs::exists(from / path)) << place_of(file, line.number) << ": " << target;
        ++links;
      }
    }
  }
  EXPECT_GT(links, 10u);
}

// Whether a code span is meant as the path of a file of this checkout.
bool is_file_name(const std::string& span) {
  static const std::set<std::string> kFolders = {
      "sim",   "faults", "domain", "scenarios", "search",   "reports", "apps",
      "tests", "tools",  "docs",   "cmake",     "examples", "bench"};
  const bool is_path = std::all_of(span.begin(), span.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '.' || c == '_' || c == '-';
  });
  const std::size_t slash = span.find('/');
  return is_path && slash != std::string::npos && kFolders.contains(span.substr(0, slash)) &&
         fs::path(span).has_extension();
}

TEST(Documents, NameFilesThatExist) {
  for (const SourceFile& file : documents()) {
    for (const Line& line : lines_of(file)) {
      if (line.in_block) continue;
      for (const std::string& span : code_spans(line.text)) {
        EXPECT_TRUE(!is_file_name(span) || fs::exists(fs::path(SAGASIM_SOURCE_DIR) / span))
            << place_of(file, line.number) << ": " << span;
      }
    }
  }
}

TEST(Documents, HoldJsonThatParses) {
  for (const SourceFile& file : documents()) {
    std::string text;
    int start = 0;
    bool in_json = false;
    for (const Line& line : lines_of(file)) {
      if (line.is_fence && !in_json) {
        in_json = line.language == "json";
        start = line.number;
        text.clear();
      } else if (line.is_fence) {
        in_json = false;
        EXPECT_TRUE(nlohmann::json::accept(text, true)) << place_of(file, start);
      } else if (in_json) {
        text += line.text + "\n";
      }
    }
  }
}

TEST(Documents, TellEveryPropertyInItsOwnWords) {
  std::string page;
  for (const SourceFile& file : documents()) {
    if (file.path == "docs/properties.md") page = file.text;
  }
  std::istringstream list(ask({"list", "properties"}).text);
  std::size_t properties = 0;
  for (std::string line; std::getline(list, line); ++properties) {
    std::istringstream in(line);
    std::string id;
    std::string sentence;
    in >> id;
    std::getline(in >> std::ws, sentence);
    EXPECT_NE(page.find("| " + id + " | " + sentence + " |"), std::string::npos)
        << "docs/properties.md lacks " << line;
  }
  EXPECT_GT(properties, 0u);
}

}  // namespace
}  // namespace sagasim
