// Document: the text of a JSON file, its values, and where each of them stands, so that every
// complaint about a value can name line, column and JSON pointer. Knows no key of any format.
//
// Comments are allowed. A key that stands twice in an object is an error, as are too many or too
// deeply nested values: no input may take time or memory without bound. Settings (`shop.users=5`)
// replace values; a complaint about a value that came from one names the setting as its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace sagasim::scenarios {

using Json = nlohmann::json;

class Document {
 public:
  // Throws BadInput if `text` is no JSON. Requires: `text` outlives the document.
  Document(std::string_view text, std::string file);

  // Puts `{inner: text}` where a plain text stands under the top-level `key`, if it does.
  void expand(const std::string& key, const std::string& inner);
  // Applies `path=value`, where the path's keys are separated by dots. The value is JSON, or else a
  // text. Throws BadInput.
  void set(std::string_view setting);

  // Takes `key` out of the object under the top-level key `section`, if it is there.
  void drop(const std::string& section, const std::string& key);

  const Json& root() const { return root_; }
  bool is_from_setting(const Json& value) const;

  // Throws BadInput about `value`, or about the key under which a value stands in `object`.
  // Requires: the value belongs to this document.
  [[noreturn]] void fail(const Json& value, const std::string& message) const;
  [[noreturn]] void fail_at_key(const Json& object, const std::string& key,
                                const std::string& message) const;

 private:
  using Path = std::vector<std::string>;  // keys, and indices in decimal
  struct Setting {
    Path path;  // what it replaced, or made on the way there
    std::string text;
  };

  Path path_of(const Json& value) const;
  const Setting* setting_of(const Path& path) const;
  [[noreturn]] void fail_at(const Path& path, bool at_key, const std::string& message) const;

  std::string_view text_;
  std::string file_;
  Json root_;
  std::vector<Setting> settings_;
};

}  // namespace sagasim::scenarios
