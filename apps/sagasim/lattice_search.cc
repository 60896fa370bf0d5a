#include "apps/sagasim/lattice_search.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <tuple>
#include <utility>

#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/universe_memory.h"
#include "apps/sagasim/verdict.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "scenarios/workload.h"
#include "search/certify.h"
#include "search/minimize.h"
#include "search/sweep.h"

namespace sagasim::apps {
namespace {

using search::GuardSet;

// No failure is worth more runs than that: hardly any takes half of them to be minimal.
constexpr std::uint64_t kMinimizeRuns = 4'000;

// A set that breaks can break rarely once much else is left out. So many times the seeds that a set
// has to stand are looked through for a run that does.
constexpr std::uint64_t kNeedSeeds = 10;

constexpr const char* kCertifiedScenario = "checkout-one-order";

scenarios::RunResult run(const scenarios::Repro& repro) {
  scenarios::RunRequest request;
  request.seed = repro.seed;
  request.plan = &repro.plan;
  return scenarios::make_shop(repro.scenario, repro.workload)->run(request);
}

// "unknown-outcomes-without-G2-G3.json"
std::string file_name(const std::string& trouble, GuardSet left_out) {
  std::string name = file_word(trouble) + "-without";
  for (std::size_t i = 0; i < scenarios::guards().size(); ++i) {
    if ((left_out >> i & 1) != 0) {
      name += std::string("-") + scenarios::guards()[i].id;
    }
  }
  return name + (left_out == 0 ? "-nothing.json" : ".json");
}

}  // namespace

bool fails_without(GuardSet left_out, const scenarios::Repro& repro) {
  return run(without(left_out, repro)).failed();
}

LatticeSearch::LatticeSearch(LatticeSearchOptions options)
    : options_(std::move(options)), start_(seconds_now()) {}

double LatticeSearch::seconds_left() const { return start_ + options_.seconds - seconds_now(); }

bool LatticeSearch::is_over(reports::LatticeReport& report) const {
  if (options_.stop != nullptr && options_.stop->load()) {
    report.interrupted = true;
  } else if (options_.seconds > 0 && seconds_left() <= 0) {
    report.out_of_time = true;
  }
  return report.interrupted || report.out_of_time;
}

bool LatticeSearch::is_known_to_break_in(const reports::LatticeBreak& each,
                                         const scenarios::TroubleClass& trouble) const {
  const auto classes = scenarios::trouble_classes();
  return each.found_in == trouble.id || each.found_in == classes.front().id ||
         std::string_view(trouble.id) == classes.back().id;
}

void LatticeSearch::run(const scenarios::TroubleClass& trouble, reports::LatticeReport& report) {
  const GuardedShop shop(options_.scenarios, options_.settings, trouble);
  const std::size_t place = report.classes.size();
  report.classes.push_back({trouble.id, trouble.sentence, trouble.settings, {}, false});
  search::LatticeOptions options;
  options.from = options_.from;
  options.seeds = options_.seeds;
  options.jobs = options_.jobs;
  options.stop = options_.stop;
  options.seconds_now = seconds_now;
  options.progress = [&](const search::LatticeProgress& progress) {
    if (options_.progress) {
      options_.progress(place, progress);
    }
  };
  options.found = [&](const search::Refuted& refuted) {
    scenarios::RunRequest request;
    request.seed = refuted.seed;
    request.record = true;
    const scenarios::Scenario scenario = shop.scenario_of(refuted.left_out, refuted.seed);
    const auto result = scenarios::make_shop(scenario)->run(request);
    const Small found = small(repro_of(scenario, result), refuted.left_out, false);
    add(found, trouble, report);
    return found.left_out;
  };
  std::vector<reports::LatticeCell>& cells = report.classes[place].cells;
  // A certificate that fails refutes its set, and the search goes on from there.
  for (bool is_settled = false; !is_settled && !is_over(report);) {
    options.known.clear();
    for (const reports::LatticeBreak& each : report.breaks) {
      if (is_known_to_break_in(each, trouble)) {
        options.known.push_back(each.left_out);
      }
    }
    options.seconds = options_.seconds > 0 ? std::max(0.001, seconds_left()) : 0;
    const search::LatticeResult result = search::lattice(shop, options);
    report.runs += result.runs;
    if (result.internal_error) {
      throw RunError(*result.internal_error);
    }
    report.interrupted = report.interrupted || result.interrupted;
    report.out_of_time = report.out_of_time || result.out_of_time;
    options.held = result.held;
    cells.clear();
    for (const search::Held& held : result.held) {
      cells.push_back({held, {}, {}, {}});
    }
    is_settled = result.complete;
    for (reports::LatticeCell& cell : cells) {
      is_settled = is_settled && certify(trouble, cell, report);
    }
  }
  bool is_whole = !is_over(report);
  for (std::size_t i = 0; i < cells.size() && is_whole; ++i) {
    is_whole = find_needs(trouble, shop, cells[i], report);
  }
  report.classes[place].complete = is_whole;
  drop_unneeded(report);
}

// The smallest run that fails like this one, with as many guards put back as that allows, unless
// they are to be kept.
LatticeSearch::Small LatticeSearch::small(scenarios::Repro repro, GuardSet left_out,
                                          bool keeps_guards) const {
  Small found{std::move(repro), left_out};
  for (bool again = true; again;) {
    again = false;
    search::MinimizeOptions options;
    options.runs = kMinimizeRuns;
    options.keep_guards = true;
    options.jobs = options_.jobs;
    options.stop = options_.stop;
    found.repro = repro_of(search::minimize(case_of(found.repro), options).after);
    for (std::size_t i = 0; i < scenarios::guards().size() && !keeps_guards; ++i) {
      const GuardSet fewer = found.left_out & ~(GuardSet{1} << i);
      const scenarios::Repro other = without(fewer, found.repro);
      if (fewer != found.left_out && apps::run(other).failed()) {
        found = {other, fewer};
        again = true;
      }
    }
  }
  return found;
}

std::size_t LatticeSearch::add(const Small& found, const scenarios::TroubleClass& trouble,
                               reports::LatticeReport& report) {
  const scenarios::RunResult result = apps::run(found.repro);
  reports::LatticeBreak one;
  one.left_out = found.left_out;
  one.found_in = trouble.id;
  one.cause = result.signature();
  one.message = result.violations.empty() ? "" : result.violations.front().message;
  one.faults = found.repro.plan.size();
  one.commands = found.repro.workload.commands.size();
  one.repro = file_name(trouble.id, found.left_out);
  one.fails = result.failed();
  report.breaks.push_back(std::move(one));
  repros_.push_back(found.repro);
  return report.breaks.size() - 1;
}

// Tries every combination of a few of the class's faults on operations. Returns false iff one broke
// something, which then refutes the set, or it did not come to an end.
bool LatticeSearch::certify(const scenarios::TroubleClass& trouble, reports::LatticeCell& cell,
                            reports::LatticeReport& report) {
  if (options_.certified_faults == 0) {
    return true;
  }
  std::vector<std::string> settings = options_.settings;
  settings.insert(settings.end(), trouble.settings.front().begin(), trouble.settings.front().end());
  scenarios::Scenario scenario = scenarios::load(kCertifiedScenario, settings);
  const faults::Profile profile = scenario.faults;
  scenarios::leave_out(cell.held.left_out, scenario.architecture.policy);
  const domain::Workload workload = scenarios::generate_workload(scenario, 0);
  search::CertifyOptions options;
  options.max_faults = options_.certified_faults;
  options.jobs = options_.jobs;
  options.stop = options_.stop;
  options.seconds_now = seconds_now;
  options.seconds = options_.seconds > 0 ? std::max(0.001, seconds_left()) : 0;
  options.memory = make_universe_memory;
  options.tries = [&profile](sim::OperationKind operation, faults::Kind kind) {
    return profile.rates[static_cast<unsigned>(kind)] != 0 &&
           (!profile.operations_outside_only || operation == sim::OperationKind::kRequest);
  };
  const search::CertifyResult result =
      search::certify(*scenarios::make_shop(scenario, workload), options);
  report.runs += result.counts.runs;
  if (result.internal_error) {
    throw RunError(*result.internal_error);
  }
  if (result.counterexample) {
    scenarios::RunRequest request;
    request.plan = &result.counterexample->plan;
    request.record = true;
    const auto failure = scenarios::make_shop(scenario, workload)->run(request);
    add(small(repro_of(scenario, failure), cell.held.left_out, false), trouble, report);
    return false;
  }
  const bool is_empty = result.counts.combinations == 1;  // nothing of the class strikes operations
  if (result.complete && result.counts.inconclusive == 0 && !is_empty) {
    cell.certificate = {kCertifiedScenario, options.max_faults, result.counts.combinations};
  }
  return !result.interrupted && !result.out_of_time;
}

// For each guard of the minimal set a run that breaks without it as well: the smallest known one
// that does; else one is looked for. Returns false iff there was no time for that.
bool LatticeSearch::find_needs(const scenarios::TroubleClass& trouble, const GuardedShop& shop,
                               reports::LatticeCell& cell, reports::LatticeReport& report) {
  for (unsigned guard = 0; guard < shop.guards(); ++guard) {
    const GuardSet left_out = cell.held.left_out | GuardSet{1} << guard;
    if (left_out == cell.held.left_out) {
      continue;
    }
    std::vector<std::size_t> known;
    for (std::size_t i = 0; i < report.breaks.size(); ++i) {
      const reports::LatticeBreak& each = report.breaks[i];
      if (is_known_to_break_in(each, trouble) && search::contains(left_out, each.left_out)) {
        known.push_back(i);
      }
    }
    std::stable_sort(known.begin(), known.end(), [&](std::size_t one, std::size_t other) {
      const auto size = [&](std::size_t i) {
        const reports::LatticeBreak& each = report.breaks[i];
        return std::tuple(std::popcount(each.left_out), each.faults, each.commands);
      };
      return size(one) < size(other);
    });
    auto found = std::find_if(known.begin(), known.end(),
                              [&](std::size_t i) { return fails_without(left_out, repros_[i]); });
    std::optional<std::size_t> broken_by;
    if (found != known.end()) {
      broken_by = *found;
    } else {
      search::SweepOptions options;
      options.from = options_.from;
      options.seeds = kNeedSeeds * options_.seeds;
      options.jobs = options_.jobs;
      options.stop_after = 1;
      options.stop = options_.stop;
      options.seconds_now = seconds_now;
      options.seconds = options_.seconds > 0 ? std::max(0.001, seconds_left()) : 0;
      const search::SweepResult swept = search::sweep(*shop.without(left_out), options);
      report.runs += swept.runs;
      if (swept.internal_error) {
        throw RunError(swept.internal_error->message);
      }
      if (swept.failed > 0) {
        scenarios::RunRequest request;
        request.seed = swept.last;
        request.record = true;
        const scenarios::Scenario scenario = shop.scenario_of(left_out, swept.last);
        const auto result = scenarios::make_shop(scenario)->run(request);
        broken_by = add(small(repro_of(scenario, result), left_out, true), trouble, report);
      }
    }
    if (!broken_by) {
      return false;
    }
    cell.needs.push_back({guard, *broken_by, true});
  }
  return true;
}

// Forgets the runs that no longer say anything: a smaller set breaks in the same class, and no
// minimal set names them.
void LatticeSearch::drop_unneeded(reports::LatticeReport& report) {
  std::vector<std::size_t> place(report.breaks.size(), 0);
  std::vector<reports::LatticeBreak> kept;
  std::vector<scenarios::Repro> repros;
  for (std::size_t i = 0; i < report.breaks.size(); ++i) {
    const reports::LatticeBreak& each = report.breaks[i];
    bool is_kept = std::none_of(
        report.breaks.begin(), report.breaks.end(), [&](const reports::LatticeBreak& other) {
          return other.found_in == each.found_in && other.left_out != each.left_out &&
                 search::contains(each.left_out, other.left_out);
        });
    for (const reports::LatticeClass& of : report.classes) {
      for (const reports::LatticeCell& cell : of.cells) {
        is_kept = is_kept || std::any_of(cell.needs.begin(), cell.needs.end(),
                                         [i](const auto& need) { return need.broken_by == i; });
      }
    }
    if (is_kept) {
      place[i] = kept.size();
      kept.push_back(each);
      repros.push_back(repros_[i]);
    }
  }
  for (reports::LatticeClass& of : report.classes) {
    for (reports::LatticeCell& cell : of.cells) {
      for (reports::LatticeNeed& need : cell.needs) {
        need.broken_by = place[need.broken_by];
      }
    }
  }
  report.breaks = std::move(kept);
  repros_ = std::move(repros);
}

}  // namespace sagasim::apps
