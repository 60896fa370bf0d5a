// Reproduction: one run as a file that needs nothing else, `repro-*.json`: the scenario in full,
// the seed, every command and every fault by name, and what the run must end with. People read it,
// send it and edit it: one command and one fault stand in each line.
//
//     {"sagasim": "0.1.0", "scenario": {…}, "seed": "7", "workload": {…}, "plan": […],
//      "expect": {"verdict": "fail", "property": "MON-4", "message": "…",
//                 "fingerprint": "0123456789abcdef"}}
//
// The plan is what goes wrong in the run; the scenario's own faults tell where it came from.
// "description" says what the run is about, if anybody has said so.
// Without "expect" a replay tells what the run ends with, as for any other run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/commands.h"
#include "faults/plan.h"
#include "scenarios/bad_input.h"
#include "scenarios/scenario.h"
#include "scenarios/system.h"

namespace sagasim::scenarios {

// The version that writes these files.
inline constexpr const char* kVersion = "0.1.0";

struct Expectation {
  Verdict verdict = Verdict::kFail;
  std::string property;  // the first violated one; empty unless the verdict is fail
  std::string message;
  // Absent after somebody edited the run: then only the verdict and the property count.
  std::optional<std::uint64_t> fingerprint;
};

struct Repro {
  std::string version = kVersion;
  std::string description;  // what somebody says of it; the first thing that a replay tells
  Scenario scenario;
  std::uint64_t seed = 0;
  domain::Workload workload;
  faults::Plan plan;
  std::optional<Expectation> expect;  // nothing: somebody wants to see what comes of it
};

const char* to_text(Verdict verdict);  // "pass", "fail", "inconclusive"

// 16 hexadecimal digits.
std::string fingerprint_text(std::uint64_t fingerprint);

// `file` names the text in messages. Throws BadInput.
Repro parse_repro(std::string_view text, const std::string& file);

// parse_repro(write_repro(r)) gives r.
std::string write_repro(const Repro& repro);

}  // namespace sagasim::scenarios
