// Hashing: the one mixing function under identities, keyed randomness, digests and the fingerprint.
//
// Everything is 64-bit integer arithmetic, so a hash is the same on every compiler and processor.
// Texts are hashed byte by byte (FNV-1a, then mixed): only names and files are, never per
// operation.
#pragma once

#include <cstdint>
#include <string_view>

namespace sagasim::sim {

// The splitmix64 finaliser (Steele, Lea, Flood 2014): a bijection, so distinct inputs stay
// distinct.
constexpr std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// Folds `value` into `state`. Order matters: combine(combine(s, a), b) != combine(combine(s, b),
// a).
constexpr std::uint64_t combine(std::uint64_t state, std::uint64_t value) {
  return mix((state << 1 | state >> 63) ^ value * 0xff51afd7ed558ccdu);
}

constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) {
    h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  }
  return mix(h);
}

}  // namespace sagasim::sim
