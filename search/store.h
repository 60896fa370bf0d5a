// Store: a campaign in a file. What a sweep found stays found: each batch of finished runs is one
// transaction, so a process that dies, or a disk that is full, loses nothing that was stored, and
// what was not stored is run again, with the same answer.
//
// The file is an SQLite database. It holds sums per stretch of seeds, not runs: as much for a
// million seeds as fits into a few megabytes. A stretch lies in one block of seeds (kBlock), which
// is what makes merging idempotent: the same block is known again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/system.h"
#include "search/figures.h"
#include "search/sqlite.h"
#include "search/sweep.h"

namespace sagasim::search {

// What is swept. Campaigns can be continued and merged iff these agree.
struct CampaignIdentity {
  std::string scenario;      // its name
  std::string architecture;  // the preset, with its overrides
  std::string text;          // the scenario in full, as a file of it
  std::string version;       // of sagasim
  // How a command line names it, e.g. " checkout" and " --set a=b"; not compared.
  std::string word;
  std::string settings;
  std::vector<scenarios::PropertyInfo> properties;
  std::vector<scenarios::CoverageAxis> axes;
};

// How the last sweep of a campaign ended.
enum class Ending : std::uint8_t {
  kUnfinished,
  kComplete,
  kInterrupted,
  kOutOfTime,
  kStoppedAfter
};
const char* to_text(Ending ending);

// What a sweep was asked for, so that it can be continued without saying it again.
struct CampaignRequest {
  std::uint64_t from = 0;
  std::uint64_t seeds = 0;  // 0: no limit
  Partition partition{};
};

// Seeds that were run: those of the partition from the first to the last.
struct SeedRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Partition partition{};
};

// Answers quickly whether a seed was run.
class SeedSet {
 public:
  void add(const SeedRange& range);
  bool has(std::uint64_t seed) const;
  bool empty() const { return blocks_.empty(); }

 private:
  std::map<std::uint64_t, std::vector<SeedRange>> blocks_;
};

// A seed that failed in an earlier campaign, and what it does now.
struct KnownSeed {
  std::uint64_t seed = 0;
  std::string signature;         // then
  bool has_run = false;          // now
  std::optional<FailedRun> now{};  // how it fails; nothing: it does not, or has not run
};

// A file with a failure, kept in the campaign too.
struct KeptFile {
  std::string signature;  // of the cause
  std::string path;       // where the sweep wrote it
  std::string text;
};

class Store {
 public:
  // A new file for that campaign, with what `begin` writes into it: a process that dies meanwhile
  // leaves none. Throws StoreError, as everything here does; then there is none either.
  static std::unique_ptr<Store> create(const std::string& path, const CampaignIdentity& identity,
                                       const std::function<void(Store& fresh)>& begin = {});
  // One that is there. Nobody else can use it meanwhile.
  static std::unique_ptr<Store> open(const std::string& path);
  // Only to look at it.
  static std::unique_ptr<Store> read(const std::string& path);
  // Leaves a file that is complete without its companions.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const std::string& path() const { return connection_.path(); }
  CampaignIdentity identity();
  std::optional<CampaignRequest> request();
  void set_request(const CampaignRequest& request);
  // The fingerprint that a seed of it has, to tell whether this program still runs it as the one
  // did that began.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> probe();
  void set_probe(std::uint64_t seed, std::uint64_t fingerprint);

  // Adds finished runs, in one transaction.
  void add(const std::vector<Stretch>& stretches);
  // The end of the sweep that set_request() began, which took that long with so many threads.
  void end(Ending ending, unsigned jobs, double seconds);

  std::vector<SeedRange> ranges();
  // Everything added up. Its partition is that of all stretches, if they have the same.
  SweepResult result();
  // Every seed that failed, in ascending order.
  std::vector<FailedRun> failures();

  // The causes of the campaign before, and the seeds to run first because of it.
  void set_before(const std::vector<Cause>& causes, const std::vector<KnownSeed>& known);
  void set_known(const KnownSeed& known);
  bool has_before();
  std::vector<Cause> before();
  std::vector<KnownSeed> known();

  void set_file(const KeptFile& file);
  std::vector<KeptFile> files();

  // Takes in what the others have and this has not, all in one transaction; returns how many runs
  // came from each. Throws StoreError if two share seeds in a way that cannot be told apart.
  // Requires: they have the same identity.
  std::vector<std::uint64_t> merge(const std::vector<std::unique_ptr<Store>>& others);

 private:
  // A stretch in the file.
  struct Row {
    std::int64_t id = 0;
    SeedRange range;
    std::uint64_t runs = 0;
  };
  // The seed that a cause is told by, and so is its file: the lowest that the campaign ran on its
  // own, and only if there is none the lowest of those that are known from earlier ones (true).
  using Teller = std::pair<bool, std::uint64_t>;
  using Tellers = std::map<std::string, Teller>;  // by signature
  // A campaign that was swept: this one, or one that was merged into it. How they ended together is
  // what the least finished says; a version of one that came later replaces the earlier.
  struct Source {
    std::string id;
    std::string ending;
    std::uint64_t jobs = 0;
    double seconds = 0;
  };

  Store(const std::string& path, Connection::Mode mode);
  void check_format();
  void begin_writing();
  void write_format(const CampaignIdentity& identity);
  void write_identity(const CampaignIdentity& identity);
  std::string meta(const char* key);
  void set_meta(const char* key, const std::string& value);
  std::int64_t name_id(const std::string& what, const std::string& name);
  std::int64_t stretch_id(const Stretch& stretch, const Partition& partition);
  void write_counts(std::int64_t id, const Stretch& stretch);
  std::vector<Row> rows();
  std::uint64_t merge_one(Store& other);
  std::uint64_t run_count();
  Tellers tellers();
  void merge_files(Store& other, const Tellers& own);
  void merge_history(Store& other);
  std::vector<Source> sources();
  void merge_sources(Store& other);
  void forget_request();
  void merge_block(Store& other, const std::vector<Row>& theirs, std::vector<Row> own);
  bool take_row(Store& other, const Row& row, std::vector<Row>& own);
  void remove_row(const Row& row);
  void copy_row(Store& other, const Row& row);

  Connection connection_;
  bool writes_;
  std::optional<std::int64_t> open_row_;  // the stretch that the next one may go on
  Partition partition_;                   // of what is added
  std::map<std::pair<std::string, std::string>, std::int64_t> name_ids_;
};

}  // namespace sagasim::search
