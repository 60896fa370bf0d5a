#include "scenarios/object_reader.h"

#include <algorithm>
#include <utility>

#include "scenarios/duration_text.h"
#include "scenarios/nearest.h"

namespace sagasim::scenarios {
namespace {

// `1000000` as 1,000,000.
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::string::size_type digits_from = number < 0 ? 1 : 0;
  for (std::string::size_type at = text.size(); at > digits_from + 3; at -= 3) {
    text.insert(at - 3, ",");
  }
  return text;
}

std::string expected(IntegerRange range) {
  return " (expected an integer from " + grouped(range.min) + " to " + grouped(range.max) + ')';
}

std::string expected(DurationRange range) {
  return " (expected a duration from " + quote(to_text(range.min)) + " to " +
         quote(to_text(range.max)) + ", in " + kDurationUnits + ')';
}

// What `value` is, for the beginning of a sentence.
std::string describe(const Json& value) {
  if (value.is_string()) {
    return quote(value.get_ref<const std::string&>()) + " is a text";
  }
  if (value.is_number_float()) {
    return value.dump() + " is no integer";
  }
  if (value.is_number()) {
    return value.dump() + " is a number";
  }
  if (value.is_boolean()) {
    return value.dump() + " is a boolean";
  }
  if (value.is_null()) {
    return "null is no value";
  }
  return value.is_object() ? "this is an object" : "this is a list";
}

}  // namespace

std::int64_t read_integer(const Document& document, const Json& value, IntegerRange range) {
  constexpr double kLarge = 1e18;  // Larger integers may have been read as if they were fractions.
  if (value.is_number_float() && value.get<double>() >= kLarge) {
    document.fail(value, value.dump() + " is too large" + expected(range));
  }
  if (value.is_number_float() && value.get<double>() <= -kLarge) {
    document.fail(value, value.dump() + " is too small" + expected(range));
  }
  if (!value.is_number_integer()) {
    document.fail(value, describe(value) + expected(range));
  }
  const bool fits = !value.is_number_unsigned() ||
                    value.get<std::uint64_t>() <=
                        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const std::int64_t number = fits ? value.get<std::int64_t>() : range.max;
  if (!fits || number > range.max) {
    document.fail(value, value.dump() + " is too large" + expected(range));
  }
  if (number < range.min) {
    document.fail(value, value.dump() + " is too small" + expected(range));
  }
  return number;
}

sim::Duration read_duration(const Document& document, const Json& value, DurationRange range) {
  if (value.is_number()) {
    document.fail(value, value.dump() + " has no unit (expected a duration such as " +
                             quote(value.dump() + " s") + ", in " + kDurationUnits + ')');
  }
  if (!value.is_string()) {
    document.fail(value, describe(value) + expected(range));
  }
  const auto& text = value.get_ref<const std::string&>();
  const auto duration = parse_duration(text);
  if (!duration) {
    document.fail(value, quote(text) +
                             " is no duration (expected a number of whole nanoseconds in all, with "
                             "a unit, such as \"250 ms\" or \"1.5 s\"; units are " +
                             kDurationUnits + ')');
  }
  if (*duration < range.min || *duration > range.max) {
    document.fail(value, quote(text) + (*duration < range.min ? " is too short" : " is too long") +
                             expected(range));
  }
  return *duration;
}

const std::string& read_text(const Document& document, const Json& value, const char* expected) {
  if (!value.is_string()) {
    document.fail(value, describe(value) + " (expected " + expected + ')');
  }
  return value.get_ref<const std::string&>();
}

bool read_boolean(const Document& document, const Json& value) {
  if (!value.is_boolean()) {
    document.fail(value, describe(value) + " (expected true or false)");
  }
  return value.get<bool>();
}

const Json& read_list(const Document& document, const Json& value, const char* expected) {
  if (!value.is_array()) {
    document.fail(value, describe(value) + " (expected a list of " + expected + ')');
  }
  return value;
}

std::size_t read_choice(const Document& document, const Json& value, const char* what,
                        const std::vector<std::string>& names) {
  const std::string a_name = "the name of a " + std::string(what);
  const std::string& text = read_text(document, value, a_name.c_str());
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    document.fail(value, unknown_name(what, text, names));
  }
  return static_cast<std::size_t>(found - names.begin());
}

ObjectReader::ObjectReader(const Document& document, const Json& object, std::string what)
    : document_(document), object_(object), what_(std::move(what)) {
  if (!object.is_object()) {
    document.fail(object, describe(object) + " (expected an object, " + what_ + ')');
  }
}

const Json* ObjectReader::find(const char* key) {
  keys_.emplace_back(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

const Json& ObjectReader::require(const char* key, const char* expected) {
  const Json* value = find(key);
  if (value == nullptr) {
    // A mistyped key is the likeliest reason, and says more than the lack of the right one.
    for (const auto& item : object_.items()) {
      const bool is_known = std::find(keys_.begin(), keys_.end(), item.key()) != keys_.end();
      if (!is_known && !nearest(item.key(), {key}).empty()) {
        document_.fail_at_key(object_, item.key(),
                              "unknown key " + quote(item.key()) + " in " + what_ +
                                  ", did you mean " + quote(key) + "?");
      }
    }
    document_.fail(object_, "the key " + quote(key) + " is missing in " + what_ + " (expected " +
                                expected + ')');
  }
  return *value;
}

void ObjectReader::duration(const char* key, sim::Duration& target, DurationRange range) {
  if (const Json* value = find(key); value != nullptr) {
    target = read_duration(document_, *value, range);
  }
}

void ObjectReader::boolean(const char* key, bool& target) {
  if (const Json* value = find(key); value != nullptr) {
    target = read_boolean(document_, *value);
  }
}

void ObjectReader::text(const char* key, std::string& target, const char* expected) {
  if (const Json* value = find(key); value != nullptr) {
    target = read_text(document_, *value, expected);
  }
}

void ObjectReader::finish() {
  for (const auto& item : object_.items()) {
    if (std::find(keys_.begin(), keys_.end(), item.key()) == keys_.end()) {
      document_.fail_at_key(object_, item.key(), unknown_name("key", item.key(), keys_));
    }
  }
}

void ObjectReader::fail_range(const char* min_key, const char* max_key) {
  const auto min = object_.find(min_key);
  const auto max = object_.find(max_key);
  const bool has_min = min != object_.end();
  const bool blames_min = has_min && (max == object_.end() || !document_.is_from_setting(*max));
  const std::string order = std::string(" (expected ") + quote(min_key) + " to be at most " +
                            quote(max_key) + "; set both)";
  if (blames_min) {
    document_.fail(*min, "is larger than " + quote(max_key) + order);
  }
  document_.fail(*max, "is smaller than " + quote(min_key) + order);
}

}  // namespace sagasim::scenarios
