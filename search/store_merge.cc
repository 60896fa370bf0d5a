#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include "search/store.h"
#include "search/store_columns.h"

namespace sagasim::search {
namespace {

std::set<std::uint64_t> seeds_of(const SeedRange& range) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = range.first;; ++seed) {
    if (range.partition.has(seed)) {
      seeds.insert(seed);
    }
    if (seed == range.last) {
      return seeds;
    }
  }
}

bool disjoint(const std::set<std::uint64_t>& a, const std::set<std::uint64_t>& b) {
  return std::none_of(a.begin(), a.end(), [&](std::uint64_t seed) { return b.count(seed) != 0; });
}

bool within(const std::set<std::uint64_t>& a, const std::set<std::uint64_t>& b) {
  return std::all_of(a.begin(), a.end(), [&](std::uint64_t seed) { return b.count(seed) != 0; });
}

}  // namespace

std::vector<std::uint64_t> Store::merge(const std::vector<std::unique_ptr<Store>>& others) {
  Writing writing(connection_);
  std::vector<std::uint64_t> runs;
  for (const std::unique_ptr<Store>& other : others) {
    runs.push_back(merge_one(*other));
  }
  writing.commit();
  return runs;
}

std::uint64_t Store::run_count() {
  return static_cast<std::uint64_t>(
      connection_.number("SELECT coalesce(sum(runs), 0) FROM stretches"));
}

Store::Tellers Store::tellers() {
  Tellers tellers;
  const auto add = [&tellers](const std::string& signature, const Teller& teller) {
    const auto [place, is_new] = tellers.emplace(signature, teller);
    if (!is_new) {
      place->second = std::min(place->second, teller);
    }
  };
  for (const FailedRun& run : failures()) {
    add(run.signature, {false, run.seed});
  }
  for (const KnownSeed& known : this->known()) {
    if (known.now) {
      add(known.now->signature, {true, known.seed});
    }
  }
  return tellers;
}

std::uint64_t Store::merge_one(Store& other) {
  const std::uint64_t own_runs = run_count();
  const Tellers own_tellers = tellers();
  std::map<std::uint64_t, std::vector<Row>> own;
  for (const Row& row : rows()) {
    own[block_of(row.range.first)].push_back(row);
  }
  std::map<std::uint64_t, std::vector<Row>> theirs;
  for (const Row& row : other.rows()) {
    theirs[block_of(row.range.first)].push_back(row);
  }
  for (const auto& [block, rows] : theirs) {
    merge_block(other, rows, own[block]);
  }
  merge_files(other, own_tellers);
  merge_history(other);
  merge_sources(other);
  return run_count() - own_runs;
}

void Store::merge_files(Store& other, const Tellers& own) {
  const Tellers theirs = other.tellers();
  for (const KeptFile& file : other.files()) {
    const auto teller = own.find(file.signature);
    const auto their_teller = theirs.find(file.signature);
    if (teller == own.end() ||
        (their_teller != theirs.end() && their_teller->second < teller->second)) {
      set_file(file);
    }
  }
}

void Store::merge_history(Store& other) {
  if (!other.has_before()) {
    return;
  }
  set_meta("before", "yes");
  Statement insert(connection_, "INSERT OR IGNORE INTO before VALUES(?, ?, ?, ?, ?)");
  for (const Cause& cause : other.before()) {
    bind(insert, cause);
    insert.run();
  }
  std::set<std::uint64_t> have_run;
  for (const KnownSeed& known : known()) {
    if (known.has_run) {
      have_run.insert(known.seed);
    }
  }
  for (const KnownSeed& known : other.known()) {
    if (have_run.count(known.seed) == 0) {
      set_known(known);
    }
  }
}

void Store::merge_sources(Store& other) {
  if (request()) {
    forget_request();
  }
  for (const Source& source : other.sources()) {
    std::ostringstream value;
    value << source.ending << ' ' << source.jobs << ' ' << source.seconds;
    set_meta((std::string(kSource) + source.id).c_str(), value.str());
  }
  const auto probe_of_other = other.probe();
  if (!probe() && probe_of_other) {
    set_meta("probe_seed", std::to_string(probe_of_other->first));
    set_meta("probe_fingerprint", std::to_string(probe_of_other->second));
  }
}

// What this was asked for is not what is in it once others are. How its own sweep ended stays.
void Store::forget_request() {
  for (const Source& source : sources()) {
    if (source.id == meta("id")) {
      std::ostringstream value;
      value << source.ending << ' ' << source.jobs << ' ' << source.seconds;
      set_meta((std::string(kSource) + source.id).c_str(), value.str());
    }
  }
  connection_.execute("DELETE FROM meta WHERE key IN ('from', 'seeds', 'part', 'parts')");
}

