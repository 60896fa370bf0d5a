// Causes: what a tracer is told, where it would be easy to tell it wrongly.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

constexpr Subject kAbout('c', 1);
constexpr std::uint64_t kBlow = 42;

// What is told of the effects of one cause, by name.
class Effects final : public Tracer {
 public:
  explicit Effects(std::uint64_t cause) : cause_(cause) {}
  void on_begin(const Operation& operation, const Effect&) override {
    names_[operation.id] = to_text(operation);
  }
  void on_complete(const Operation& operation, Outcome, std::uint64_t, Instant) override {
    ended_.insert(operation.id);
  }
  void on_cause(std::uint64_t cause, std::uint64_t effect) override {
    if (cause == cause_ && names_.contains(effect)) {
      effects_.insert(names_[effect]);
      too_late_ = too_late_ || ended_.contains(effect);
    }
  }
  const std::set<std::string>& names() const { return effects_; }
  // Something that had ended already was told as an effect.
  bool too_late() const { return too_late_; }

 private:
  const std::uint64_t cause_;
  std::map<std::uint64_t, std::string> names_;
  std::set<std::uint64_t> ended_;
  std::set<std::string> effects_;
  bool too_late_ = false;
};

Task<> ask_and_nap(Toy* toy, Context context) {
  auto call = toy->workers.call(context, "ask", kAbout, toy->note(kAbout));
  co_await call;
  auto nap = context.sleep(seconds(10), "nap");
  co_await nap;
}

TEST(CausesOfACrash, GoForwardInTime) {
  Toy toy(ask_and_nap);
  Effects effects(kBlow);
  toy.world.set_tracer(&effects);
  toy.world.schedule_fault(kStart + seconds(5), 1, [&] { toy.client.crash(seconds(1), kBlow); });
  toy.run();
  EXPECT_EQ(effects.names(), (std::set<std::string>{"client/start(i1,1)/timer:nap(i1)",
                                                    "client/start(i1,2)/call:ask(c1)"}))
      << "what was under way, and what the next life begins with; the call had ended before";
  EXPECT_FALSE(effects.too_late());
}

TEST(CausesOfACrash, AreAllThatItWasDoing) {
  Toy toy(ask_and_nap);
  Effects effects(kBlow);
  toy.world.set_tracer(&effects);
  toy.run(Duration{});
  toy.start(ask_and_nap, Subject('t', 1));
  toy.start(ask_and_nap, Subject('t', 2));
  toy.client.crash(seconds(1), kBlow);
  toy.run();
  EXPECT_EQ(effects.names().size(), 4u);
  EXPECT_TRUE(effects.names().contains("client/script(t2)/call:ask(c1)"));
  EXPECT_FALSE(effects.too_late());
}

}  // namespace
}  // namespace sagasim::sim
