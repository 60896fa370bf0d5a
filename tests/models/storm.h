// Storm: a toy under chance. Some pieces of work of its client, spread over the time in which
// things go wrong, and then calm until nothing is left to happen. With what it takes to say of a
// part that it keeps its promises whatever goes wrong, and that enough went wrong for that to mean
// something.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/injector.h"
#include "tests/sim/toy.h"

namespace sagasim::sim::models {

// What was drawn for one case.
struct Case {
  std::uint64_t seed = 1;
  faults::Profile profile;
};

// What has happened in all cases of a test together, counted by name; a fault counts as
// `fault: drop`.
class Evidence {
 public:
  void saw(const std::string& what, std::uint64_t times = 1) { counts_[what] += times; }
  std::uint64_t count(const std::string& what) const;
  // Every count that is not zero.
  std::string text() const;

 private:
  std::map<std::string, std::uint64_t> counts_;
};

class Storm : public toy::Toy {
 public:
  static constexpr Duration kCalm = seconds(40);  // begins then

  Storm(const Case& drawn, const toy::ToyOptions& options);

  // Starts `script` as work of the client about `subject`, if there is a client.
  void let_work(toy::Script script, Subject subject);
  // Starts `script` `count` times, each about a subject of its own. False: it does not come to
  // rest.
  bool rage(toy::Script script, std::uint32_t count);
  // Something for chance alone to do: `what(i)` at a time drawn for each i from 1 to `count`.
  void now_and_then(Name name, std::uint32_t count, std::function<void(std::uint64_t)> what);
  // What struck.
  void tell(Evidence& evidence) const;

 private:
  faults::RandomInjector injector_;
};

// Writes down what every part says of itself while it happens.
class Chronicle final : public Observer {
 public:
  void on_append(const Record& record) override;
  void on_commit(const Commit& commit) override;
  void on_handled(const Record& record, const Invocation& by) override;
  void on_exchange(const Exchange& exchange) override;

  using Place = std::pair<std::uint64_t, std::uint64_t>;  // partition and offset, or table and key
  std::map<Place, std::uint64_t> appended;                // what was there last
  std::map<Place, std::uint64_t> rows;                    // as committed last; 0: gone
  std::set<std::pair<Place, std::uint64_t>> ever;         // what was committed at any time
  std::map<std::uint32_t, std::vector<std::uint64_t>> handled;  // first time each, in that order
  std::uint64_t handled_again = 0;
  std::map<std::uint64_t, int> decided;  // by key
};

toy::ToyOptions options_of(std::uint64_t seed);

// One case of a guarantee: what was broken, in words; empty if nothing was.
using Judge = std::function<std::string(const Case&, Evidence&)>;

// The guarantee holds in some cases that are always the same, and in every case that is drawn,
// under every fault but the breakers; and in the former everything in `happened` did at least once,
// and every kind in `struck` struck.
void holds(const Judge& judge, std::initializer_list<const char*> happened,
           std::initializer_list<faults::Kind> struck);
// The same judge finds fault with the part once it is given a reason: at least one of the first
// `seeds` is broken.
void finds_fault(const Judge& judge, std::uint64_t seeds = 40);

}  // namespace sagasim::sim::models
