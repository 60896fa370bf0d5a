// Lattice: which guards are needed against which trouble, and which are enough, for a terminal, for
// a page and for programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "reports/format.h"
#include "scenarios/system.h"
#include "search/lattice.h"

namespace sagasim::reports {

struct LatticeGuard {
  std::string id;    // "G1"
  std::string name;  // "outbox"
  std::string sentence;
  std::vector<std::string> left_out;  // the settings of being without it
};

// A run that breaks without some guards, as small as it gets.
struct LatticeBreak {
  search::GuardSet left_out = 0;
  std::string found_in;  // the class that has its faults
  std::string cause;     // its signature
  std::string message;
  std::uint64_t faults = 0;
  std::uint64_t commands = 0;
  std::string repro;  // its file, below the folder of the lattice
  bool fails = true;  // when its file was last replayed, it failed in this way
};

// A guard of a minimal set, and the run that breaks with all others of the set.
struct LatticeNeed {
  unsigned guard = 0;
  std::size_t broken_by = 0;  // index into LatticeReport::breaks
  bool fails = true;          // as it was last run without all that the set leaves out
};

// Every combination of a few faults over one small workload.
struct LatticeCertificate {
  std::string scenario;
  std::uint32_t faults = 0;  // at most so many at once
  std::uint64_t combinations = 0;
};

struct LatticeCheck {
  std::uint64_t from = 0;
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t inconclusive = 0;
  std::optional<std::uint64_t> first_seed;  // that failed
};

// A minimal set of guards, told by what it leaves out.
struct LatticeCell {
  search::Held held;
  std::vector<LatticeNeed> needs;  // for each guard of the set, in their order
  std::optional<LatticeCertificate> certificate;
  std::optional<LatticeCheck> check;  // over other seeds
};

struct LatticeClass {
  std::string id;
  std::string sentence;
  std::vector<std::vector<std::string>> settings;
  std::vector<LatticeCell> cells;
  bool complete = false;  // each cell stood every seed, and has its needs
};

struct LatticeReport {
  std::vector<std::string> scenarios;
  std::vector<std::string> settings;  // further ones, for all of them
  std::uint64_t from = 0;
  std::uint64_t seeds = 0;
  std::vector<LatticeGuard> guards;
  std::vector<LatticeClass> classes;
  std::vector<LatticeBreak> breaks;
  std::uint64_t runs = 0;  // sweeps and certificates, without those that make failures small
  bool interrupted = false;
  bool out_of_time = false;
  unsigned jobs = 1;
  double seconds = 0;
  std::string rerun;
};

// kFail if nothing is enough for a class, or a check found something else than the lattice says;
// kInconclusive if it is not finished.
scenarios::Verdict verdict_of(const LatticeReport& report);

// How much a class needs a guard: all of its minimal sets have it, some have it, or none.
enum class Need : std::uint8_t { kNone, kSome, kAll };
Need need_of(const LatticeClass& of, unsigned guard);

// "G2 inbox, G3 natural keys"
std::string names_of(const LatticeReport& report, search::GuardSet guards);

void write_text(std::ostream& out, const LatticeReport& report, const Style& style);
void write_markdown(std::ostream& out, const LatticeReport& report);
void write_json(std::ostream& out, const LatticeReport& report);

}  // namespace sagasim::reports
