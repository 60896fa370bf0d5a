#include "tests/lint/rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace sagasim::lint {
namespace {

using Folders = std::vector<std::string_view>;

bool contains(const Folders& folders, std::string_view folder) {
  return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

bool is_below_apps(std::string_view folder) {
  return contains({"sim", "faults", "domain", "scenarios", "search", "reports"}, folder);
}

// ---- Include direction -------------------------------------------------------------------------

// What search runs and reports tell of, without knowing what it is: a layer of its own, between
// faults and them, although the header stands in scenarios/.
constexpr std::string_view kSystem = "scenarios/system.h";

struct Layer {
  std::string_view name;  // A folder, or kSystem.
  Folders may_include;
  std::vector<std::string_view> libraries;  // Prefixes of third-party headers.
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> kLayers = {
      {"sim", {"sim"}, {}},
      {"faults", {"faults", "sim"}, {}},
      {"domain", {"domain", "sim"}, {}},
      {"scenarios", {"scenarios", "domain", "faults", "sim"}, {"nlohmann/"}},
      {kSystem, {"faults", "sim"}, {}},
      {"search", {"search", kSystem, "faults", "sim"}, {"sqlite3.h"}},
      {"reports", {"reports", "search", kSystem, "faults", "sim"}, {"nlohmann/"}},
  };
  return kLayers;
}

// Headers of the C++ standard library have neither a folder nor an ending.
bool is_standard(std::string_view header) {
  return header.find_first_of("/.") == std::string_view::npos;
}

// ---- Words -------------------------------------------------------------------------------------

// "OrderId", "order_id" and "kOrderId" are the words order and id.
std::vector<std::string> words_of(std::string_view identifier) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < identifier.size(); ++i) {
    const auto c = static_cast<unsigned char>(identifier[i]);
    const bool after_lower =
        i > 0 && std::islower(static_cast<unsigned char>(identifier[i - 1])) != 0;
    if (c == '_' || (std::isupper(c) != 0 && after_lower)) words.emplace_back();
    if (c != '_') words.back() += static_cast<char>(std::tolower(c));
  }
  return words;
}

struct Ban {
  std::string pattern;  // Tokens, or with a * at either end the rest of one word.
  Folders folders;
  std::string why;
};

const std::vector<Ban>& bans() {
  static const Folders kAll = {"sim", "faults", "domain", "scenarios", "search", "reports"};
  static const Folders kExact = {"sim", "faults", "domain"};
  static const Folders kUnthreaded = {"sim", "faults", "domain", "scenarios", "reports"};
  static const std::vector<Ban> kBans = [] {
    std::vector<Ban> list;
    const auto ban = [&list](const Folders& folders, const char* why,
                             std::initializer_list<const char*> patterns) {
      for (const char* pattern : patterns) list.push_back({pattern, folders, why});
    };
    ban(kAll, "leaves the order of equal elements to the library; use std::stable_sort",
        {"std::sort", "ranges::sort", "partial_sort", "nth_element", "std::partition",
         "ranges::partition", "make_heap", "push_heap", "pop_heap", "sort_heap", "priority_queue"});
    ban(kAll, "is defined by the library; draw from sim/random.h",
        {"std::shuffle", "ranges::shuffle", "std::sample", "ranges::sample", "random_device",
         "mt19937", "mt19937_64", "minstd_rand", "default_random_engine", "*_distribution", "rand(",
         "srand(", "drand48(", "arc4random("});
    ban(kAll, "has values that differ between libraries; use sim/hash.h", {"std::hash"});
    ban(kAll, "is walked in an order that the library chooses; use std::map or a sorted vector",
        {"unordered_*"});
    ban(kAll, "is the real clock; time is virtual",
        {"system_clock", "steady_clock", "high_resolution_clock", "clock_gettime", "gettimeofday",
         "std::time", "std::clock", "__DATE__", "__TIME__"});
    ban(kAll, "is the machine's, not the run's; apps pass it in",
        {"getenv", "secure_getenv", "setenv", "thread_local"});
    ban(kAll, "is spelled differently by each compiler",
        {"typeid", "function_name", "__PRETTY_FUNCTION__"});
    ban(kAll, "makes a number of an address, which differs from run to run",
        {"uintptr_t", "intptr_t"});
    ban(kAll, "differs between libraries, and between processors with one binary",
        {"std::sin",   "std::cos",   "std::tan",  "std::asin",  "std::acos",   "std::atan",
         "std::atan2", "std::sinh",  "std::cosh", "std::tanh",  "std::exp",    "std::exp2",
         "std::expm1", "std::log",   "std::log2", "std::log10", "std::log1p",  "std::pow",
         "std::cbrt",  "std::hypot", "std::erf",  "std::erfc",  "std::tgamma", "std::lgamma"});
    ban(kExact, "rounds; durations, money and chances are integers", {"float", "double"});
    ban(kUnthreaded, "is for search/ alone, over whole worlds",
        {"std::thread", "std::jthread", "std::async", "std::mutex", "std::shared_mutex",
         "std::recursive_mutex", "std::condition_variable", "std::atomic", "std::atomic_*",
         "std::future", "this_thread"});
    return list;
  }();
  return kBans;
}

