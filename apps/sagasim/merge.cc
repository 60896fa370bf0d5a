#include "apps/sagasim/merge.h"

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/campaign.h"
#include "apps/sagasim/exit_code.h"
#include "reports/format.h"
#include "search/store.h"

namespace sagasim::apps {
namespace {

namespace fs = std::filesystem;

// A new campaign is put together beside its place, so that a failure leaves nothing there.
class Beside {
 public:
  explicit Beside(std::string path) : place_(std::move(path)), path_(place_ + ".merging") {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }
  void put() {
    std::error_code error;
    fs::rename(path_, place_, error);
    if (error) {
      bad_input(place_, "cannot be written: " + error.message());
    }
  }

 private:
  std::string place_;
  std::string path_;
};

class MergeVerb : public Verb {
 public:
  explicit MergeVerb(CLI::App& app)
      : command_(*app.add_subcommand("merge", "shards into one campaign; twice counts once")) {
    command_.add_option("OUT", out_, "the campaign that takes them in; begun if it is not there")
        ->required();
    command_.add_option("IN", in_, "campaigns of the same scenario")->required();
    command_.footer(
        "A shard merged twice counts once; merging changes nothing in a shard.\n"
        "Example: sagasim merge all.sagasim.db shard-1.sagasim.db shard-2.sagasim.db");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    check_writable_file(out_);
    std::error_code ignored;
    if (fs::exists(out_, ignored)) {
      const auto out = search::Store::open(out_);
      return merge_into(*out);
    }
    Beside beside(out_);
    int code = kAllHeld;
    try {
      const auto identity = search::Store::read(in_.front())->identity();
      const auto out = search::Store::create(beside.path(), identity);
      code = merge_into(*out);
    } catch (const search::StoreError& error) {
      // Nobody has heard of the file beside it.
      throw search::StoreError(error.file() == beside.path() ? out_ : error.file(), error.what());
    }
    beside.put();
    return code;
  }

 private:
  int merge_into(search::Store& out) {
    std::string text;
    std::vector<std::unique_ptr<search::Store>> shards;
    for (const std::string& path : in_) {
      std::error_code ignored;
      if (fs::equivalent(path, out.path(), ignored)) {
        continue;  // it counts once
      }
      shards.push_back(search::Store::read(path));
      expect_same(path, shards.back()->identity(), out.identity());
    }
    // All or none.
    const std::vector<std::uint64_t> runs = out.merge(shards);
    for (std::size_t i = 0; i < shards.size(); ++i) {
      text += shards[i]->path() + ": " +
              (runs[i] == 0 ? "nothing that was not there" : reports::plural(runs[i], "run")) +
              "\n";
    }
    const search::SweepResult all = out.result();
    text += out_ + ": " + reports::plural(all.runs, "run") + ", " + reports::grouped(all.failed) +
            " failed, " + reports::plural(all.causes.size(), "cause") + "\n";
    write_output(text);
    return kAllHeld;
  }

  CLI::App& command_;
  std::string out_;
  std::vector<std::string> in_;
};

}  // namespace

std::unique_ptr<Verb> make_merge_verb(CLI::App& app) { return std::make_unique<MergeVerb>(app); }

}  // namespace sagasim::apps
