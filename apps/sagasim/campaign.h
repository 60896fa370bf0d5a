// Campaign: how the verbs meet a campaign file: begin one, go on with one, tell what is in it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "apps/sagasim/arguments.h"
#include "reports/summary.h"
#include "scenarios/scenario.h"
#include "scenarios/system.h"
#include "search/store.h"

namespace sagasim::apps {

// Without the words of a command line.
search::CampaignIdentity identity_of(const scenarios::Scenario& scenario,
                                     const scenarios::System& system);

// Throws BadInput that says in what they differ, unless both are the same campaign.
void expect_same(const std::string& path, const search::CampaignIdentity& stored,
                 const search::CampaignIdentity& wanted);

// --campaign, --resume, --before.
struct CampaignArguments {
  std::string path;
  bool resume = false;
  std::string before;

  void add_to(CLI::App& command);
  // Throws BadInput if it cannot be begun or gone on with. To be called before anything is run.
  void check() const;
  // Begins it with that request, or goes on with it. Throws BadInput, and StoreError.
  std::unique_ptr<search::Store> open(const search::CampaignIdentity& identity,
                                      const search::CampaignRequest& request) const;
};

// Throws BadInput if this program runs the campaign's first seed otherwise than the one that began
// it.
void check_probe(search::Store& store, const scenarios::System& system, std::uint64_t first_seed);

// Runs the seeds that failed in earlier campaigns, as far as that was not done yet.
void run_known(search::Store& store, const scenarios::System& system,
               const std::atomic<bool>& stop);

// All that a campaign says, but for how its failures came about.
reports::SweepReport report_of(search::Store& store);

// The command line that sweeps the seeds of a result again.
std::string rerun_of(const std::string& words, const search::SweepResult& result);

}  // namespace sagasim::apps
