// Nearest names: what somebody who mistyped a name may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sagasim::scenarios {

// At most three of `names`, nearest first, that `word` may have been meant to be. Letters swapped,
// left out, added or mistaken count; capitals and `-` for `_` do not. A beginning is near, too.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names);

// `unknown key "usres", did you mean "users"? (expected one of users, products)`.
std::string unknown_name(std::string_view what, std::string_view word,
                         const std::vector<std::string>& names);

// The beginning of `text`, of at most `bytes` bytes and cut between characters.
std::string_view clipped(std::string_view text, std::string_view::size_type bytes);

// `text` in double quotes for a message: shortened if it is long, control characters replaced.
std::string quote(std::string_view text);

}  // namespace sagasim::scenarios
