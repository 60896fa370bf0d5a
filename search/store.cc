#include "search/store.h"

// lint: allow unistd.h: whether a folder can be written, which <filesystem> cannot say
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <utility>

#include "search/store_columns.h"

namespace sagasim::search {
namespace {

constexpr std::int64_t kApplication = 0x53616761;  // "Saga"; SQLite keeps it in the file's head
constexpr std::int64_t kFormat = 1;

constexpr const char* kTables = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE properties(place INTEGER PRIMARY KEY, id TEXT NOT NULL, description TEXT NOT NULL);
CREATE TABLE axes(axis INTEGER, place INTEGER, name TEXT NOT NULL, PRIMARY KEY(axis, place));
CREATE TABLE stretches(id INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL,
  part INTEGER NOT NULL, parts INTEGER NOT NULL, runs INTEGER NOT NULL, failed INTEGER NOT NULL,
  inconclusive INTEGER NOT NULL, first_inconclusive TEXT, operations INTEGER NOT NULL,
  virtual_ns INTEGER NOT NULL, digest INTEGER NOT NULL);
CREATE TABLE names(id INTEGER PRIMARY KEY, what TEXT NOT NULL, name TEXT NOT NULL,
  UNIQUE(what, name));
CREATE TABLE counts(stretch INTEGER, name INTEGER, count INTEGER NOT NULL,
  PRIMARY KEY(stretch, name)) WITHOUT ROWID;
CREATE TABLE cells(stretch INTEGER, cell INTEGER, runs INTEGER NOT NULL, first_seed TEXT NOT NULL,
  PRIMARY KEY(stretch, cell)) WITHOUT ROWID;
CREATE TABLE failures(seed TEXT PRIMARY KEY, stretch INTEGER NOT NULL, signature TEXT NOT NULL,
  property TEXT NOT NULL, message TEXT NOT NULL, subject INTEGER NOT NULL, at_ns INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE before(signature TEXT PRIMARY KEY, property TEXT NOT NULL, message TEXT NOT NULL,
  count INTEGER NOT NULL, first_seed TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE known(seed TEXT PRIMARY KEY, signature TEXT NOT NULL, has_run INTEGER NOT NULL,
  now TEXT NOT NULL, property TEXT NOT NULL, message TEXT NOT NULL, subject INTEGER NOT NULL,
  at_ns INTEGER NOT NULL, fingerprint INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE files(signature TEXT PRIMARY KEY, path TEXT NOT NULL, text TEXT NOT NULL)
  WITHOUT ROWID;
)";

constexpr const char* kProperty = "property";
constexpr const char* kPropertyFailure = "property-failure";
constexpr const char* kFault = "fault";
constexpr const char* kMetNothing = "met nothing";
constexpr const char* kLeftOver = "left-over";
const std::string kTally = "tally:";

}  // namespace

const char* to_text(Ending ending) {
  switch (ending) {
    case Ending::kUnfinished:
      return "unfinished";
    case Ending::kComplete:
      return "complete";
    case Ending::kInterrupted:
      return "interrupted";
    case Ending::kOutOfTime:
      return "out-of-time";
    case Ending::kStoppedAfter:
      return "stopped-after";
  }
  return "?";
}

void SeedSet::add(const SeedRange& range) { blocks_[block_of(range.first)].push_back(range); }

bool SeedSet::has(std::uint64_t seed) const {
  const auto block = blocks_.find(block_of(seed));
  return block != blocks_.end() &&
         std::any_of(block->second.begin(), block->second.end(), [seed](const SeedRange& range) {
           return seed >= range.first && seed <= range.last && range.partition.has(seed);
         });
}

Store::Store(const std::string& path, Connection::Mode mode)
    : connection_(path, mode), writes_(mode != Connection::Mode::kRead) {}

std::unique_ptr<Store> Store::create(const std::string& path, const CampaignIdentity& identity,
                                     const std::function<void(Store& fresh)>& begin) {
  // Beside its place: a process that dies now leaves nothing that looks like a campaign.
  const std::string beside = path + ".new";
  const auto remove_it = [&beside] {
    std::remove(beside.c_str());
    std::remove((beside + "-journal").c_str());
  };
  remove_it();
  try {
    Store fresh(beside, Connection::Mode::kCreate);
    fresh.writes_ = false;  // as nobody reads it yet, it needs no journal that outlives this
    fresh.write_format(identity);
    if (begin) {
      begin(fresh);
    }
  } catch (const StoreError& error) {
    remove_it();
    throw StoreError(path, error.what());
  }
  std::error_code error;
  std::filesystem::rename(beside, path, error);
  if (error) {
    remove_it();
    throw StoreError(path, "cannot be written: " + error.message());
  }
  return open(path);
}

void Store::write_format(const CampaignIdentity& identity) {
  Writing writing(connection_);
  connection_.execute(kTables);
  write_identity(identity);
  connection_.execute(("PRAGMA application_id = " + std::to_string(kApplication)).c_str());
  connection_.execute(("PRAGMA user_version = " + std::to_string(kFormat)).c_str());
  writing.commit();
}

std::unique_ptr<Store> Store::open(const std::string& path) {
  std::unique_ptr<Store> store(new Store(path, Connection::Mode::kWrite));
  store->writes_ = false;  // until it is known to be ours
  store->connection_.execute("PRAGMA locking_mode = EXCLUSIVE");
  store->check_format();
  store->begin_writing();
  store->writes_ = true;
  return store;
}

std::unique_ptr<Store> Store::read(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path + "-wal", ignored)) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (::access(folder.empty() ? "." : folder.c_str(), W_OK) != 0) {
      throw StoreError(path,
                       "was left by a sweep that died, and what lies beside it (-wal) has to be "
                       "taken in first (expected a folder that can be written; copy both there)");
    }
    open(path);  // whoever wrote it has died: what it left beside the file goes into it
  }
  std::unique_ptr<Store> store(new Store(path, Connection::Mode::kRead));
  store->check_format();
  return store;
}

