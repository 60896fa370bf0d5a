// Bustle: a client and its workers that use every kind of operation, as something for chance to
// strike.
#pragma once

#include "tests/sim/toy.h"

namespace sagasim::sim::toy {

// One of each: a message, a call whose handler locks, commits and appends a record that others
// handle, a request, a command, a job for the watcher, and a nap.
inline Task<> errand(Toy* toy, Context context) {
  const Subject about = context.invocation().subject;
  if (toy->mailbox != nullptr) {
    const Latency latency{milliseconds(1), milliseconds(3)};
    toy->mailbox->send(context, "hello", about, latency, toy->note(about));
  }
  auto call = toy->workers.call(context, "ask", about, toy->note(about));
  const Reply reply = co_await call;
  toy->saw(reply.outcome);
  auto request = toy->gateway.request(context, toy->payment(about.bits(), about));
  const HttpReply paid = co_await request;
  toy->saw(paid.outcome);
  auto count = toy->cache.add(context, CacheKey{"errands", about}, 1);
  const CacheReply counted = co_await count;
  toy->saw(counted.outcome);
  auto pause = context.sleep(milliseconds(300), "nap");
  co_await pause;
}

inline Task<> errands(Toy* toy, Context context) {
  for (int round = 0; round < 8; ++round) {
    auto work = errand(toy, context);
    co_await std::move(work);
  }
}

inline Task<> answer_with_a_transaction(Toy* toy, Context context) {
  const Subject about = context.invocation().subject;
  Transaction transaction(toy->database, context);
  auto lock = transaction.lock(toy->accounts, key_of(about));
  const auto account = co_await lock;
  const Account after{about, account ? account->amount + 1 : 1};
  if (account) {
    transaction.update(toy->accounts, after);
  } else {
    transaction.insert(toy->accounts, after);
    const Job job{about};
    transaction.insert(toy->jobs, job);
  }
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  if (outcome == Outcome::kOk) {
    auto append = toy->broker.append(context, toy->draft(about, after.amount));
    co_await append;
  }
}

inline Task<Handled> note_the_record(Toy* toy, Context context, Delivery delivery) {
  const Subject about = delivery.record->subject;
  Transaction transaction(toy->database, context);
  auto lock = transaction.lock(toy->accounts, key_of(about));
  const auto account = co_await lock;
  if (account) {
    const Account after{about, account->amount + 100};
    transaction.update(toy->accounts, after);
  }
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  co_return outcome == Outcome::kOk ? Handled::kDone : Handled::kRetry;
}

// A toy that is busy for some seconds: three activities of the client beside one another.
class Bustle {
 public:
  explicit Bustle(std::uint64_t seed, Interceptor* interceptor = nullptr)
      : toy(errands, {.seed = seed, .workers = 2, .partitions = 2}) {
    toy.before_answer = answer_with_a_transaction;
    toy.on_record = note_the_record;
    toy.world.set_interceptor(interceptor);
  }

  bool run(Duration end = seconds(600)) {
    toy.run(Duration{});
    for (std::uint32_t i = 1; i <= 2; ++i) {
      if (toy.client.up()) {
        toy.start(errands, Subject('c', i));
      }
    }
    return toy.run(end);
  }
  std::uint64_t fingerprint() { return toy.world.fingerprint().value(); }

  Toy toy;
};

}  // namespace sagasim::sim::toy
