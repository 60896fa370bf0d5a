#include "scenarios/document.h"

#include <algorithm>
#include <utility>

#include "scenarios/bad_input.h"
#include "scenarios/files.h"
#include "scenarios/locator.h"
#include "scenarios/nearest.h"

namespace sagasim::scenarios {
namespace {

constexpr std::vector<std::string>::size_type kMaxDepth = 64;
// A reproduction of the largest workload has half as many.
constexpr std::uint64_t kMaxValues = 8'000'000;
constexpr std::string_view::size_type kLongestMessage = 200;

// A complaint of the builder, before it is known where its place is.
struct Offence {
  std::vector<std::string> path;
  Part part = Part::kValue;
  std::string message;
};

// Builds the values out of what the parser finds.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Json take_root() { return std::move(root_); }
  // Of the value that is being read, or is to be read next.
  std::vector<std::string> path() const {
    std::vector<std::string> result;
    for (const Frame& frame : frames_) {
      if (frame.container->is_array()) {
        result.push_back(std::to_string(frame.index));
      } else if (frame.has_key) {
        result.push_back(frame.key);
      }
    }
    return result;
  }

  // What the parser told of an error of syntax.
  std::uint64_t error_byte = 0;
  std::string error_token;
  std::string error_text;

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(number_float_t value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return enter(Json::object()); }
  bool start_array(std::size_t) override { return enter(Json::array()); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool key(std::string& value) override {
    Frame& frame = frames_.back();
    frame.key = std::move(value);
    frame.has_key = true;
    if (frame.container->contains(frame.key)) {
      throw Offence{path(), Part::kSecondKey,
                    "the key " + quote(frame.key) + " is there twice (expected once; remove one)"};
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception& exception) override {
    error_byte = position;
    error_token = token;
    error_text = exception.what();
    return false;
  }

 private:
  struct Frame {
    Json* container = nullptr;
    std::uint64_t index = 0;  // of the value in a list
    std::string key{};        // of the value in an object
    bool has_key = false;
  };

  Json* attach(Json value) {
    if (++values_ > kMaxValues) {
      throw Offence{path(), Part::kValue,
                    "there are too many values (expected at most " + std::to_string(kMaxValues) +
                        " in a file)"};
    }
    if (frames_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Frame& frame = frames_.back();
    if (frame.container->is_array()) {
      frame.container->push_back(std::move(value));
      return &frame.container->back();
    }
    Json& member = (*frame.container)[frame.key];
    member = std::move(value);
    return &member;
  }

  // A value is complete: the next one is another.
  bool finish() {
    if (!frames_.empty()) {
      frames_.back().has_key = false;
      ++frames_.back().index;
    }
    return true;
  }

  bool add(Json value) {
    attach(std::move(value));
    return finish();
  }

  bool enter(Json container) {
    if (frames_.size() == kMaxDepth) {
      throw Offence{
          path(), Part::kValue,
          "is nested too deeply (expected at most " + std::to_string(kMaxDepth) + " levels)"};
    }
    Json* const place = attach(std::move(container));
    frames_.push_back({.container = place});
    return true;
  }

  bool leave() {
    frames_.pop_back();
    return finish();
  }

  Json root_;
  std::vector<Frame> frames_;
  std::uint64_t values_ = 0;
};

// The parser names one token of those that would do.
std::string in_plain_words(std::string_view expected) {
  if (expected == "string literal") {
    return "a key in double quotes";
  }
  const bool is_end = expected == "'}'" || expected == "']'";
  return (is_end ? "a comma or " : "") + std::string(expected);
}

// The parser's message without what is told elsewhere: "unexpected '}' (expected ':')".
std::string syntax_message(const std::string& text) {
  constexpr std::string_view kExpected = "; expected ";
  std::string_view rest = text;
  if (const auto start = rest.find(" - "); start != std::string_view::npos) {
    rest.remove_prefix(start + 3);
  } else if (const auto bracket = rest.find("] "); bracket != std::string_view::npos) {
    rest.remove_prefix(bracket + 2);
  }
  const auto expected_at = rest.rfind(kExpected);
  const std::string_view expected = expected_at == std::string_view::npos
                                        ? std::string_view()
                                        : rest.substr(expected_at + kExpected.size());
  const auto read_at = std::min(rest.find("; last read"), expected_at);
  std::string message(clipped(rest.substr(0, read_at), kLongestMessage));
  if (!expected.empty() && expected.size() < kLongestMessage) {
    message += " (expected " + in_plain_words(expected) + ')';
  }
  return message;
}

// The character before `offset` that is no space; 0 if there is none.
char before(std::string_view text, std::string_view::size_type offset) {
  const auto found = text.substr(0, offset).find_last_not_of(" \t\r\n");
  return found == std::string_view::npos ? '\0' : text[found];
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.';
}

// Where the token begins that the parser stumbled over; it tells the last character that it read.
std::string_view::size_type token_start(std::string_view text, const Builder& builder) {
  const std::string& error = builder.error_text;
  const auto read = static_cast<std::string_view::size_type>(builder.error_byte);
  if (error.find("unexpected end of input") != std::string::npos || read > text.size()) {
    return text.size();
  }
  if (error.find("unexpected string literal") != std::string::npos) {
    return read - std::min(builder.error_token.size(), read);
  }
  auto start = std::max<std::string_view::size_type>(read, 1) - 1;
  const bool is_literal = error.find("invalid literal") != std::string::npos;
  if (is_literal || is_word(text[start])) {
    while (start > 0 && is_word(text[start - 1])) {
      --start;
    }
  }
  return start;
}

[[noreturn]] void fail_syntax(std::string_view text, const std::string& file,
                              const Builder& builder) {
  const auto offset = token_start(text, builder);
  std::string message = syntax_message(builder.error_text);
  const bool is_end = offset < text.size() && (text[offset] == '}' || text[offset] == ']');
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    message = "there is nothing in it (expected a JSON object; {} is the shortest)";
  } else if (message == "invalid literal") {
    message += " (expected a text in double quotes, a number, true, false, an object or a list)";
  } else if (is_end && before(text, offset) == ',') {
    message = std::string("a comma before '") + text[offset] + "' (expected no comma there)";
  }
  const Position position = position_at(text, offset);
  throw BadInput({file, position.line, position.column, to_pointer(builder.path()), message});
}

// Throws BadInput with a place in `text`.
Json parse(std::string_view text, const std::string& file) {
  if (text.size() > kMaxFileBytes) {
    throw BadInput({.file = file,
                    .message = "is larger than " + std::to_string(kMaxFileBytes >> 20) + " MiB"});
  }
  Builder builder;
  try {
    if (!Json::sax_parse(text, &builder, nlohmann::detail::input_format_t::json, true, true)) {
      fail_syntax(text, file, builder);
    }
  } catch (const Offence& offence) {
    const Position position = position_at(text, offset_of(text, offence.path, offence.part));
    throw BadInput(
        {file, position.line, position.column, to_pointer(offence.path), offence.message});
  }
  return builder.take_root();
}

std::string name_of(std::string_view setting) {
  const std::string text = quote(setting);
  return "--set " + text.substr(1, text.size() - 2);
}

// A value of a setting: `5`, `"5 s"` and `{"a": 1}` are JSON; `5 s` is the text.
Json parse_value(std::string_view text, const std::string& name) {
  try {
    return parse(text, name);
  } catch (const BadInput& bad) {
    const bool is_meant_as_json =
        text.starts_with('{') || text.starts_with('[') || text.starts_with('"');
    if (is_meant_as_json) {
      InputError error = bad.error();
      error.message = "the value at column " + std::to_string(error.column) + ": " + error.message;
      error.line = 0;
      error.column = 0;
      throw BadInput(error);
    }
    const Json value = std::string(text);
    // The JSON library looks at the encoding when it writes, and here nothing else did.
    const Json valid = Json::parse(value.dump(-1, ' ', false, Json::error_handler_t::ignore));
    if (valid != value) {
      throw BadInput({.file = name, .message = "the value is not UTF-8 (expected UTF-8)"});
    }
    return value;
  }
}

const char* kind_of(const Json& value) {
  if (value.is_string()) {
    return "a text";
  }
  if (value.is_number()) {
    return "a number";
  }
  return value.is_null() ? "null" : "a boolean";
}

// The place in `parent` that the next key of a setting's path names; made if it is not there.
Json* step(Json& parent, const std::string& key, const std::string& name) {
  if (parent.is_array()) {
    for (Json::size_type i = 0; i < parent.size(); ++i) {
      if (std::to_string(i) == key) {
        return &parent[i];
      }
    }
    throw BadInput({.file = name,
                    .message = "there is no element " + quote(key) + " in a list of " +
                               std::to_string(parent.size()) + " (expected an index from 0)"});
  }
  if (!parent.is_object()) {
    throw BadInput({.file = name,
                    .message = "the value above " + quote(key) + " is " + kind_of(parent) +
                               " and has no keys (expected an object)"});
  }
  return &parent[key];
}

bool find_path(const Json& in, const Json& value, std::vector<std::string>& path) {
  if (&in == &value) {
    return true;
  }
  if (!in.is_structured()) {
    return false;
  }
  int index = 0;
  for (const auto& item : in.items()) {
    path.push_back(in.is_object() ? item.key() : std::to_string(index));
    if (find_path(item.value(), value, path)) {
      return true;
    }
    path.pop_back();
    ++index;
  }
  return false;
}

}  // namespace

Document::Document(std::string_view text, std::string file)
    : text_(text), file_(std::move(file)), root_(parse(text_, file_)) {}

void Document::expand(const std::string& key, const std::string& inner) {
  if (!root_.is_object() || !root_.contains(key) || !root_[key].is_string()) {
    return;
  }
  Json value = Json::object();
  value[inner] = root_[key];
  root_[key] = std::move(value);
}

void Document::set(std::string_view setting) {
  const std::string name = name_of(setting);
  const auto equals = setting.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw BadInput({.file = name,
                    .message = "is no setting (expected path=value, such as "
                               "workload.orders=50)"});
  }
  Path path;
  std::string_view rest = setting.substr(0, equals);
  while (path.size() <= kMaxDepth) {
    const auto dot = rest.find('.');
    path.emplace_back(rest.substr(0, dot));
    if (path.back().empty()) {
      throw BadInput({.file = name,
                      .message = "a key is empty (expected keys separated by dots, "
                                 "such as workload.orders)"});
    }
    if (dot == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(dot + 1);
  }
  if (path.size() > kMaxDepth) {
    throw BadInput({.file = name, .message = "is nested too deeply"});
  }
  Json value = parse_value(setting.substr(equals + 1), name);
  Json* place = &root_;
  Path above;
  for (const std::string& key : path) {
    if (place->is_null()) {
      *place = Json::object();
      settings_.push_back({above, name});
    }
    place = step(*place, key, name);
    above.push_back(key);
  }
  *place = std::move(value);
  settings_.push_back({std::move(path), name});
}

void Document::drop(const std::string& section, const std::string& key) {
  if (root_.is_object() && root_.contains(section) && root_[section].is_object()) {
    root_[section].erase(key);
  }
}

bool Document::is_from_setting(const Json& value) const {
  return setting_of(path_of(value)) != nullptr;
}

void Document::fail(const Json& value, const std::string& message) const {
  fail_at(path_of(value), false, message);
}

void Document::fail_at_key(const Json& object, const std::string& key,
                           const std::string& message) const {
  Path path = path_of(object);
  path.push_back(key);
  fail_at(path, true, message);
}

Document::Path Document::path_of(const Json& value) const {
  Path path;
  find_path(root_, value, path);
  return path;
}

const Document::Setting* Document::setting_of(const Path& path) const {
  const Setting* last = nullptr;
  for (const Setting& setting : settings_) {
    const bool is_above = setting.path.size() <= path.size() &&
                          std::equal(setting.path.begin(), setting.path.end(), path.begin());
    if (is_above) {
      last = &setting;
    }
  }
  return last;
}

void Document::fail_at(const Path& path, bool at_key, const std::string& message) const {
  if (const Setting* setting = setting_of(path); setting != nullptr) {
    throw BadInput({setting->text, 0, 0, to_pointer(path), message});
  }
  const Part part = at_key ? Part::kKey : Part::kValue;
  const Position position = position_at(text_, offset_of(text_, path, part));
  throw BadInput({file_, position.line, position.column, to_pointer(path), message});
}

}  // namespace sagasim::scenarios