Store::~Store() {
  if (!writes_) {
    return;
  }
  try {
    // Without a journal beside it the file can be read anywhere, and copied alone.
    connection_.execute("PRAGMA journal_mode = DELETE");
  } catch (const StoreError&) {
    // What was stored is in the journal, and found again.
  }
}

void Store::begin_writing() {
  connection_.execute("PRAGMA locking_mode = EXCLUSIVE");
  connection_.execute("PRAGMA journal_mode = WAL");
  // A dying process loses nothing of it; a dying machine the last moments.
  connection_.execute("PRAGMA synchronous = NORMAL");
}

void Store::check_format() {
  if (connection_.number("PRAGMA application_id") != kApplication) {
    throw StoreError(path(),
                     "is no campaign file (expected one that sagasim sweep --campaign wrote)");
  }
  const std::int64_t format = connection_.number("PRAGMA user_version");
  if (format > kFormat) {
    throw StoreError(path(), "was written by a newer version of sagasim, in format " +
                                 std::to_string(format) + " (expected " + std::to_string(kFormat) +
                                 " or older; use that version)");
  }
  Statement check(connection_, "PRAGMA quick_check(1)");
  const bool answered = check.step();
  const std::string answer = answered ? check.text() : "";
  while (answered && check.step()) {
  }
  // What is missing at its end SQLite takes for zeros. With a journal the end may not be there yet.
  std::error_code error;
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path(), error));
  const bool is_whole =
      std::filesystem::exists(path() + "-wal", error) ||
      size >= connection_.number("PRAGMA page_count") * connection_.number("PRAGMA page_size");
  if (answer != "ok" || !is_whole) {
    throw StoreError(path(),
                     "is damaged: it was cut off or overwritten in part (expected a whole campaign "
                     "file; take a copy of it, or begin a new campaign)");
  }
}

std::string Store::meta(const char* key) {
  Statement find(connection_, "SELECT value FROM meta WHERE key = ?");
  find.bind(key);
  return find.step() ? find.text() : "";
}

void Store::set_meta(const char* key, const std::string& value) {
  Statement(connection_, "INSERT OR REPLACE INTO meta VALUES(?, ?)").bind(key).bind(value).run();
}