bool word_matches(std::string_view pattern, std::string_view word) {
  if (pattern.starts_with('*')) return word.ends_with(pattern.substr(1));
  if (pattern.ends_with('*')) return word.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == word;
}

// "std::atomic_*" is std, ::, atomic_*; the tokenizer would take the star for an operator.
std::vector<std::string> split_pattern(const std::string& pattern) {
  std::vector<std::string> parts;
  for (const Token& token : tokens_of(pattern)) {
    const bool joins = token.text == "*" || (!parts.empty() && parts.back() == "*");
    if (joins && !parts.empty()) {
      parts.back() += token.text;
    } else {
      parts.push_back(token.text);
    }
  }
  return parts;
}

bool matches_at(const Tokens& tokens, std::size_t at, const std::vector<std::string>& pattern) {
  if (at + pattern.size() > tokens.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!word_matches(pattern[i], tokens[at + i].text)) return false;
  }
  // A member or another namespace's name is not the function that is banned: dice.rand, sim::rand.
  if (at == 0) return true;
  const std::string& before = tokens[at - 1].text;
  if (pattern.back() == "(" && (before == "." || before == "->")) return false;
  if (before != "::" || at < 2 || !tokens[at - 2].is_word) return true;
  return contains({"std", "chrono", "ranges", "experimental"}, tokens[at - 2].text);
}

void find_pointer_keys(const Tokens& tokens, Findings& findings) {
  for (std::size_t i = 0; i + 3 < tokens.size(); ++i) {
    const bool is_ordered = contains({"map", "set", "multimap", "multiset"}, tokens[i + 1].text) &&
                            tokens[i].text == "::" && tokens[i + 2].text == "<";
    if (!is_ordered) continue;
    int depth = 0;
    for (std::size_t j = i + 3; j < tokens.size(); ++j) {
      const std::string& text = tokens[j].text;
      if (depth == 0 && (text == "," || text == ">")) {
        if (tokens[j - 1].text == "*") {
          findings.push_back({tokens[j].line, "pointer key",
                              "a container ordered by pointers is ordered by chance"});
        }
        break;
      }
      if (text == "<" || text == "(") ++depth;
      if (text == ">" || text == ")") --depth;
      if (text == ";" || text == "{") break;
    }
  }
}

// ---- Allowances --------------------------------------------------------------------------------

struct Allowance {
  int line = 1;    // Of the comment.
  int covers = 1;  // Of the code it is about: its own line, or the next that has code.
  std::string word;
  std::string reason;
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<Allowance> allowances_in(const SourceFile& file) {
  constexpr std::string_view kMark = "// lint: allow";
  std::vector<Allowance> result;
  const std::string code = without_comments(file.text);
  const std::vector<std::string_view> lines = lines_of(file.text);
  const std::vector<std::string_view> code_lines = lines_of(code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t at = lines[i].find(kMark);
    if (at == std::string_view::npos) continue;
    // It opens a comment: it is one, unlike a mark in a literal, and nothing of it is before.
    const bool is_comment = code_lines[i][at] == ' ';
    if (!is_comment || lines[i].substr(0, at) != code_lines[i].substr(0, at)) continue;
    const std::string_view rest = trimmed(lines[i].substr(at + kMark.size()));
    const std::size_t colon = rest.find(": ");
    Allowance allowance;
    allowance.word = std::string(trimmed(rest.substr(0, colon)));
    if (colon != std::string_view::npos) allowance.reason = trimmed(rest.substr(colon + 2));
    std::size_t covers = i;
    while (covers + 1 < lines.size() && is_blank(code_lines[covers])) ++covers;
    allowance.line = static_cast<int>(i) + 1;
    allowance.covers = static_cast<int>(covers) + 1;
    result.push_back(allowance);
  }
  return result;
}

bool covers(const Allowance& allowance, const Finding& finding) {
  return allowance.covers == finding.line && allowance.word == finding.word &&
         !allowance.reason.empty();
}

std::size_t columns_of(std::string_view line) {
  // Bytes that continue a UTF-8 sequence take no column of their own.
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void find_words(const SourceFile& file, const std::vector<std::string>& words, const char* message,
                bool at_start_of_path, Findings& findings) {
  int number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    for (const std::string& word : words) {
      for (std::size_t at = line.find(word); at != std::string_view::npos;
           at = line.find(word, at + 1)) {
        const char before = at == 0 ? ' ' : line[at - 1];
        const char after = at + word.size() < line.size() ? line[at + word.size()] : ' ';
        const bool joined_before =
            std::isalnum(static_cast<unsigned char>(before)) != 0 ||
            std::string_view("_-.~*})$/").find(before) != std::string_view::npos;
        const bool joined_after = std::isalnum(static_cast<unsigned char>(after)) != 0;
        if (joined_before || (joined_after && !at_start_of_path)) continue;
        findings.push_back({number, word, message});
      }
    }
  }
}

}  // namespace

