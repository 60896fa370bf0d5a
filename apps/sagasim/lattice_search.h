// LatticeSearch: the lattice of the shop's guards, class by class: sweeps find what breaks, each
// failure is made small and kept, and what holds is certified over a small workload too.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "apps/sagasim/guarded_shop.h"
#include "reports/lattice.h"
#include "scenarios/repro.h"
#include "search/lattice.h"

namespace sagasim::apps {

struct LatticeSearchOptions {
  std::vector<std::string> scenarios;  // as for scenarios::load()
  std::vector<std::string> settings;
  std::uint64_t from = 0;
  std::uint64_t seeds = 0;
  std::uint32_t certified_faults = 0;  // 0: nothing is certified
  unsigned jobs = 1;
  double seconds = 0;  // 0: no limit
  const std::atomic<bool>* stop = nullptr;
  // Where it is: in which class, by its index, and what it does there.
  std::function<void(std::size_t, const search::LatticeProgress&)> progress{};
};

class LatticeSearch {
 public:
  explicit LatticeSearch(LatticeSearchOptions options);

  // Adds the class to `report`. Whatever breaks in a class that was run before and that it has in
  // it, breaks in it as well: the first class is in all others, and all others are in the last one.
  // Throws RunError if a run throws.
  void run(const scenarios::TroubleClass& trouble, reports::LatticeReport& report);

  // The run of each of the report's breaks, in the same order.
  const std::vector<scenarios::Repro>& repros() const { return repros_; }

 private:
  struct Small {
    scenarios::Repro repro;
    search::GuardSet left_out = 0;
  };

  bool is_over(reports::LatticeReport& report) const;
  double seconds_left() const;
  bool is_known_to_break_in(const reports::LatticeBreak& each,
                            const scenarios::TroubleClass& trouble) const;
  Small small(scenarios::Repro repro, search::GuardSet left_out, bool keeps_guards) const;
  std::size_t add(const Small& found, const scenarios::TroubleClass& trouble,
                  reports::LatticeReport& report);
  bool certify(const scenarios::TroubleClass& trouble, reports::LatticeCell& cell,
               reports::LatticeReport& report);
  bool find_needs(const scenarios::TroubleClass& trouble, const GuardedShop& shop,
                  reports::LatticeCell& cell, reports::LatticeReport& report);
  void drop_unneeded(reports::LatticeReport& report);

  const LatticeSearchOptions options_;
  const double start_;
  std::vector<scenarios::Repro> repros_;
};

// Whether the run of that file fails without these guards and no others.
bool fails_without(search::GuardSet left_out, const scenarios::Repro& run);

}  // namespace sagasim::apps
