#include "tests/models/storm.h"

#include <gtest/gtest.h>
// gtest first: rapidcheck does not include it.
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>

#include "tests/faults/struck.h"

namespace sagasim::sim::models {
namespace {

// Cases that are always the same, so that what has to have happened in them does or does not. As
// many more as are asked for are drawn.
constexpr std::uint64_t kFixedCases = 120;
const char* const kProfiles[] = {"swarm",  "swarm", "everything", "lossy",
                                 "crashy", "slow",  "partitions"};

// A toy does a few hundred operations where a shop does tens of thousands: what strikes one of so
// many has to strike more often, or it would not strike at all.
constexpr std::uint32_t kMoreOften = 8;

faults::Profile rough(const std::string& name) {
  faults::Profile profile = *faults::find_profile(name);
  for (unsigned kind = 0; kind < faults::kOperationKindsOfFault; ++kind) {
    profile.rates[kind] *= kMoreOften;
  }
  return profile;
}

// Everything that can go wrong but the breakers. Swarms are drawn anew by each seed.
faults::Profile any_profile() {
  return rough(
      *rc::gen::elementOf(std::vector<std::string>(std::begin(kProfiles), std::end(kProfiles))));
}

// Its client works as services do, and may be struck like one.
faults::InjectorTargets targets_of(const toy::Toy& toy) {
  faults::InjectorTargets targets = faults::targets_of(toy);
  targets.services.push_back(&toy.client);
  targets.customers.clear();
  return targets;
}

std::string name_of(faults::Kind kind) { return std::string("fault: ") + faults::info_of(kind).id; }

}  // namespace

std::uint64_t Evidence::count(const std::string& what) const {
  const auto found = counts_.find(what);
  return found == counts_.end() ? 0 : found->second;
}

std::string Evidence::text() const {
  std::string text;
  for (const auto& [what, times] : counts_) {
    if (times != 0) {
      text += (text.empty() ? "" : ", ") + what + " " + std::to_string(times);
    }
  }
  return text;
}

// --- a storm ---

Storm::Storm(const Case& drawn, const toy::ToyOptions& options)
    : Toy(toy::no_script, options), injector_(drawn.profile, drawn.seed, kStart + kCalm) {
  injector_.install(world, targets_of(*this));
}

void Storm::now_and_then(Name name, std::uint32_t count, std::function<void(std::uint64_t)> what) {
  for (std::uint64_t i = 1; i <= count; ++i) {
    const std::uint64_t draw = world.random().draw(i, name);
    const Duration when{static_cast<std::int64_t>(
        below(draw, static_cast<std::uint64_t>((kCalm - milliseconds(2)).count())))};
    world.schedule_fault(kStart + when + milliseconds(1), combine(name.hash(), i),
                         [what, i] { what(i); });
  }
}

void Storm::let_work(toy::Script script, Subject subject) {
  if (client.up() && !client.paused()) {
    start(script, subject);
  }
}

bool Storm::rage(toy::Script script, std::uint32_t count) {
  now_and_then("work", count, [this, script](std::uint64_t i) {
    let_work(script, Subject('t', static_cast<std::uint32_t>(i)));
  });
  run(Duration{});
  return run(seconds(1'200));
}

void Storm::tell(Evidence& evidence) const {
  const auto counts = injector_.counts();
  for (unsigned kind = 0; kind < counts.size(); ++kind) {
    evidence.saw(name_of(static_cast<faults::Kind>(kind)), counts[kind]);
  }
}

void Chronicle::on_append(const Record& record) {
  appended[{record.partition, record.offset}] = combine(record.event_id, record.version);
}

void Chronicle::on_commit(const Commit& commit) {
  for (const RowChange& change : commit.changes) {
    const Place place{change.table->name().hash(), change.key.hash()};
    const std::uint64_t digest =
        change.after == nullptr ? 0 : change.table->type().digest(change.after);
    rows[place] = digest;
    ever.insert({place, digest});
  }
}

void Chronicle::on_handled(const Record& record, const Invocation&) {
  auto& known = handled[record.partition];
  if (std::find(known.begin(), known.end(), record.offset) == known.end()) {
    known.push_back(record.offset);
  } else {
    ++handled_again;
  }
}

void Chronicle::on_exchange(const Exchange& exchange) {
  if (exchange.request.key != 0) {
    ++decided[exchange.request.key];
  }
}

toy::ToyOptions options_of(std::uint64_t seed) {
  toy::ToyOptions options;
  options.seed = seed;
  options.workers = 1 + static_cast<std::uint32_t>(seed % 3);
  options.partitions = 1 + static_cast<std::uint32_t>(seed / 3 % 3);
  return options;
}

// --- judging ---

void holds(const Judge& judge, std::initializer_list<const char*> happened,
           std::initializer_list<faults::Kind> struck) {
  Evidence evidence;
  for (std::uint64_t i = 0; i < kFixedCases; ++i) {
    const Case fixed{mix(i) >> 24, rough(kProfiles[i % std::size(kProfiles)])};
    EXPECT_EQ(judge(fixed, evidence), "") << "in case " << i;
  }
  std::cout << "  in " << kFixedCases << " cases: " << evidence.text() << '\n';
  for (const char* what : happened) {
    EXPECT_GT(evidence.count(what), 0u) << what << " never happened";
  }
  for (const faults::Kind kind : struck) {
    EXPECT_GT(evidence.count(name_of(kind)), 0u) << name_of(kind) << " never struck";
  }
  rc::detail::checkGTest([&] {
    // From the whole range at once, and as it is: a smaller seed is no simpler a case.
    const auto seed = *rc::gen::noShrink(
        rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint64_t>(1, 1ull << 40)));
    const Case drawn{seed, any_profile()};
    const std::string broken = judge(drawn, evidence);
    if (!broken.empty()) {
      RC_FAIL(broken);
    }
  });
}

void finds_fault(const Judge& judge, std::uint64_t seeds) {
  Evidence evidence;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::string broken = judge(Case{seed, rough("lossy")}, evidence);
    if (!broken.empty()) {
      std::cout << "  seed " << seed << ": " << broken << '\n';
      return;
    }
  }
  ADD_FAILURE() << "nothing was found; " << evidence.text();
}

}  // namespace sagasim::sim::models