Findings include_direction(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path)) return findings;
  const std::string_view folder = file.path == kSystem ? kSystem : folder_of(file.path);
  const auto layer = std::find_if(layers().begin(), layers().end(),
                                  [folder](const Layer& each) { return each.name == folder; });
  for (const Include& include : includes_of(file.text)) {
    const std::string_view target = folder_of(include.path);
    const auto offence = [&](const std::string& message) {
      findings.push_back({include.line, include.path, message + include.path});
    };
    if (include.is_quoted && target.empty()) {
      offence("write the path from the top of the checkout: ");
    } else if (target == "apps" && folder != "apps") {
      offence("nothing depends on apps: ");
    } else if (layer == layers().end()) {
      continue;  // apps, tests, bench and examples may use what there is.
    } else if (include.is_quoted && !contains(layer->may_include, target) &&
               !contains(layer->may_include, include.path)) {
      offence(std::string(folder) + " must not include ");
    } else if (!include.is_quoted && !is_standard(include.path) &&
               std::none_of(
                   layer->libraries.begin(), layer->libraries.end(),
                   [&](std::string_view library) { return include.path.starts_with(library); })) {
      offence(std::string(folder) + " does without the library behind ");
    }
  }
  return findings;
}

Findings shop_words(const SourceFile& file) {
  static const Folders kShopFree = {"sim", "faults", "search", "reports"};
  static const Folders kShop = {"coupon",   "coupons", "payment",  "payments", "stock",
                                "stocks",   "balance", "balances", "refund",   "checkout",
                                "customer", "sku",     "wallet"};
  // Everybody orders and ranks things; what somebody orders, or a list of best sellers, is the
  // shop's.
  static const Folders kCommon = {"order", "rank", "product", "user"};
  static const Folders kOfShop = {"id", "ids", "service", "state", "line", "row", "table"};
  Findings findings;
  const bool is_shop_free = file.path == kSystem || contains(kShopFree, folder_of(file.path));
  if (!is_cpp(file.path) || !is_shop_free) return findings;
  for (const Token& token : tokens_of(file.text)) {
    if (!token.is_word) continue;
    const std::vector<std::string> words = words_of(token.text);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool is_of_shop =
          contains(kCommon, words[i]) && i + 1 < words.size() && contains(kOfShop, words[i + 1]);
      if (is_of_shop || contains(kShop, words[i])) {
        findings.push_back(
            {token.line, token.text, "`" + token.text + "` is a name of the shop, unknown here"});
        break;
      }
    }
  }
  return findings;
}

Findings banned_words(const SourceFile& file) {
  Findings findings;
  const std::string_view folder = folder_of(file.path);
  if (!is_cpp(file.path) || !is_below_apps(folder)) return findings;
  const Tokens tokens = tokens_of(file.text);
  for (const Ban& ban : bans()) {
    if (!contains(ban.folders, folder)) continue;
    const std::vector<std::string> pattern = split_pattern(ban.pattern);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (!matches_at(tokens, i, pattern)) continue;
      std::string word;
      for (std::size_t j = 0; j < pattern.size(); ++j) word += tokens[i + j].text;
      if (word.ends_with('(')) word.pop_back();
      findings.push_back({tokens[i].line, word, "`" + word + "` " + ban.why});
    }
  }
  find_pointer_keys(tokens, findings);
  for (const Include& include : includes_of(file.text)) {
    const bool is_banned =
        include.path == "random" || ((include.path == "cmath" || include.path == "math.h") &&
                                     contains({"sim", "faults", "domain", "scenarios"}, folder));
    if (is_banned) {
      findings.push_back({include.line, "<" + include.path + ">",
                          "<" + include.path + "> gives other values elsewhere"});
    }
  }
  return findings;
}

