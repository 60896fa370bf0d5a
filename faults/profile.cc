#include "faults/profile.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "sim/random.h"

namespace sagasim::faults {
namespace {

struct Rate {
  Kind kind;
  std::uint32_t value;
};
using Rates = std::array<std::uint32_t, kKinds>;

Rates rates(std::initializer_list<Rate> list) {
  Rates result{};
  for (const Rate& rate : list) {
    result[static_cast<unsigned>(rate.kind)] = rate.value;
  }
  return result;
}

Rates operator+(Rates one, const Rates& other) {
  for (unsigned kind = 0; kind < kKinds; ++kind) {
    one[kind] += other[kind];
  }
  return one;
}

// Every crash in every phase on either side, equally often.
Rates crash_rates(std::uint32_t value) {
  return rates({{Kind::kCrashBefore, value},
                {Kind::kCrashUnseen, value},
                {Kind::kCrashSeen, value},
                {Kind::kReceiverCrashBefore, value},
                {Kind::kReceiverCrashUnseen, value},
                {Kind::kReceiverCrashSeen, value}});
}

// What happens to a cache on any day: nothing that must last is in it.
Rates cache_rates() { return rates({{Kind::kCacheFailover, 2}, {Kind::kCacheWipe, 2}}); }

// What operators do on an ordinary day, and what they do when something is wrong.
Rates operator_rates() {
  return rates({{Kind::kCorruptRecord, 2},
                {Kind::kOffsetReset, 2},
                {Kind::kRedrive, 2},
                {Kind::kExpandPartitions, 2},
                {Kind::kRunJobsAgain, 4}});
}

// The most that a seed can draw. A crash costs a run far more than a lost message, so crashes are
// allowed fewer; delays and duplicates are what most faults of ordering need, so they are allowed
// more. With all of a run's draws at their maximum a few faults strike every invocation, and little
// gets done.
Rates swarm_rates() {
  return crash_rates(2'000) + operator_rates() + cache_rates() +
         rates({{Kind::kDrop, 24'000},      {Kind::kDelay, 16'000},      {Kind::kHold, 12'000},
                {Kind::kDuplicate, 24'000}, {Kind::kFail, 6'000},        {Kind::kReplyLost, 6'000},
                {Kind::kNotDone, 6'000},    {Kind::kLate, 12'000},       {Kind::kPause, 3'000},
                {Kind::kPartition, 3},      {Kind::kOneWayPartition, 3}, {Kind::kIsolation, 2},
                {Kind::kOutage, 3},         {Kind::kSlowness, 3},        {Kind::kOverload, 2},
                {Kind::kClockOffset, 3},    {Kind::kClockDrift, 2},      {Kind::kCrashLoop, 2},
                {Kind::kPowerCut, 1},       {Kind::kUpgrade, 1},         {Kind::kShortLatencies, 1},
                {Kind::kHeavyTails, 1},     {Kind::kPriorities, 3},      {Kind::kMidnight, 1}});
}

// All at once, at rates at which most orders still come to an end before the faults do.
Rates everything_rates() {
  return crash_rates(150) + operator_rates() + cache_rates() +
         rates({{Kind::kDrop, 2'000},      {Kind::kDelay, 2'000},       {Kind::kHold, 1'000},
                {Kind::kDuplicate, 4'000}, {Kind::kFail, 1'000},        {Kind::kReplyLost, 1'000},
                {Kind::kNotDone, 1'000},   {Kind::kLate, 1'000},        {Kind::kPause, 300},
                {Kind::kPartition, 1},     {Kind::kOneWayPartition, 1}, {Kind::kIsolation, 1},
                {Kind::kOutage, 1},        {Kind::kSlowness, 1},        {Kind::kOverload, 1},
                {Kind::kClockOffset, 1},   {Kind::kClockDrift, 1},      {Kind::kCrashLoop, 1},
                {Kind::kPowerCut, 1},      {Kind::kUpgrade, 1},         {Kind::kShortLatencies, 1},
                {Kind::kHeavyTails, 1},    {Kind::kPriorities, 2},      {Kind::kMidnight, 1}});
}

// A breaker, and enough of the ordinary for it to matter: work under way, answers lost, retries.
Profile breaker_profile(const char* name, const char* description, Kind kind,
                        std::uint32_t per_run) {
  return {.name = name,
          .description = description,
          .rates = rates({{kind, per_run},
                          {Kind::kDelay, 6'000},
                          {Kind::kReplyLost, 3'000},
                          {Kind::kDuplicate, 3'000}}) +
                   crash_rates(100),
          .delay_max = sim::seconds(10),
          .downtime_max = sim::seconds(5)};
}

// How rough a run is altogether. Without it a dozen independent draws would make all runs alike.
enum class Weather : std::uint8_t { kQuiet, kFair, kWild };

Weather weather_of(const sim::Random& random) {
  const std::uint64_t draw = sim::below(random.draw(0, "weather"), 8);
  return draw == 0 ? Weather::kQuiet : draw == 7 ? Weather::kWild : Weather::kFair;
}

// Between a 64th of `rate_max` and all of it, every halving as likely as any other.
std::uint32_t log_uniform(std::uint64_t draw, std::uint32_t rate_max) {
  const auto halvings = static_cast<unsigned>(sim::below(draw, 6));
  const std::uint32_t high = rate_max >> halvings;
  const std::uint32_t low = high / 2;
  return low + static_cast<std::uint32_t>(sim::below(sim::mix(draw), high - low + 1));
}

}  // namespace

const Profile kProfiles[] = {
    {.name = "calm", .description = "Nothing goes wrong."},
    {.name = "swarm",
     .description = "Per seed each kind but the breakers is on or off, at a rate of its own.",
     .rates = swarm_rates(),
     .swarm = true},
    {.name = "duplicates",
     .description = "Messages arrive twice.",
     .rates = rates({{Kind::kDuplicate, 30'000}, {Kind::kOffsetReset, 1}})},
    {.name = "reorder",
     .description = "Messages overtake one another, and late ones meet their own retries.",
     .rates = rates({{Kind::kDelay, 30'000}, {Kind::kHold, 10'000}, {Kind::kPriorities, 2}}),
     .delay_max = sim::seconds(10)},
    {.name = "lossy",
     .description = "Requests and answers are lost, refused or too late.",
     .rates = rates({{Kind::kDrop, 15'000},
                     {Kind::kFail, 5'000},
                     {Kind::kReplyLost, 8'000},
                     {Kind::kNotDone, 8'000},
                     {Kind::kLate, 8'000}})},
    {.name = "crashy",
     .description = "Processes and servers die at every step, in loops, all at once, in upgrades.",
     .rates = crash_rates(700) + cache_rates() +
              rates({{Kind::kCrashLoop, 1}, {Kind::kPowerCut, 1}, {Kind::kUpgrade, 1}})},
    {.name = "partitions",
     .description = "Links are cut in both directions or one, and single nodes cut off.",
     .rates = rates({{Kind::kPartition, 5}, {Kind::kOneWayPartition, 5}, {Kind::kIsolation, 2}})},
    {.name = "slow",
     .description = "Messages are late, processes stop and go on, latencies have heavy tails.",
     .rates = rates({{Kind::kDelay, 10'000},
                     {Kind::kPause, 2'000},
                     {Kind::kSlowness, 3},
                     {Kind::kHeavyTails, 1}})},
    {.name = "skewed",
     .description = "Clocks are wrong, drift and are corrected; the date changes.",
     .rates = rates({{Kind::kClockOffset, 6},
                     {Kind::kClockDrift, 4},
                     {Kind::kMidnight, 1},
                     {Kind::kDelay, 10'000}})},
    {.name = "gateway-down",
     .description = "The services outside the system refuse every request for a while.",
     .rates = rates({{Kind::kOutage, 4}}),
     .outages_outside_only = true},
    {.name = "overload",
     .description =
         "Requests cost more time than there is, so they queue, time out and are retried.",
     .rates = rates({{Kind::kOverload, 4}, {Kind::kSlowness, 1}, {Kind::kDelay, 3'000}})},
    {.name = "operators",
     .description = "Offsets are reset, jobs run twice, partitions added, dead letters redriven.",
     .rates = operator_rates() + rates({{Kind::kDelay, 6'000}, {Kind::kUpgrade, 1}})},
    {.name = "everything",
     .description =
         "Every kind but the breakers, in every run; of short latencies and heavy tails one.",
     .rates = everything_rates(),
     .delay_max = sim::seconds(20)},
    breaker_profile("acks1", "Breaker: acknowledged records are lost in a failover of the broker.",
                    Kind::kAcks1, 4),
    breaker_profile("unclean-election",
                    "Breaker: a replica that was out of sync becomes the leader.",
                    Kind::kUncleanElection, 2),
    breaker_profile("short-retention", "Breaker: records expire before everybody has read them.",
                    Kind::kShortRetention, 4),
    breaker_profile("database-failover",
                    "Breaker: committed rows are lost in a failover of a database.",
                    Kind::kDatabaseFailover, 4),
    breaker_profile("database-restored", "Breaker: a database is restored from an old backup.",
                    Kind::kDatabaseRestored, 2),
    breaker_profile("key-expiry", "Breaker: the gateway forgets its idempotency keys.",
                    Kind::kKeyExpiry, 8),
    breaker_profile("replica-lag", "Breaker: plain reads go to a replica that is behind.",
                    Kind::kReplicaLag, 6),
    breaker_profile("lock-timeout-statement",
                    "Breaker: a lock that times out fails one statement, not the transaction.",
                    Kind::kLockTimeoutStatement, 6),
};
const int kProfileCount = static_cast<int>(sizeof(kProfiles) / sizeof(kProfiles[0]));

const Profile* find_profile(const std::string& name) {
  for (const Profile& profile : kProfiles) {
    if (profile.name == name) {
      return &profile;
    }
  }
  return nullptr;
}

Profile drawn(const Profile& profile, std::uint64_t seed) {
  Profile result = profile;
  const sim::Random random(seed);
  if (!profile.swarm) {
    std::uint32_t& quick = result.rates[static_cast<unsigned>(Kind::kShortLatencies)];
    std::uint32_t& slow = result.rates[static_cast<unsigned>(Kind::kHeavyTails)];
    if (quick != 0 && slow != 0) {  // each would be all of a run: a seed has one of the two
      (sim::below(random.draw(0, "pace"), 2) == 0 ? quick : slow) = 0;
    }
    return result;
  }
  result.swarm = false;
  const Weather weather = weather_of(random);
  // How a run's messages are paced: as configured, or in one of three other ways.
  const Kind paces[] = {Kind::kShortLatencies, Kind::kHeavyTails, Kind::kPriorities};
  const std::uint64_t pace = sim::below(random.draw(0, "pace"), 4);
  for (const KindInfo& info : kCatalog) {
    std::uint32_t& rate = result.rates[static_cast<unsigned>(info.kind)];
    const Kind* paced = std::find(std::begin(paces), std::end(paces), info.kind);
    if (paced != std::end(paces)) {
      rate = static_cast<std::uint64_t>(paced - paces) == pace ? rate : 0;
      continue;
    }
    const std::uint64_t kind = sim::hash_text(info.id);
    if (sim::below(random.draw(kind, "is on"), 2) == 0) {
      rate = 0;
      continue;
    }
    const std::uint64_t draw = random.draw(kind, "rate");
    if (info.window) {
      rate = static_cast<std::uint32_t>(sim::below(draw, std::uint64_t{rate} + 1));
    } else {
      rate = log_uniform(draw, rate);
    }
    if (weather == Weather::kQuiet) {
      rate /= 8;
    } else if (weather == Weather::kWild && !info.window) {
      rate *= 3;
    }
  }
  return result;
}

}  // namespace sagasim::faults
