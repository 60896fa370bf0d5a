#include "search/store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "search/history.h"
#include "tests/search/fake_system.h"

namespace sagasim::search {
namespace {

using fake::FakeSystem;
namespace fs = std::filesystem;

CampaignIdentity identity_of(const FakeSystem& system) {
  CampaignIdentity identity;
  identity.scenario = system.scenario();
  identity.architecture = system.architecture();
  identity.text = "{}";
  identity.version = "1";
  identity.word = " toy";
  identity.properties = system.properties();
  identity.axes = system.coverage();
  return identity;
}

// Everything that does not depend on time or threads.
std::string text_of(const SweepResult& result) {
  std::string text = std::to_string(result.from) + " " + std::to_string(result.last) + " " +
                     std::to_string(result.runs) + " " + std::to_string(result.failed) + " " +
                     std::to_string(result.inconclusive) + " " +
                     std::to_string(result.first_inconclusive_seed.value_or(0)) + " " +
                     std::to_string(result.first_seed.value_or(0)) + " " +
                     std::to_string(result.operations) + " " + std::to_string(result.digest) + " " +
                     std::to_string(result.virtual_time.count()) + " " +
                     std::to_string(result.partition.index) + "/" +
                     std::to_string(result.partition.count) + "\n";
  for (const Cause& cause : result.causes) {
    text += cause.signature + " " + std::to_string(cause.count) + " " +
            std::to_string(cause.first_seed) + " " + cause.property + " " + cause.message + " " +
            sim::to_text(cause.subject) + " " + std::to_string(cause.fingerprint) + "\n";
  }
  for (const auto* counts : {&result.properties, &result.property_failures, &result.left_over}) {
    for (const auto& [name, count] : *counts) {
      text += name + " " + std::to_string(count) + "\n";
    }
  }
  for (const auto& [group, counts] : result.tallies) {
    for (const auto& [name, count] : counts) {
      text += group + "." + name + " " + std::to_string(count) + "\n";
    }
  }
  for (const std::uint64_t count : result.faults) {
    text += std::to_string(count) + " ";
  }
  for (const CellCount& cell : result.cells) {
    text += std::to_string(cell.runs) + "@" + std::to_string(cell.first_seed) + " ";
  }
  return text + std::to_string(result.coverage.seen) + " " +
         std::to_string(result.coverage.runs_with_news);
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    folder_ = fs::temp_directory_path() / ("sagasim-store-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    system_.inconclusive_seed = 12;
  }
  ~StoreTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // As the command does it: goes on with what is there.
  void sweep_into(const std::string& name, SweepOptions options) {
    const auto store = fs::exists(path(name)) ? Store::open(path(name))
                                              : Store::create(path(name), identity_of(system_));
    store->set_request({options.from, options.seeds, options.partition});
    SeedSet done;
    for (const SeedRange& range : store->ranges()) {
      done.add(range);
    }
    options.is_done = [&done](std::uint64_t seed) { return done.has(seed); };
    options.failed_before = store->result().failed;
    options.keep = [&store](const std::vector<Stretch>& more) { store->add(more); };
    store->end(sweep(system_, options).stopped_after ? Ending::kStoppedAfter : Ending::kComplete, 1,
               1.5);
  }
  SweepResult result_in(const std::string& name) { return Store::read(path(name))->result(); }
  std::string text_in(const std::string& name) { return text_of(result_in(name)); }
  std::vector<std::uint64_t> merge(const std::string& out, const std::vector<std::string>& in) {
    const auto store = fs::exists(path(out)) ? Store::open(path(out))
                                             : Store::create(path(out), identity_of(system_));
    std::vector<std::unique_ptr<Store>> shards;
    for (const std::string& name : in) {
      shards.push_back(Store::read(path(name)));
    }
    return store->merge(shards);
  }
  std::string complaint_about(const std::string& name) {
    try {
      Store::open(path(name));
    } catch (const StoreError& error) {
      EXPECT_EQ(error.file(), path(name));
      return error.what();
    }
    return "";
  }

  FakeSystem system_;
  fs::path folder_;
};

TEST_F(StoreTest, SaysWhatTheSweepSaid) {
  sweep_into("all", {.from = 5, .seeds = 3000, .jobs = 2});
  EXPECT_EQ(text_in("all"), text_of(sweep(system_, {.from = 5, .seeds = 3000})));
}

TEST_F(StoreTest, SaysTheSameInPartsAndInWhateverOrder) {
  sweep_into("all", {.seeds = 3000});
  sweep_into("parts", {.from = 1500, .seeds = 700});
  sweep_into("parts", {.from = 100, .seeds = 40});
  sweep_into("parts", {.seeds = 1600});
  EXPECT_NE(text_in("parts"), text_in("all"));
  sweep_into("parts", {.seeds = 3000, .jobs = 3});
  EXPECT_EQ(text_in("parts"), text_in("all"));
}

TEST_F(StoreTest, StopsAfterTheFailuresOfAllItsSweeps) {
  sweep_into("once", {.seeds = 400, .stop_after = 5});
  sweep_into("twice", {.seeds = 30, .stop_after = 5});
  sweep_into("twice", {.seeds = 400, .stop_after = 5});
  EXPECT_EQ(text_in("twice"), text_in("once"));
  EXPECT_TRUE(result_in("twice").stopped_after);
}

TEST_F(StoreTest, MergedShardsAreTheWholeAndTwiceCountsOnce) {
  sweep_into("all", {.seeds = 2500});
  sweep_into("1", {.seeds = 2500, .partition = {1, 2}});
  sweep_into("2", {.seeds = 2500, .partition = {2, 2}});
  EXPECT_EQ(result_in("1").partition, (Partition{1, 2}));
  EXPECT_EQ(merge("merged", {"2", "1", "2"}),
            (std::vector<std::uint64_t>{result_in("2").runs, result_in("1").runs, 0}));
  EXPECT_EQ(text_in("merged"), text_in("all"));
  EXPECT_EQ(merge("merged", {"1"}), std::vector<std::uint64_t>{0});
  EXPECT_EQ(text_in("merged"), text_in("all"));
}

TEST_F(StoreTest, AShardThatHasGrownReplacesWhatItWas) {
  sweep_into("shard", {.seeds = 100});
  merge("merged", {"shard"});
  sweep_into("grown", {.seeds = 1500});
  EXPECT_EQ(merge("merged", {"grown"}), std::vector<std::uint64_t>{1400});
  EXPECT_EQ(text_in("merged"), text_in("grown"));
  EXPECT_EQ(merge("merged", {"shard"}), std::vector<std::uint64_t>{0});
}

TEST_F(StoreTest, SeedsThatCannotBeToldApartAreRefusedAndNothingIsTaken) {
  sweep_into("a", {.seeds = 300});
  sweep_into("b", {.from = 200, .seeds = 300});
  sweep_into("c", {.from = 5000, .seeds = 10});
  const std::string before = text_in("a");
  EXPECT_THROW(merge("a", {"c", "b"}), StoreError);
  EXPECT_EQ(text_in("a"), before);
  // Shares of another size have some seeds in common too.
  sweep_into("third", {.seeds = 300, .partition = {1, 3}});
  sweep_into("half", {.seeds = 300, .partition = {1, 2}});
  EXPECT_THROW(merge("third", {"half"}), StoreError);
}

TEST_F(StoreTest, WhatWasNotFinishedIsThereAfterTheProcessDies) {
  const std::string file = path("killed");
  const pid_t child = fork();
  if (child == 0) {
    auto* store = Store::create(file, identity_of(system_)).release();
    store->set_request({0, 1000, {}});
    SweepOptions options{.seeds = 1000};
    options.keep = [store](const std::vector<Stretch>& more) { store->add(more); };
    sweep(system_, options);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(fs::exists(file + "-wal"));
  const SweepResult result = result_in("killed");
  EXPECT_EQ(result.runs, 1000u);
  EXPECT_TRUE(result.interrupted);
  sweep_into("killed", {.seeds = 1200});
  EXPECT_EQ(text_in("killed"), text_of(sweep(system_, {.seeds = 1200})));
  EXPECT_FALSE(fs::exists(file + "-wal"));
}

TEST_F(StoreTest, HasWhatItBeginsWithOrIsNotThere) {
  EXPECT_THROW(Store::create(path("half"), identity_of(system_),
                             [&](Store& fresh) {
                               fresh.set_request({7, 100, {}});
                               EXPECT_FALSE(fs::exists(path("half")));
                               throw StoreError(fresh.path(), "the process dies here");
                             }),
               StoreError);
  EXPECT_FALSE(fs::exists(path("half")));
  Store::create(path("whole"), identity_of(system_), [&](Store& fresh) {
    fresh.set_request({7, 100, {}});
    fresh.set_before({}, {{9, "SUM-1/sum"}});
  });
  const auto store = Store::read(path("whole"));
  EXPECT_EQ(store->request()->seeds, 100u);
  EXPECT_EQ(store->known().size(), 1u);
}

// How a shard ended is forgotten once a later version of it has come.
TEST_F(StoreTest, AMergedCampaignEndedAsItsPartsDidLast) {
  const auto end_as = [&](const std::string& name, Ending ending, double seconds) {
    const auto store = Store::open(path(name));
    store->end(ending, 2, seconds);
  };
  sweep_into("1", {.seeds = 40, .partition = {1, 2}});
  end_as("1", Ending::kInterrupted, 1);
  sweep_into("2", {.seeds = 2500, .partition = {2, 2}});
  merge("merged", {"1", "2"});
  EXPECT_TRUE(result_in("merged").interrupted);
  sweep_into("1", {.seeds = 2500, .partition = {1, 2}});
  merge("merged", {"1", "2"});
  sweep_into("all", {.seeds = 2500});
  EXPECT_FALSE(result_in("merged").interrupted);
  EXPECT_EQ(text_in("merged"), text_in("all"));
  EXPECT_DOUBLE_EQ(result_in("merged").seconds, result_in("1").seconds + result_in("2").seconds);
  merge("merged", {"1"});
  EXPECT_DOUBLE_EQ(result_in("merged").seconds, result_in("1").seconds + result_in("2").seconds);

  // Failures that ended a sweep say nothing about how likely they are, whatever joins them.
  sweep_into("stopped", {.from = 5000, .seeds = 400, .stop_after = 2});
  sweep_into("in time", {.from = 9000, .seeds = 10});
  end_as("in time", Ending::kOutOfTime, 1);
  merge("merged", {"stopped", "in time"});
  EXPECT_TRUE(result_in("merged").stopped_after);
  EXPECT_TRUE(result_in("merged").out_of_time);
}

TEST_F(StoreTest, APartAndTheWholeMergeInEitherOrderHoweverTheyWereCut) {
  sweep_into("part", {.seeds = 700});
  sweep_into("whole", {.seeds = 300});
  sweep_into("whole", {.seeds = 1000});
  sweep_into("once", {.seeds = 1000});
  merge("first", {"part", "whole"});
  merge("second", {"whole", "part"});
  EXPECT_EQ(text_in("first"), text_in("once"));
  EXPECT_EQ(text_in("second"), text_in("once"));
}

TEST_F(StoreTest, RefusesWhatIsNoCampaign) {
  std::ofstream(path("text")) << std::string(5000, 'x');
  EXPECT_NE(complaint_about("text").find("is no campaign file"), std::string::npos);
  std::ofstream(path("empty")).flush();
  EXPECT_NE(complaint_about("empty").find("is no campaign file"), std::string::npos);
  {
    Connection foreign(path("foreign"), Connection::Mode::kCreate);
    foreign.execute("CREATE TABLE meta(key TEXT, value TEXT)");
  }
  EXPECT_NE(complaint_about("foreign").find("is no campaign file"), std::string::npos);
  EXPECT_NE(complaint_about("nowhere").find("cannot be opened"), std::string::npos);
}

TEST_F(StoreTest, RefusesANewerFormatAndLeavesItAsItIs) {
  sweep_into("all", {.seeds = 50});
  {
    Connection newer(path("all"), Connection::Mode::kWrite);
    newer.execute("PRAGMA user_version = 99");
  }
  const auto time = fs::last_write_time(path("all"));
  EXPECT_NE(complaint_about("all").find("by a newer version"), std::string::npos);
  EXPECT_EQ(fs::last_write_time(path("all")), time);
}

TEST_F(StoreTest, RefusesATruncatedFileAndLeavesItAsItIs) {
  sweep_into("all", {.seeds = 2500});
  const auto size = fs::file_size(path("all"));
  for (const auto part : {size / 2, size - 1, size - 4096, std::uintmax_t{100}}) {
    fs::copy_file(path("all"), path("cut"), fs::copy_options::overwrite_existing);
    fs::resize_file(path("cut"), part);
    EXPECT_NE(complaint_about("cut"), "") << part << " of " << size;
    EXPECT_EQ(fs::file_size(path("cut")), part);
  }
}

TEST_F(StoreTest, IsUsedByOneAtATime) {
  const auto store = Store::create(path("mine"), identity_of(system_));
  EXPECT_NE(complaint_about("mine").find("in use"), std::string::npos);
}

TEST_F(StoreTest, KeepsWhatItIsAboutAndWhatWasAskedFor) {
  CampaignIdentity identity = identity_of(system_);
  identity.settings = " --set a='b|c'";
  Store::create(path("all"), identity)->set_request({7, 100, {2, 3}});
  const auto store = Store::open(path("all"));
  const CampaignIdentity kept = store->identity();
  EXPECT_EQ(kept.settings, identity.settings);
  EXPECT_EQ(kept.architecture, identity.architecture);
  ASSERT_EQ(kept.properties.size(), 2u);
  EXPECT_EQ(kept.properties[0].id, "SUM-1");
  ASSERT_EQ(kept.axes.size(), 2u);
  EXPECT_EQ(kept.axes[1].name, "way");
  EXPECT_EQ(kept.axes[1].values, identity.axes[1].values);
  const auto request = store->request();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->from, 7u);
  EXPECT_EQ(request->partition, (Partition{2, 3}));
}

TEST_F(StoreTest, TellsNewCausesFromOldOnesAndFromThoseThatAreGone) {
  sweep_into("before", {.seeds = 100});
  const auto earlier = Store::read(path("before"));
  const std::vector<KnownSeed> known = seeds_to_remember(*earlier);
  ASSERT_EQ(known.size(), 10u);  // five seeds of each cause
  EXPECT_EQ(known[0].seed, 7u);
  EXPECT_EQ(known[0].signature, "SUM-1/sum");

  // SUM-1 is mended; what is left of it looks otherwise.
  system_.after_run = [](scenarios::RunResult& result) {
    if (result.violations.size() == 2) {
      result.violations.clear();
      result.verdict = scenarios::Verdict::kPass;
    } else if (result.seed == 40) {
      result.verdict = scenarios::Verdict::kFail;
      result.violations.push_back({"END-1", "late", "clock", sim::kStart, {}});
    }
  };
  {
    const auto store = Store::create(path("after"), identity_of(system_));
    store->set_before(earlier->result().causes, known);
    for (KnownSeed each : store->known()) {
      const scenarios::RunResult run = system_.run({.seed = each.seed});
      each.has_run = true;
      each.now = run.failed() ? std::optional(failed_run_of(run)) : std::nullopt;
      store->set_known(each);
    }
  }
  sweep_into("after", {.seeds = 50});
  const auto store = Store::read(path("after"));
  SweepResult result = store->result();
  const auto history = history_of(*store, result);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->known_runs, 10u);
  EXPECT_EQ(history->known_failed, 5u);
  ASSERT_EQ(history->resolved.size(), 1u);
  EXPECT_EQ(history->resolved[0].signature, "SUM-1/sum");
  EXPECT_FALSE(history->is_new("END-1/thing"));
  EXPECT_TRUE(history->is_new("END-1/clock"));
}

// Both kinds of shards know the same seeds from before; one of them meets the cause on its own too.
TEST_F(StoreTest, AMergedCauseHasTheFileOfTheSeedThatTellsIt) {
  const auto shard = [&](const std::string& name, std::uint64_t known, std::uint64_t from,
                         const std::string& file) {
    {
      const auto store = Store::create(path(name), identity_of(system_));
      store->set_before({},
                        {{known, "SUM-1/sum", true, failed_run_of(system_.run({.seed = known}))}});
      store->set_file({"SUM-1/sum", file, "..."});
    }
    sweep_into(name, {.from = from, .seeds = 10});
  };
  ASSERT_EQ(failed_run_of(system_.run({.seed = 7})).signature, "SUM-1/sum");
  shard("knows", 7, 10, "7.repro");
  shard("knows more", 27, 30, "27.repro");
  shard("meets", 7, 40, "47.repro");
  shard("meets later", 7, 60, "67.repro");
  ASSERT_EQ(result_in("knows").by_signature.count("SUM-1/sum"), 0u);
  ASSERT_EQ(result_in("meets").by_signature.count("SUM-1/sum"), 1u);
  const auto file_of = [&](const std::vector<std::string>& shards) {
    fs::remove(path("merged"));
    merge("merged", shards);
    return Store::read(path("merged"))->files().at(0).path;
  };
  EXPECT_EQ(file_of({"knows", "knows more"}), "7.repro");
  EXPECT_EQ(file_of({"knows more", "knows"}), "7.repro");
  EXPECT_EQ(file_of({"knows", "meets", "meets later"}), "47.repro");
  EXPECT_EQ(file_of({"meets later", "meets", "knows"}), "47.repro");
  EXPECT_EQ(file_of({"meets", "knows", "meets later"}), "47.repro");
}

TEST_F(StoreTest, NothingIsResolvedBeforeItsSeedsHaveRun) {
  {
    const auto store = Store::create(path("after"), identity_of(system_));
    Cause sum;
    sum.signature = "SUM-1/sum";
    Cause end;
    end.signature = "END-1/thing";
    store->set_before({sum, end},
                      {{1, "SUM-1/sum", true}, {2, "SUM-1/sum"}, {3, "END-1/thing", true}});
  }
  sweep_into("after", {.seeds = 5});
  const auto store = Store::read(path("after"));
  SweepResult result = store->result();
  const auto history = history_of(*store, result);
  ASSERT_EQ(history->resolved.size(), 1u);
  EXPECT_EQ(history->resolved[0].signature, "END-1/thing");
  ASSERT_EQ(history->undecided.size(), 1u);
  EXPECT_EQ(history->undecided[0].signature, "SUM-1/sum");
  EXPECT_EQ(history->known_seeds, 3u);
  EXPECT_EQ(history->known_runs, 2u);
}

TEST_F(StoreTest, RemembersTenSeedsOfACauseFromHoweverManyCampaigns) {
  std::vector<KnownSeed> known;
  for (std::uint64_t i = 0; i < 10; ++i) {
    known.push_back({1'000 + i, "SUM-1/sum"});
  }
  {
    Store::create(path("next"), identity_of(system_))->set_before({}, known);
  }
  sweep_into("next", {.seeds = 100});
  const std::vector<KnownSeed> remembered = seeds_to_remember(*Store::read(path("next")));
  EXPECT_EQ(remembered.size(), 15u);  // five of the other cause
  EXPECT_EQ(remembered.front().seed, 7u);
}

TEST_F(StoreTest, ACauseThatOnlyAKnownSeedShowsIsOngoing) {
  sweep_into("before", {.seeds = 100});
  {
    const auto earlier = Store::read(path("before"));
    const auto store = Store::create(path("after"), identity_of(system_));
    store->set_before(earlier->result().causes, seeds_to_remember(*earlier));
    for (KnownSeed each : store->known()) {
      each.has_run = true;
      each.now = failed_run_of(system_.run({.seed = each.seed}));
      store->set_known(each);
    }
  }
  sweep_into("after", {.seeds = 5});  // none of which fails
  const auto store = Store::read(path("after"));
  SweepResult result = store->result();
  EXPECT_EQ(result.failed, 0u);
  const auto history = history_of(*store, result);
  EXPECT_TRUE(history->resolved.empty());
  ASSERT_EQ(result.causes.size(), 2u);
  EXPECT_EQ(result.causes[0].count, 5u);
  EXPECT_EQ(result.failed, 0u);  // they were chosen, so they are no part of the runs
}

}  // namespace
}  // namespace sagasim::search