// A block may be in as many sums as there were sweeps of it. Where one campaign has all that the
// other has of it, how it is cut does not matter.
void Store::merge_block(Store& other, const std::vector<Row>& theirs, std::vector<Row> own) {
  const auto all_of = [](const std::vector<Row>& rows) {
    std::set<std::uint64_t> seeds;
    for (const Row& row : rows) {
      seeds.merge(seeds_of(row.range));
    }
    return seeds;
  };
  const std::set<std::uint64_t> own_seeds = all_of(own);
  const std::set<std::uint64_t> their_seeds = all_of(theirs);
  if (within(their_seeds, own_seeds)) {
    return;
  }
  if (within(own_seeds, their_seeds)) {
    for (const Row& row : own) {
      remove_row(row);
    }
    own.clear();
  }
  for (const Row& row : theirs) {
    if (take_row(other, row, own)) {
      copy_row(other, row);
    }
  }
}

// Whether the row is to be copied. Own rows that it replaces are taken out.
bool Store::take_row(Store& other, const Row& row, std::vector<Row>& own) {
  const std::set<std::uint64_t> seeds = seeds_of(row.range);
  std::set<std::uint64_t> overlapping;
  std::vector<Row> replaced;
  for (const Row& each : own) {
    const std::set<std::uint64_t> theirs = seeds_of(each.range);
    if (!disjoint(seeds, theirs)) {
      overlapping.insert(theirs.begin(), theirs.end());
      replaced.push_back(each);
    }
  }
  if (within(seeds, overlapping)) {
    return false;
  }
  if (!within(overlapping, seeds)) {
    throw StoreError(other.path(),
                     "has seeds " + std::to_string(row.range.first) + " to " +
                         std::to_string(row.range.last) +
                         " in one sum, of which some are counted already and others not (expected "
                         "campaigns whose seeds are the same, or others; sweep the missing ones "
                         "into one of them with --resume)");
  }
  for (const Row& each : replaced) {
    remove_row(each);
    std::erase_if(own, [&](const Row& one) { return one.id == each.id; });
  }
  return true;
}

void Store::remove_row(const Row& row) {
  for (const char* sql :
       {"DELETE FROM counts WHERE stretch = ?", "DELETE FROM cells WHERE stretch = ?",
        "DELETE FROM failures WHERE stretch = ?", "DELETE FROM stretches WHERE id = ?"}) {
    Statement(connection_, sql).bind(row.id).run();
  }
}

void Store::copy_row(Store& other, const Row& row) {
  Statement from(
      other.connection_,
      "SELECT first, last, part, parts, runs, failed, inconclusive, operations, "
      "virtual_ns, digest, coalesce(first_inconclusive, '') FROM stretches WHERE id = ?");
  from.bind(row.id);
  if (!from.step()) {
    return;
  }
  Statement to(connection_,
               "INSERT INTO stretches(first, last, part, parts, runs, failed, inconclusive, "
               "operations, virtual_ns, digest, first_inconclusive) VALUES(?, ?, ?, ?, ?, ?, ?, ?, "
               "?, ?, nullif(?, ''))");
  to.bind(from.text());
  to.bind(from.text());
  for (int column = 2; column < 10; ++column) {
    to.bind(from.number());
  }
  to.bind(from.text());
  to.run();
  const std::int64_t id = connection_.number("SELECT last_insert_rowid()");

  Statement counts(other.connection_,
                   "SELECT what, names.name, count FROM counts JOIN names ON counts.name = "
                   "names.id WHERE stretch = ?");
  counts.bind(row.id);
  Statement to_counts(connection_, "INSERT INTO counts VALUES(?, ?, ?)");
  while (counts.step()) {
    const std::string what = counts.text();
    const std::string name = counts.text();
    to_counts.bind(id).bind(name_id(what, name)).bind(counts.number()).run();
  }
  Statement cells(other.connection_, "SELECT cell, runs, first_seed FROM cells WHERE stretch = ?");
  cells.bind(row.id);
  Statement to_cells(connection_, "INSERT INTO cells VALUES(?, ?, ?, ?)");
  while (cells.step()) {
    to_cells.bind(id).bind(cells.number());
    to_cells.bind(cells.number());
    to_cells.bind(cells.text());
    to_cells.run();
  }
  Statement failures(other.connection_,
                     "SELECT seed, signature, property, message, subject, at_ns, fingerprint FROM "
                     "failures WHERE stretch = ?");
  failures.bind(row.id);
  Statement to_failures(connection_,
                        "INSERT INTO failures(seed, stretch, signature, property, message, "
                        "subject, at_ns, fingerprint) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
  while (failures.step()) {
    const std::uint64_t seed = failures.seed();
    to_failures.bind_seed(seed).bind(id);
    bind(to_failures, failed_run(failures, seed));
    to_failures.run();
  }
}

}  // namespace sagasim::search
