// Names: the words that identities are made of. Nothing here allocates, compares strings or needs
// a table to be printed, so names cost nothing on the path of an operation.
//
// Name     a fixed word of the program: a role, a topic, a method, a table. Its hash is its value.
// Subject  what an operation is about: a letter and up to two numbers, as in `c2.3` (third command
//          of customer 2) or `p1`. The workload hands them out; database ids never become subjects.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/hash.h"

namespace sagasim::sim {

class Name {
 public:
  constexpr Name() = default;
  // Requires: `literal` lives for ever. A string literal does, and nothing else is meant.
  constexpr Name(const char* literal)  // NOLINT: a literal is a name wherever one is wanted
      : text_(literal), hash_(hash_text(literal)) {}

  constexpr const char* text() const { return text_; }
  constexpr std::uint64_t hash() const { return hash_; }
  constexpr bool empty() const { return *text_ == '\0'; }

  friend constexpr bool operator==(Name a, Name b) { return a.hash_ == b.hash_; }

 private:
  const char* text_ = "";
  std::uint64_t hash_ = hash_text("");
};

class Subject {
 public:
  constexpr Subject() = default;
  // Requires: `letter` is an ASCII letter; `major` and `minor` are below 2^28. Numbers start at 1;
  // a `minor` of 0 means that there is none.
  constexpr Subject(char letter, std::uint32_t major, std::uint32_t minor = 0)
      : bits_(static_cast<std::uint64_t>(static_cast<std::uint8_t>(letter)) << 56 |
              static_cast<std::uint64_t>(major) << 28 | minor) {}
  // The inverse of bits().
  static constexpr Subject from_bits(std::uint64_t bits) {
    Subject subject;
    subject.bits_ = bits;
    return subject;
  }

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool none() const { return bits_ == 0; }
  constexpr char letter() const { return static_cast<char>(bits_ >> 56); }
  constexpr std::uint32_t major() const {
    return static_cast<std::uint32_t>(bits_ >> 28) & 0xfffffffu;
  }
  constexpr std::uint32_t minor() const { return static_cast<std::uint32_t>(bits_) & 0xfffffffu; }

  friend constexpr auto operator<=>(Subject, Subject) = default;

 private:
  std::uint64_t bits_ = 0;
};

// `c2.3`, `p1`, or `-` for no subject. parse_subject() is the exact inverse.
std::string to_text(Subject subject);
std::optional<Subject> parse_subject(std::string_view text);

}  // namespace sagasim::sim