void Store::write_identity(const CampaignIdentity& identity) {
  set_meta("id", [&] {
    Statement random(connection_, "SELECT hex(randomblob(8))");
    return random.step() ? random.text() : "";
  }());
  set_meta("scenario", identity.scenario);
  set_meta("architecture", identity.architecture);
  set_meta("text", identity.text);
  set_meta("version", identity.version);
  set_meta("word", identity.word);
  set_meta("settings", identity.settings);
  set_meta("ending", to_text(Ending::kUnfinished));
  Statement property(connection_, "INSERT INTO properties(id, description) VALUES(?, ?)");
  for (const scenarios::PropertyInfo& each : identity.properties) {
    property.bind(each.id).bind(each.description).run();
  }
  Statement axis(connection_, "INSERT INTO axes VALUES(?, ?, ?)");
  for (std::size_t i = 0; i < identity.axes.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    axis.bind(number).bind(-1).bind(identity.axes[i].name).run();
    for (std::size_t j = 0; j < identity.axes[i].values.size(); ++j) {
      axis.bind(number).bind(static_cast<std::int64_t>(j)).bind(identity.axes[i].values[j]).run();
    }
  }
}

CampaignIdentity Store::identity() {
  CampaignIdentity identity;
  identity.scenario = meta("scenario");
  identity.architecture = meta("architecture");
  identity.text = meta("text");
  identity.version = meta("version");
  identity.word = meta("word");
  identity.settings = meta("settings");
  Statement property(connection_, "SELECT id, description FROM properties ORDER BY place");
  while (property.step()) {
    std::string id = property.text();
    identity.properties.push_back({std::move(id), property.text()});
  }
  Statement axis(connection_, "SELECT place, name FROM axes ORDER BY axis, place");
  while (axis.step()) {
    if (axis.number() < 0) {
      identity.axes.push_back({axis.text(), {}});
    } else if (!identity.axes.empty()) {
      identity.axes.back().values.push_back(axis.text());
    }
  }
  return identity;
}

std::optional<CampaignRequest> Store::request() {
  if (meta("from").empty()) {
    return std::nullopt;
  }
  return CampaignRequest{number_of(meta("from")),
                         number_of(meta("seeds")),
                         {number_of(meta("part")), number_of(meta("parts"))}};
}

