// Profile: what chance may do in a run. A profile and a seed give one plan, decided operation by
// operation as they begin, each by its identity.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "faults/plan.h"
#include "sim/time.h"

namespace sagasim::faults {

// Faults are counted in faults per million operations (of those that the kind can strike), windows
// and moments in so many per run.
struct Profile {
  std::string name = "calm";
  const char* description = "";
  std::array<std::uint32_t, kKinds> rates{};  // operation kinds: per million; others: per run
  // Per seed each kind is on or off, its rate drawn anew up to the one above (log-uniform), and
  // perhaps narrowed: to one role, to some keys, to some topics, or into bursts.
  bool swarm = false;
  sim::Duration delay_max = sim::seconds(30);  // of delays, holds, late answers, pauses, duplicates
  sim::Duration downtime_max = sim::seconds(20);  // of crashes
  // Of windows, every doubling from the one to the other as likely as any other.
  sim::Duration window_min = sim::milliseconds(2);
  sim::Duration window_max = sim::seconds(15);
  bool outages_outside_only = false;  // outages strike external services, never our own servers
  // Of all operations only requests to external services are struck.
  bool operations_outside_only = false;
};

// What a swarm profile comes to under `seed`: its kinds switched on or off, its rates drawn. Any
// other profile is returned as it is.
Profile drawn(const Profile& profile, std::uint64_t seed);

// The profiles that a scenario can name, each with its description. Null if unknown.
const Profile* find_profile(const std::string& name);
extern const Profile kProfiles[];
extern const int kProfileCount;

}  // namespace sagasim::faults
