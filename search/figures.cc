#include "search/figures.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sim/hash.h"

namespace sagasim::search {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

void add(Counts& sums, const Counts& counts) {
  for (const auto& [name, count] : counts) {
    sums[name] += count;
  }
}

void lower(std::optional<std::uint64_t>& lowest, std::optional<std::uint64_t> seed) {
  if (seed && (!lowest || *seed < *lowest)) {
    lowest = seed;
  }
}

void add(CellCount& sum, const CellCount& count) {
  if (count.runs != 0) {
    sum.first_seed = sum.runs == 0 ? count.first_seed : std::min(sum.first_seed, count.first_seed);
    sum.runs += count.runs;
  }
}

}  // namespace

FailedRun failed_run_of(const scenarios::RunResult& run) {
  FailedRun failed;
  failed.seed = run.seed;
  failed.fingerprint = run.fingerprint;
  failed.signature = run.signature();
  if (!run.violations.empty()) {
    const scenarios::Violation& first = run.violations.front();
    failed.property = first.property;
    failed.message = first.message;
    failed.subject = first.subject;
    failed.at = first.at;
  }
  return failed;
}

void Figures::add(const scenarios::RunResult& run) {
  ++runs;
  digest += sim::mix(sim::combine(sim::mix(run.seed), run.fingerprint));
  for (const auto& [property, count] : run.properties) {
    properties[property] += count;
  }
  for (std::size_t kind = 0; kind < faults::kKinds; ++kind) {
    faults[kind] += run.faults[kind];
    met_nothing[kind] += run.met_nothing[kind];
  }
  for (const auto& [group, counts] : run.tallies) {
    search::add(tallies[group], counts);
  }
  for (const std::string& fault : run.left_over) {
    ++left_over[fault];
  }
  operations += run.operations;
  virtual_time += run.virtual_time;
  if (!run.cells.empty() && run.cells.back() >= cells.size()) {
    cells.resize(run.cells.back() + 1);
  }
  for (const std::uint32_t cell : run.cells) {
    search::add(cells[cell], {1, run.seed});
  }
  if (run.verdict == scenarios::Verdict::kInconclusive) {
    ++inconclusive;
    lower(first_inconclusive_seed, run.seed);
  }
  if (!run.failed()) {
    return;
  }
  ++failed;
  lower(first_seed, run.seed);
  std::set<std::string> violated;
  for (const scenarios::Violation& violation : run.violations) {
    if (violated.insert(violation.property).second) {
      ++property_failures[violation.property];
    }
  }
  add(failed_run_of(run));
}

void Figures::add(const FailedRun& run, std::uint64_t count) {
  Cause& cause = by_signature[run.signature];
  if (cause.count == 0 || run.seed < cause.first_seed) {
    cause = {run.signature, cause.count, run.seed,    run.fingerprint,
             run.property,  run.message, run.subject, run.at};
  }
  cause.count += count;
}

void Figures::add(const Figures& other) {
  runs += other.runs;
  failed += other.failed;
  inconclusive += other.inconclusive;
  lower(first_seed, other.first_seed);
  lower(first_inconclusive_seed, other.first_inconclusive_seed);
  for (const auto& [signature, cause] : other.by_signature) {
    add(FailedRun{cause.first_seed, cause.fingerprint, signature, cause.property, cause.message,
                  cause.subject, cause.at},
        cause.count);
  }
  search::add(properties, other.properties);
  search::add(property_failures, other.property_failures);
  for (std::size_t kind = 0; kind < faults::kKinds; ++kind) {
    faults[kind] += other.faults[kind];
    met_nothing[kind] += other.met_nothing[kind];
  }
  search::add(left_over, other.left_over);
  for (const auto& [group, counts] : other.tallies) {
    search::add(tallies[group], counts);
  }
  operations += other.operations;
  virtual_time += other.virtual_time;
  digest += other.digest;
  cells.resize(std::max(cells.size(), other.cells.size()));
  for (std::size_t cell = 0; cell < other.cells.size(); ++cell) {
    search::add(cells[cell], other.cells[cell]);
  }
}

Coverage coverage_of(const Figures& figures, std::uint64_t cells) {
  Coverage coverage;
  coverage.cells = cells;
  std::set<std::uint64_t> with_news;
  for (const CellCount& cell : figures.cells) {
    coverage.seen += cell.runs > 0 ? 1 : 0;
    if (cell.runs == 1) {
      with_news.insert(cell.first_seed);
    }
  }
  coverage.runs_with_news = with_news.size();
  return coverage;
}

std::vector<Cause> causes_of(const Figures& figures) {
  std::vector<Cause> causes;
  for (const auto& [signature, cause] : figures.by_signature) {
    causes.push_back(cause);
  }
  std::stable_sort(causes.begin(), causes.end(),
                   [](const Cause& a, const Cause& b) { return a.first_seed < b.first_seed; });
  return causes;
}

std::uint64_t cells_of(const std::vector<scenarios::CoverageAxis>& axes) {
  std::uint64_t cells = axes.empty() ? 0 : 1;
  for (const scenarios::CoverageAxis& axis : axes) {
    cells *= axis.values.size();
  }
  return cells;
}

}  // namespace sagasim::search