void Store::set_request(const CampaignRequest& request) {
  Writing writing(connection_);
  set_meta("from", std::to_string(request.from));
  set_meta("seeds", std::to_string(request.seeds));
  set_meta("part", std::to_string(request.partition.index));
  set_meta("parts", std::to_string(request.partition.count));
  set_meta("ending", to_text(Ending::kUnfinished));
  writing.commit();
  partition_ = request.partition;
  open_row_.reset();
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> Store::probe() {
  if (meta("probe_seed").empty()) {
    return std::nullopt;
  }
  return std::pair{number_of(meta("probe_seed")), number_of(meta("probe_fingerprint"))};
}

void Store::set_probe(std::uint64_t seed, std::uint64_t fingerprint) {
  Writing writing(connection_);
  set_meta("probe_seed", std::to_string(seed));
  set_meta("probe_fingerprint", std::to_string(fingerprint));
  writing.commit();
}

std::int64_t Store::name_id(const std::string& what, const std::string& name) {
  const auto [place, is_new] = name_ids_.emplace(std::pair{what, name}, 0);
  if (is_new) {
    Statement(connection_, "INSERT OR IGNORE INTO names(what, name) VALUES(?, ?)")
        .bind(what)
        .bind(name)
        .run();
    Statement find(connection_, "SELECT id FROM names WHERE what = ? AND name = ?");
    find.bind(what).bind(name);
    place->second = find.step() ? find.number() : 0;
  }
  return place->second;
}

std::int64_t Store::stretch_id(const Stretch& stretch, const Partition& partition) {
  const Figures& figures = stretch.figures;
  if (!stretch.goes_on || !open_row_) {
    Statement(connection_,
              "INSERT INTO stretches(first, last, part, parts, runs, failed, inconclusive, "
              "operations, virtual_ns, digest) VALUES(?, ?, ?, ?, 0, 0, 0, 0, 0, 0)")
        .bind_seed(stretch.first)
        .bind_seed(stretch.last)
        .bind(static_cast<std::int64_t>(partition.index))
        .bind(static_cast<std::int64_t>(partition.count))
        .run();
    open_row_ = connection_.number("SELECT last_insert_rowid()");
  }
  const std::uint64_t digest = [&] {
    Statement before(connection_, "SELECT digest FROM stretches WHERE id = ?");
    before.bind(*open_row_);
    return before.step() ? before.count() : 0;
  }();
  // The digest is a sum that wraps; SQLite's would become a floating-point number.
  Statement(connection_,
            "UPDATE stretches SET last = ?, runs = runs + ?, failed = failed + ?, inconclusive = "
            "inconclusive + ?, operations = operations + ?, virtual_ns = virtual_ns + ?, digest = "
            "? WHERE id = ?")
      .bind_seed(stretch.last)
      .bind(static_cast<std::int64_t>(figures.runs))
      .bind(static_cast<std::int64_t>(figures.failed))
      .bind(static_cast<std::int64_t>(figures.inconclusive))
      .bind(static_cast<std::int64_t>(figures.operations))
      .bind(figures.virtual_time.count())
      .bind_bits(digest + figures.digest)
      .bind(*open_row_)
      .run();
  if (figures.first_inconclusive_seed) {
    Statement(connection_,
              "UPDATE stretches SET first_inconclusive = ? WHERE id = ? AND first_inconclusive IS "
              "NULL")
        .bind_seed(*figures.first_inconclusive_seed)
        .bind(*open_row_)
        .run();
  }
  return *open_row_;
}

void Store::write_counts(std::int64_t id, const Stretch& stretch) {
  const Figures& figures = stretch.figures;
  Statement insert(connection_,
                   "INSERT INTO counts VALUES(?, ?, ?) ON CONFLICT(stretch, name) DO UPDATE SET "
                   "count = count + excluded.count");
  const auto count = [&](const std::string& what, const std::string& name, std::uint64_t number) {
    insert.bind(id).bind(name_id(what, name)).bind(static_cast<std::int64_t>(number)).run();
  };
  for (const auto& [name, number] : figures.properties) {
    count(kProperty, name, number);
  }
  for (const auto& [name, number] : figures.property_failures) {
    count(kPropertyFailure, name, number);
  }
  for (const faults::KindInfo& info : faults::kCatalog) {
    if (const std::uint64_t number = figures.faults[static_cast<std::size_t>(info.kind)]) {
      count(kFault, info.id, number);
    }
    if (const std::uint64_t number = figures.met_nothing[static_cast<std::size_t>(info.kind)]) {
      count(kMetNothing, info.id, number);
    }
  }
  for (const auto& [name, number] : figures.left_over) {
    count(kLeftOver, name, number);
  }
  for (const auto& [group, counts] : figures.tallies) {
    for (const auto& [name, number] : counts) {
      count(kTally + group, name, number);
    }
  }
  Statement cell(connection_,
                 "INSERT INTO cells VALUES(?, ?, ?, ?) ON CONFLICT(stretch, cell) DO UPDATE SET "
                 "runs = runs + excluded.runs");
  for (std::size_t i = 0; i < figures.cells.size(); ++i) {
    const CellCount& each = figures.cells[i];
    if (each.runs != 0) {
      cell.bind(id)
          .bind(static_cast<std::int64_t>(i))
          .bind(static_cast<std::int64_t>(each.runs))
          .bind_seed(each.first_seed)
          .run();
    }
  }
}

void Store::add(const std::vector<Stretch>& stretches) {
  const std::optional<std::int64_t> open_row = open_row_;
  try {
    Writing writing(connection_);
    Statement failure(connection_,
                      "INSERT OR REPLACE INTO failures(seed, stretch, signature, property, "
                      "message, subject, at_ns, fingerprint) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    for (const Stretch& stretch : stretches) {
      const std::int64_t id = stretch_id(stretch, partition_);
      write_counts(id, stretch);
      for (const FailedRun& run : stretch.failures) {
        failure.bind_seed(run.seed).bind(id);
        bind(failure, run);
        failure.run();
      }
    }
    writing.commit();
  } catch (const StoreError&) {
    open_row_ = open_row;
    name_ids_.clear();
    throw;
  }
}

void Store::end(Ending ending, unsigned jobs, double seconds) {
  Writing writing(connection_);
  set_meta("ending", to_text(ending));
  set_meta("jobs", std::to_string(jobs));
  set_meta("seconds", std::to_string(seconds_of(meta("seconds")) + seconds));
  writing.commit();
}

std::vector<Store::Source> Store::sources() {
  std::vector<Source> sources;
  const std::string own = meta("id");
  const bool swept = request().has_value();
  if (swept) {
    sources.push_back({own, meta("ending"), number_of(meta("jobs")), seconds_of(meta("seconds"))});
  }
  Statement each(connection_, "SELECT key, value FROM meta WHERE key LIKE 'source:%' ORDER BY key");
  while (each.step()) {
    Source source;
    source.id = each.text().substr(std::string(kSource).size());
    std::istringstream value(each.text());
    value >> source.ending >> source.jobs >> source.seconds;
    if (!swept || source.id != own) {
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

std::vector<Store::Row> Store::rows() {
  std::vector<Row> rows;
  Statement each(connection_,
                 "SELECT id, first, last, part, parts, runs FROM stretches ORDER BY id");
  while (each.step()) {
    Row row;
    row.id = each.number();
    row.range.first = each.seed();
    row.range.last = each.seed();
    row.range.partition.index = each.count();
    row.range.partition.count = each.count();
    row.runs = each.count();
    if (block_of(row.range.first) != block_of(row.range.last) || row.range.first > row.range.last) {
      throw StoreError(path(), "is damaged: it has seeds that end before they begin");
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<SeedRange> Store::ranges() {
  std::vector<SeedRange> ranges;
  for (const Row& row : rows()) {
    ranges.push_back(row.range);
  }
  return ranges;
}

SweepResult Store::result() {
  SweepResult result;
  const CampaignIdentity what = identity();
  for (const scenarios::PropertyInfo& property : what.properties) {
    result.properties[property.id] = 0;
  }
  const std::vector<SeedRange> all = ranges();
  for (std::size_t i = 0; i < all.size(); ++i) {
    result.from = i == 0 ? all[i].first : std::min(result.from, all[i].first);
    result.last = i == 0 ? all[i].last : std::max(result.last, all[i].last);
    const bool same = i == 0 || result.partition == all[i].partition;
    result.partition = same ? all[i].partition : Partition{};
  }
  Statement sums(connection_,
                 "SELECT runs, failed, inconclusive, operations, virtual_ns, digest, "
                 "coalesce(first_inconclusive, '') FROM stretches");
  while (sums.step()) {
    result.runs += sums.count();
    result.failed += sums.count();
    result.inconclusive += sums.count();
    result.operations += sums.count();
    result.virtual_time += sim::Duration(sums.number());
    result.digest += sums.count();
    if (const std::string seed = sums.text(); !seed.empty()) {
      const std::uint64_t number = number_of(seed);
      result.first_inconclusive_seed =
          std::min(number, result.first_inconclusive_seed.value_or(number));
    }
  }
  Statement counts(connection_,
                   "SELECT what, names.name, sum(count) FROM counts JOIN names ON counts.name = "
                   "names.id GROUP BY counts.name");
  while (counts.step()) {
    const std::string group = counts.text();
    const std::string name = counts.text();
    const std::uint64_t count = counts.count();
    if (group == kProperty) {
      result.properties[name] = count;
    } else if (group == kPropertyFailure) {
      result.property_failures[name] = count;
    } else if (group == kLeftOver) {
      result.left_over[name] = count;
    } else if (group.starts_with(kTally)) {
      result.tallies[group.substr(kTally.size())][name] = count;
    } else if (const faults::KindInfo* kind = faults::find_kind(name)) {
      (group == kMetNothing ? result.met_nothing
                            : result.faults)[static_cast<std::size_t>(kind->kind)] = count;
    }
  }
  const std::uint64_t space = cells_of(what.axes);
  Statement cells(connection_, "SELECT cell, runs, first_seed FROM cells");
  while (cells.step()) {
    const std::uint64_t cell = cells.count();
    CellCount count{cells.count(), 0};
    count.first_seed = cells.seed();
    if (cell >= space) {
      throw StoreError(path(), "is damaged: it counts what the scenario does not have");
    }
    result.cells.resize(std::max(result.cells.size(), static_cast<std::size_t>(cell) + 1));
    CellCount& sum = result.cells[static_cast<std::size_t>(cell)];
    sum.first_seed = sum.runs == 0 ? count.first_seed : std::min(sum.first_seed, count.first_seed);
    sum.runs += count.runs;
  }
  for (const FailedRun& run : failures()) {
    static_cast<Figures&>(result).add(run);
    result.first_seed = std::min(run.seed, result.first_seed.value_or(run.seed));
  }
  result.causes = causes_of(result);
  result.coverage = coverage_of(result, space);
  const std::vector<Source> swept = sources();
  result.interrupted = swept.empty();
  for (const Source& source : swept) {
    result.interrupted = result.interrupted || source.ending == to_text(Ending::kInterrupted) ||
                         source.ending == to_text(Ending::kUnfinished);
    result.out_of_time = result.out_of_time || source.ending == to_text(Ending::kOutOfTime);
    result.stopped_after = result.stopped_after || source.ending == to_text(Ending::kStoppedAfter);
    result.jobs = std::max(result.jobs, static_cast<unsigned>(source.jobs));
    result.seconds += source.seconds;
  }
  const std::optional<CampaignRequest> asked = request();
  if (asked && asked->seeds != 0 && meta("ending") == to_text(Ending::kComplete)) {
    // A share may have neither the first seed nor the last.
    result.from = std::min(result.from, asked->from);
    result.last = std::max(result.last, asked->from + (asked->seeds - 1));
  }
  return result;
}

std::vector<FailedRun> Store::failures() {
  std::vector<FailedRun> failures;
  Statement each(connection_,
                 "SELECT seed, signature, property, message, subject, at_ns, fingerprint FROM "
                 "failures");
  while (each.step()) {
    const std::uint64_t seed = each.seed();
    failures.push_back(failed_run(each, seed));
  }
  std::stable_sort(failures.begin(), failures.end(),
                   [](const FailedRun& a, const FailedRun& b) { return a.seed < b.seed; });
  return failures;
}

void Store::set_before(const std::vector<Cause>& causes, const std::vector<KnownSeed>& known) {
  Writing writing(connection_);
  set_meta("before", "yes");
  Statement insert(connection_, "INSERT OR REPLACE INTO before VALUES(?, ?, ?, ?, ?)");
  for (const Cause& cause : causes) {
    bind(insert, cause);
    insert.run();
  }
  for (const KnownSeed& each : known) {
    set_known(each);
  }
  writing.commit();
}

void Store::set_known(const KnownSeed& known) {
  Statement insert(connection_, "INSERT OR REPLACE INTO known VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind_seed(known.seed).bind(known.signature).bind(known.has_run ? 1 : 0);
  bind(insert, known.now.value_or(FailedRun{}));
  insert.run();
}

bool Store::has_before() { return !meta("before").empty(); }

std::vector<Cause> Store::before() {
  std::vector<Cause> causes;
  Statement each(connection_, "SELECT signature, property, message, count, first_seed FROM before");
  while (each.step()) {
    Cause cause;
    cause.signature = each.text();
    cause.property = each.text();
    cause.message = each.text();
    cause.count = each.count();
    cause.first_seed = each.seed();
    causes.push_back(std::move(cause));
  }
  std::stable_sort(causes.begin(), causes.end(),
                   [](const Cause& a, const Cause& b) { return a.first_seed < b.first_seed; });
  return causes;
}

std::vector<KnownSeed> Store::known() {
  std::vector<KnownSeed> seeds;
  Statement each(connection_,
                 "SELECT seed, signature, has_run, now, property, message, subject, at_ns, "
                 "fingerprint FROM known");
  while (each.step()) {
    KnownSeed known;
    known.seed = each.seed();
    known.signature = each.text();
    known.has_run = each.number() != 0;
    FailedRun now = failed_run(each, known.seed);
    if (!now.signature.empty()) {
      known.now = std::move(now);
    }
    seeds.push_back(std::move(known));
  }
  std::stable_sort(seeds.begin(), seeds.end(),
                   [](const KnownSeed& a, const KnownSeed& b) { return a.seed < b.seed; });
  return seeds;
}

void Store::set_file(const KeptFile& file) {
  Statement(connection_, "INSERT OR REPLACE INTO files VALUES(?, ?, ?)")
      .bind(file.signature)
      .bind(file.path)
      .bind(file.text)
      .run();
}

std::vector<KeptFile> Store::files() {
  std::vector<KeptFile> files;
  Statement each(connection_, "SELECT signature, path, text FROM files ORDER BY signature");
  while (each.step()) {
    KeptFile file;
    file.signature = each.text();
    file.path = each.text();
    file.text = each.text();
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace sagasim::search