Findings own_header_first(const SourceFile& file) {
  Findings findings;
  if (!file.path.ends_with(".cc")) return findings;
  const std::string own = file.path.substr(0, file.path.size() - 3) + ".h";
  bool is_first = true;
  for (const Include& include : includes_of(file.text)) {
    if (include.path == own && !is_first) {
      findings.push_back({include.line, own, "the own header comes first: " + own});
    }
    is_first = false;
  }
  return findings;
}

Findings pragma_once(const SourceFile& file) {
  Findings findings;
  if (!is_header(file.path)) return findings;
  const std::string code = without_comments(file.text);
  int number = 0;
  for (const std::string_view line : lines_of(code)) {
    ++number;
    if (is_blank(line)) continue;
    if (trimmed(line) == "#pragma once") return findings;
    break;
  }
  findings.push_back({number, "pragma", "a header begins with #pragma once, and no other guard"});
  return findings;
}

Findings line_length(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path)) return findings;
  int number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    const std::size_t columns = columns_of(line);
    if (columns > 100) {
      findings.push_back(
          {number, "length", std::to_string(columns) + " columns; 100 is the width"});
    }
  }
  return findings;
}

Findings leftovers(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path) && !file.path.ends_with("CMakeLists.txt")) return findings;
  // In two halves, or this file would be an offender.
  static const std::vector<std::string> kNotes = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X"};
  find_words(file, kNotes, "do it or file it; the code is no list of tasks", false, findings);
  return findings;
}

Findings local_paths(const SourceFile& file) {
  Findings findings;
  static const std::vector<std::string> kRoots = {
      "/ho"
      "me/",
      "/Us"
      "ers/",
      "/ro"
      "ot/",
      "/wo"
      "rk/"};
  static const std::vector<std::string> kHosts = {
      "deb.deb"
      "ian.org",
      "security.deb"
      "ian.org",
      "archive.ubu"
      "ntu.com",
      "registry.npm"
      "js.org",
      "pypi"
      ".org",
      "proxy.gol"
      "ang.org"};
  find_words(file, kRoots, "is a path of one machine", true, findings);
  int number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    for (const std::string& host : kHosts) {
      if (line.find(host) != std::string_view::npos) {
        findings.push_back({number, host, "is a package host; which one is the machine's affair"});
      }
    }
  }
  return findings;
}

Findings allowances(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path)) return findings;
  Findings offences;
  for (const Rule& rule : rules()) {
    if (rule.check == &allowances) continue;
    for (Finding& finding : rule.check(file)) offences.push_back(std::move(finding));
  }
  for (const Allowance& allowance : allowances_in(file)) {
    if (allowance.reason.empty()) {
      findings.push_back({allowance.line, "allow", "say why: // lint: allow WORD: REASON"});
      continue;
    }
    const bool is_needed =
        std::any_of(offences.begin(), offences.end(),
                    [&](const Finding& finding) { return covers(allowance, finding); });
    if (!is_needed) {
      findings.push_back(
          {allowance.line, "allow", "nothing here needs to be allowed " + allowance.word});
    }
  }
  return findings;
}

std::span<const Rule> rules() {
  static constexpr std::array<Rule, 10> kRules = {{
      {"IncludeDirection", &include_direction},
      {"ShopWords", &shop_words},
      {"BannedWords", &banned_words},
      {"AwaitStatements", &await_statements},
      {"OwnHeaderFirst", &own_header_first},
      {"PragmaOnce", &pragma_once},
      {"LineLength", &line_length},
      {"Leftovers", &leftovers},
      {"LocalPaths", &local_paths},
      {"Allowances", &allowances},
  }};
  return kRules;
}

Findings lint(const SourceFile& file, const Rule& rule) {
  Findings findings = rule.check(file);
  for (const Allowance& allowance : allowances_in(file)) {
    std::erase_if(findings, [&](const Finding& finding) { return covers(allowance, finding); });
  }
  return findings;
}

std::vector<std::string> unlisted_tests(std::string_view cmake,
                                        const std::vector<std::string>& paths) {
  // Every word of the file that is no comment; a path has no blank in it.
  std::vector<std::string> words;
  for (std::string_view line : lines_of(cmake)) {
    line = line.substr(0, line.find('#'));
    std::string word;
    for (const char c : std::string(line) + " ") {
      if (std::isspace(static_cast<unsigned char>(c)) == 0 && c != '(' && c != ')' && c != '"') {
        word += c;
      } else if (!word.empty()) {
        words.push_back(std::move(word));
        word.clear();
      }
    }
  }
  std::vector<std::string> missing;
  for (const std::string& path : paths) {
    if (std::find(words.begin(), words.end(), path) == words.end()) missing.push_back(path);
  }
  return missing;
}

}  // namespace sagasim::lint
