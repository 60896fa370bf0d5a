#include "sim/network.h"

#include <gtest/gtest.h>

#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Note;
using toy::Toy;

// Reads what arrives, by the numbers in it.
struct Reading : Toy {
  using Toy::Toy;
  ~Reading() override { world.shut_down(); }
  Mailbox inbox{client};
  std::vector<std::int64_t> numbers;
};

Task<> read_all(Toy* toy, Context context) {
  auto* reading = static_cast<Reading*>(toy);
  for (;;) {
    auto next = reading->inbox.receive(context);
    const Payload message = co_await next;
    reading->numbers.push_back(message.as<Note>().value);
  }
}

Task<> send_twenty(Toy* toy, Context context) {
  auto* reading = static_cast<Reading*>(toy);
  const std::int64_t first = 100 * context.invocation().subject.major();
  const Latency latency{milliseconds(1), seconds(1), 4};
  for (std::int64_t i = 0; i < 20; ++i) {
    reading->inbox.send(context, "hello", Subject('m', 1), latency,
                        toy->note(Subject('m', 1), first + i));
  }
  co_return;
}

TEST(Mailbox, KeepsTheOrderOfOneConnectionWhateverTheLatencies) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Reading toy(toy::no_script, {.seed = seed});
    toy.run(Duration{});
    toy.start(read_all, Subject('r', 1));
    toy.start(send_twenty, Subject('s', 1));
    EXPECT_TRUE(toy.run());
    ASSERT_EQ(toy.numbers.size(), 20u);
    for (std::int64_t i = 0; i < 20; ++i) {
      EXPECT_EQ(toy.numbers[static_cast<std::size_t>(i)], 100 + i);
    }
  }
}

}  // namespace
}  // namespace sagasim::sim
