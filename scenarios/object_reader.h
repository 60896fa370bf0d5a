// ObjectReader: reads the keys of one JSON object, each at most once, into plain values. What is
// absent leaves its target as it was; what is wrong throws BadInput with its place, what was
// expected and the remedy; what nobody asked for is an error in the end.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "scenarios/document.h"
#include "sim/time.h"

namespace sagasim::scenarios {

inline constexpr sim::Duration kMillisecond = sim::milliseconds(1);
inline constexpr sim::Duration kDay = sim::seconds(86'400);
inline constexpr sim::Duration kYear = kDay * 365;

// Both ends included.
struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
struct DurationRange {
  sim::Duration min{};
  sim::Duration max{};
};

// One value. These throw if it is of another type or out of range.
std::int64_t read_integer(const Document& document, const Json& value, IntegerRange range);
sim::Duration read_duration(const Document& document, const Json& value, DurationRange range);
const std::string& read_text(const Document& document, const Json& value, const char* expected);
bool read_boolean(const Document& document, const Json& value);
// Returns `value`, which is a list.
const Json& read_list(const Document& document, const Json& value, const char* expected);
// The index in `names` of the text in `value`. `what` names it in messages: "profile".
std::size_t read_choice(const Document& document, const Json& value, const char* what,
                        const std::vector<std::string>& names);

class ObjectReader {
 public:
  // Throws if `object` is none. `what` names it in messages: "a user". Requires: the document
  // outlives the reader.
  ObjectReader(const Document& document, const Json& object, std::string what);

  // The value under `key`; null if there is none.
  const Json* find(const char* key);
  // Throws if there is none. `expected` is what should be there: "the user's name, such as \"u1\"".
  const Json& require(const char* key, const char* expected);

  template <class Integer>
  void integer(const char* key, Integer& target, IntegerRange range);
  void duration(const char* key, sim::Duration& target, DurationRange range);
  void boolean(const char* key, bool& target);
  void text(const char* key, std::string& target, const char* expected);

  // The two values, read or not, are a range. Complains about the one that was written, and of two
  // rather about a setting.
  template <class Value>
  void check_range(const char* min_key, const Value& min, const char* max_key, const Value& max);

  // Throws if the object has keys that were not asked for. To be called last.
  void finish();

  const Document& document() const { return document_; }
  const Json& object() const { return object_; }

 private:
  [[noreturn]] void fail_range(const char* min_key, const char* max_key);

  const Document& document_;
  const Json& object_;
  std::string what_;
  std::vector<std::string> keys_;
};

template <class Integer>
void ObjectReader::integer(const char* key, Integer& target, IntegerRange range) {
  if (const Json* value = find(key); value != nullptr) {
    target = static_cast<Integer>(read_integer(document_, *value, range));
  }
}

template <class Value>
void ObjectReader::check_range(const char* min_key, const Value& min, const char* max_key,
                               const Value& max) {
  if (max < min) {
    fail_range(min_key, max_key);
  }
}

}  // namespace sagasim::scenarios
