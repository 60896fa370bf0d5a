// Seeds as people give them: a decimal number, 0x and hexadecimal digits, or a git hash of 40
// digits, so that a pipeline can take the commit that it tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sagasim::scenarios {

// What a seed may look like, for messages.
inline constexpr const char* kSeedForms =
    "a decimal number below 2^64, 0x and up to 16 hexadecimal digits, or a git hash of 40 digits";

// Nothing if `text` is no seed. Two hashes that differ in one digit give different seeds.
std::optional<std::uint64_t> find_seed(std::string_view text);

// The same, but throws BadInput, which names `place`.
std::uint64_t parse_seed(std::string_view text, const std::string& place = "--seed");

}  // namespace sagasim::scenarios
