// How a campaign file holds numbers and failed runs, for those who read or write its tables.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "search/figures.h"
#include "search/sqlite.h"

namespace sagasim::search {

// Before the id of a campaign: the key in `meta` under which stands how it ended.
inline constexpr const char* kSource = "source:";

inline std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

inline double seconds_of(const std::string& text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

inline void bind(Statement& statement, const FailedRun& run) {
  statement.bind(run.signature)
      .bind(run.property)
      .bind(run.message)
      .bind_bits(run.subject.bits())
      .bind(run.at.time_since_epoch().count())
      .bind_bits(run.fingerprint);
}

inline void bind(Statement& statement, const Cause& cause) {
  statement.bind(cause.signature)
      .bind(cause.property)
      .bind(cause.message)
      .bind(static_cast<std::int64_t>(cause.count))
      .bind_seed(cause.first_seed);
}

// Reads what bind() wrote of a run.
inline FailedRun failed_run(Statement& statement, std::uint64_t seed) {
  FailedRun run;
  run.seed = seed;
  run.signature = statement.text();
  run.property = statement.text();
  run.message = statement.text();
  run.subject = sim::Subject::from_bits(statement.count());
  run.at = sim::Instant(sim::Duration(statement.number()));
  run.fingerprint = statement.count();
  return run;
}

}  // namespace sagasim::search
