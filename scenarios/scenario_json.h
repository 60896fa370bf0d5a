// The JSON form of a scenario: a file for people, with comments, in which every key may be absent.
//
// Reading is strict: a key, name, type or value that a scenario does not know is a BadInput that
// tells the place and the remedy. Durations are texts with a unit. Writing is complete, so that a
// reproduction keeps its meaning when a default changes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/bad_input.h"
#include "scenarios/document.h"
#include "scenarios/json_text.h"
#include "scenarios/scenario.h"

namespace sagasim::scenarios {

// `file` names the text in messages. `settings` are `path=value`, applied in order: a value that is
// no JSON is a text, so `architecture.publish=direct` and `shop.users=5` mean what they say. Throws
// BadInput.
Scenario parse_scenario(std::string_view text, const std::string& file,
                        const std::vector<std::string>& settings = {});

// Every key, for people to read. parse_scenario(write_scenario(s)) gives s.
std::string write_scenario(const Scenario& scenario);

// True for what a scenario may be called: 1 to 64 letters, digits, dots, hyphens and underscores, a
// letter or a digit first. Names become parts of file names.
bool is_scenario_name(std::string_view name);

// The same as values, for formats that hold a scenario.
Scenario read_scenario(const Document& document, const Json& value);
OrderedJson scenario_to_json(const Scenario& scenario);
std::string read_property(const Document& document, const Json& value);  // the id of one

}  // namespace sagasim::scenarios
