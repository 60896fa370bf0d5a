#include "faults/profile.h"

#include <initializer_list>

#include "sim/random.h"

namespace sagasim::faults {
namespace {

struct Rate {
  Kind kind;
  std::uint32_t value;
};

std::array<std::uint32_t, kKinds> rates(std::initializer_list<Rate> list) {
  std::array<std::uint32_t, kKinds> result{};
  for (const Rate& rate : list) {
    result[static_cast<unsigned>(rate.kind)] = rate.value;
  }
  return result;
}

// Every crash in every phase on either side, equally often.
std::array<std::uint32_t, kKinds> crash_rates(std::uint32_t value) {
  return rates({{Kind::kCrashBefore, value},
                {Kind::kCrashUnseen, value},
                {Kind::kCrashSeen, value},
                {Kind::kReceiverCrashBefore, value},
                {Kind::kReceiverCrashUnseen, value},
                {Kind::kReceiverCrashSeen, value}});
}

// A crash costs a run far more than a lost message, so crashes are allowed fewer; delays and
// duplicates are what most faults of ordering need, so they are allowed more. With all of a run's
// draws at their maximum a few faults strike every invocation, and little gets done.
std::array<std::uint32_t, kKinds> swarm_rates() {
  std::array<std::uint32_t, kKinds> result = crash_rates(2'000);
  for (const Rate& rate : std::initializer_list<Rate>{{Kind::kDrop, 24'000},
                                                      {Kind::kDelay, 16'000},
                                                      {Kind::kDuplicate, 24'000},
                                                      {Kind::kFail, 6'000},
                                                      {Kind::kReplyLost, 6'000},
                                                      {Kind::kNotDone, 6'000},
                                                      {Kind::kLate, 12'000},
                                                      {Kind::kPause, 3'000},
                                                      {Kind::kPartition, 3},
                                                      {Kind::kOneWayPartition, 3},
                                                      {Kind::kOutage, 3}}) {
    result[static_cast<unsigned>(rate.kind)] = rate.value;
  }
  return result;
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
    {.name = "calm"},
    {.name = "swarm", .rates = swarm_rates(), .swarm = true},
    {.name = "duplicates", .rates = rates({{Kind::kDuplicate, 30'000}})},
    {.name = "reorder", .rates = rates({{Kind::kDelay, 30'000}}), .delay_max = sim::seconds(10)},
    {.name = "lossy",
     .rates = rates({{Kind::kDrop, 15'000},
                     {Kind::kFail, 5'000},
                     {Kind::kReplyLost, 8'000},
                     {Kind::kNotDone, 8'000},
                     {Kind::kLate, 8'000}})},
    {.name = "crashy", .rates = crash_rates(700)},
    {.name = "partitions", .rates = rates({{Kind::kPartition, 5}, {Kind::kOneWayPartition, 5}})},
    {.name = "slow", .rates = rates({{Kind::kDelay, 10'000}, {Kind::kPause, 2'000}})},
    {.name = "gateway_down", .rates = rates({{Kind::kOutage, 4}}), .outages_outside_only = true},
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
  if (!profile.swarm) {
    return result;
  }
  result.swarm = false;
  const sim::Random random(seed);
  const Weather weather = weather_of(random);
  for (const KindInfo& info : kCatalog) {
    std::uint32_t& rate = result.rates[static_cast<unsigned>(info.kind)];
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
