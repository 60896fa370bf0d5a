// Locator: where in the text of a JSON file a value stands. The JSON library tells places for
// errors of syntax alone, so this walks the text once more, and only when there is something to
// complain about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sagasim::scenarios {

struct Position {
  int line = 1;    // from 1
  int column = 1;  // from 1, in characters
};

Position position_at(std::string_view text, std::string_view::size_type offset);

enum class Part { kKey, kValue, kSecondKey };  // the last: of two equal keys, the later one

// The offset of the value at `path` (keys, and indices in decimal), of its key, or of the nearest
// value around it that the text has. Requires: `text` is JSON, with comments or without, up to that
// place.
std::string_view::size_type offset_of(std::string_view text, const std::vector<std::string>& path,
                                      Part part);

// The path as a JSON pointer; empty for the whole document.
std::string to_pointer(const std::vector<std::string>& path);

}  // namespace sagasim::scenarios
