// Watcher: finds rows that wait for work, and starts the work on a node. It stands for the poller
// of an outbox relay, of a reconciliation job, of a timeout sweeper: driven by the state of the
// rows, so that nothing is forgotten when a process dies, and silent while no row waits.
//
// A commit that makes a row match is noticed at the watcher's next poll, a keyed draw within one
// interval. At each start of its node every row that matches is found again, and an operator can
// have the job run once more at any time, beside the work that is under way.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/activity.h"
#include "sim/database.h"
#include "sim/node.h"

namespace sagasim::sim {

struct WatcherOptions {
  Name name;          // of the job
  Duration interval;  // between two polls
  Route route;        // of a poll
};

// The untyped half.
class Watcher : public NodeListener {
 public:
  Watcher(Node& node, Database& database, TableBase& table, const WatcherOptions& options);
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher() override;

  // Called by the database for each changed row.
  void on_change(const RowChange& change, std::uint64_t cause);

  const Node& node() const { return node_; }
  // Calls visit(const Invocation&) with the work of every row that waits, in no particular order.
  template <class Visit>
  void for_each_waiting(Visit&& visit) const {
    table_.for_each([&](const Entry& entry) {
      if (matches(entry.row())) {
        visit(name(entry.row()));
      }
    });
  }

 protected:
  virtual bool matches(const void* row) const = 0;
  // Which of the node's work the row asks for; attempt is filled in by the watcher.
  virtual Invocation name(const void* row) const = 0;
  virtual Task<> work(Context context, const void* row) = 0;

 private:
  class Poll;
  void on_start(Node& node, std::uint64_t cause) override;
  void on_crash(Node& node, std::uint64_t cause) override;
  void on_start_delayed(Node& node, std::uint64_t cause) override;
  bool on_intervention(Node& node, const Intervention& intervention) override;
  Operation poll_of(const Invocation& invocation, std::uint64_t identity,
                    std::uint64_t cause) const;
  void poll_soon(RowKey key, const void* row, std::uint64_t cause, Repeated how = Repeated::kNot);
  void foresee_poll(const void* row, Repeated how, std::uint64_t why) const;

  Node& node_;
  Database& database_;
  TableBase& table_;
  const WatcherOptions options_;
  Poll* polls_ = nullptr;
};

// A watcher over rows of one type, whose work is a member coroutine of the node's process.
template <class Program, class Row>
class WatcherOf final : public Watcher {
 public:
  using Matches = bool (*)(const Node&, const Row&);
  using NameOf = Invocation (*)(const Node&, const Row&);
  using Work = Task<> (Program::*)(Context, Row);
  // Which part of the node's process does the work; usually all of it.
  using ProgramOf = Program& (*)(Process&);
  static Program& whole(Process& process) { return static_cast<Program&>(process); }

  WatcherOf(Node& node, Database& database, Table<Row>& table, const WatcherOptions& options,
            Matches which, NameOf name_of, Work what, ProgramOf program = &whole)
      : Watcher(node, database, table, options),
        node_(node),
        matches_(which),
        name_(name_of),
        work_(what),
        program_(program) {}

 private:
  bool matches(const void* row) const override {
    return matches_(node_, *static_cast<const Row*>(row));
  }
  Invocation name(const void* row) const override {
    return name_(node_, *static_cast<const Row*>(row));
  }
  Task<> work(Context context, const void* row) override {
    return (program_(node_.process()).*work_)(context, *static_cast<const Row*>(row));
  }

  Node& node_;
  Matches matches_;
  NameOf name_;
  Work work_;
  ProgramOf program_;
};

}  // namespace sagasim::sim
