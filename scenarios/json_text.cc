#include "scenarios/json_text.h"

#include <algorithm>

namespace sagasim::scenarios {
namespace {

constexpr std::string::size_type kShortObject = 76;

bool is_plain(const OrderedJson& value) {
  return std::none_of(value.begin(), value.end(),
                      [](const OrderedJson& each) { return each.is_structured(); });
}

std::string scalar(const OrderedJson& value) {
  // What is not UTF-8 cannot come from a file; a name that a program made must not stop a report.
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string one_line(const OrderedJson& value) {
  if (!value.is_structured()) {
    return scalar(value);
  }
  std::string text;
  for (const auto& item : value.items()) {
    text += text.empty() ? "" : ", ";
    text += value.is_object() ? scalar(item.key()) + ": " : "";
    text += one_line(item.value());
  }
  return value.is_object() ? '{' + text + '}' : '[' + text + ']';
}

void append(std::string& text, const OrderedJson& value, std::string::size_type indent);

void append_lines(std::string& text, const OrderedJson& value, std::string::size_type indent) {
  const char* separator = "\n";
  text += value.is_object() ? '{' : '[';
  for (const auto& item : value.items()) {
    text += separator;
    text += std::string(indent + 2, ' ');
    separator = ",\n";
    if (value.is_object()) {
      text += scalar(item.key()) + ": ";
      append(text, item.value(), indent + 2);
    } else {
      text += one_line(item.value());
    }
  }
  text += '\n' + std::string(indent, ' ');
  text += value.is_object() ? '}' : ']';
}

void append(std::string& text, const OrderedJson& value, std::string::size_type indent) {
  if (!value.is_structured() || value.empty()) {
    text += one_line(value);
    return;
  }
  if (is_plain(value) && value.size() <= 4) {
    const std::string line = one_line(value);
    if (indent > 0 && line.size() <= kShortObject) {
      text += line;
      return;
    }
  }
  append_lines(text, value, indent);
}

}  // namespace

std::string to_text(const OrderedJson& value) {
  std::string text;
  append(text, value, 0);
  return text + '\n';
}

}  // namespace sagasim::scenarios
