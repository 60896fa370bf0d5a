// Certified: what trying every combination of a few faults gave, for a person and for a program.
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "reports/summary.h"
#include "search/certify.h"

namespace sagasim::reports {

struct CertifyReport {
  Target target;
  std::uint64_t seed = 0;
  std::uint32_t max_faults = 0;
  std::uint32_t max_postponements = 0;
  bool brute_force = false;
  unsigned jobs = 1;
  sim::Duration horizon{};  // in virtual time, for one run
  search::CertifyResult result;
  std::optional<Failure> failure;  // the counterexample
  std::string rerun;               // of the certificate
  bool resumes = false;            // a rerun goes on from where this ended
};

void write_text(std::ostream& out, const CertifyReport& report, const Style& style);
void write_json(std::ostream& out, const CertifyReport& report);

// How many combinations a second were covered; 0 if no time was measured.
double combinations_per_second(const search::CertifyResult& result);

}  // namespace sagasim::reports
