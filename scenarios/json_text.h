// JSON text for people: the order of keys is kept, an object of a few plain values stands on one
// line, and so does each element of a list, so that a plan or a workload reads as a table.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace sagasim::scenarios {

using OrderedJson = nlohmann::ordered_json;

// Ends with a line feed.
std::string to_text(const OrderedJson& value);

}  // namespace sagasim::scenarios
