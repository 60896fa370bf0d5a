// Incumbent: the smallest failing run so far, and the ways to choose among candidates that would
// take its place. A candidate works iff it fails with the same signature.
//
// Candidates of one choice are tried several at once, and answered for in their order: what is
// taken does not depend on the number of threads. Every choice ends early once the budget is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "search/anchors.h"
#include "search/minimize.h"

namespace sagasim::search {

// What a candidate has to do to be taken.
enum class Demand : std::uint8_t {
  kSameFailure,
  kAsSturdy,  // and it stands as many variations as what is there
};

class Incumbent {
 public:
  using Make = std::function<Case(std::size_t which)>;
  using With = std::function<Case(const std::vector<std::size_t>& edits)>;

  // Runs it once. `options` outlive the selection.
  Incumbent(const Case& start, const MinimizeOptions& options);

  const Case& best() const { return result_.after.what; }
  const scenarios::RunResult& result() const { return result_.after.result; }
  // How many variations `best` stands; known after measure() and whatever is taken by it.
  std::uint32_t sturdiness() const { return result_.sturdiness; }
  bool over() const { return over_; }  // the budget, or an interrupt
  void begin_pass(std::string name) { pass_ = std::move(name); }

  // Makes as many of `count` edits together as can be made. Returns true iff some were made.
  bool make_most(std::size_t count, Demand demand, const With& with);
  // Makes all of `count` edits but one, two or three, if that can be, under some seed. That all of
  // them were tried is taken for granted.
  bool keep_few(std::size_t count, const With& with);
  // Takes the first that works, by its index, or none.
  std::optional<std::size_t> take_first(std::size_t count, const Make& make,
                                        Demand demand = Demand::kSameFailure);
  // Takes the first among the sturdiest, if it stands at least so many variations. Returns true iff
  // there is one.
  bool take_sturdiest(const std::vector<Case>& candidates, std::uint32_t least);
  // Takes the first among the sturdiest, if it is sturdier than what is there or as sturdy and
  // before `rank`. Returns true iff there is one.
  bool take_best(std::size_t count, std::size_t rank, const Make& make);

  // Counts how many variations `best` stands.
  void measure();
  // A run with all that is said of it; nothing if the budget is over.
  std::optional<Told> record(const Case& what);

  // The result, once nothing makes it smaller or the budget is over.
  MinimizeResult finish();

 private:
  struct Trial;

  double now() const { return options_.seconds_now ? options_.seconds_now() : 0.0; }
  bool same(const Trial& trial) const;
  void try_all(std::vector<Trial>& trials, const Make& make, bool measured,
               const std::function<bool(std::size_t)>& enough);
  // Takes note of what a trial cost and what else it met, in the order of the candidates. Returns
  // false iff there is no such trial because the budget is over.
  bool account(const Make& make, const Trial& trial, std::size_t which);
  void accept(Case what, const Trial& trial, bool measured);
  void keep_other(Case what, const scenarios::RunResult& result);
  bool affords(std::uint64_t runs) const { return !over_ && result_.runs + runs <= limit_; }
  void end();
  bool goes_on();  // asked on the caller's thread between runs
  void report(double seconds);

  const MinimizeOptions& options_;
  double start_ = 0;
  double reported_ = 0;
  std::uint64_t limit_ = UINT64_MAX;  // of runs, but for the last kShakes
  std::string signature_;
  std::string pass_;
  bool over_ = false;
  MinimizeResult result_;
};

}  // namespace sagasim::search
