#include "domain/services/balance_service.h"

#include "domain/names.h"

namespace sagasim::domain {

const char* to_text(EntryKind kind) {
  switch (kind) {
    case EntryKind::kCharge:
      return "CHARGE";
    case EntryKind::kUse:
      return "USE";
    case EntryKind::kRefund:
      return "REFUND";
  }
  return "?";
}

BalanceStore::BalanceStore(Backing& backing)
    : Store(backing),
      balances(database.add_table<BalanceRow>("balances")),
      entries(database.add_table<BalanceEntry>("balance_entries")),
      participants(database.add_table<ParticipantRow>("balance_participants")) {}

BalanceService::BalanceService(const Ports& ports, BalanceStore& store)
    : Participant(ports, store.participants, EventType::kBalanceUsed, EventType::kBalanceUseFailed),
      tables_(store) {}

sim::Task<sim::Handled> BalanceService::handle(sim::Context context, Event event) {
  return take_part(context, event);
}

BalanceService::Telling BalanceService::telling() const {
  return policy().balance_use == BalanceUse::kTogether ? Telling::kTogether : Telling::kAfterwards;
}

sim::Task<std::optional<BalanceRow>> BalanceService::balance_of(
    [[maybe_unused]] sim::Context context, UnitOfWork* work, sim::Subject user) {
  sim::Transaction& transaction = work->transaction();
  std::optional<BalanceRow> balance;
  if (policy().balance_write == BalanceWrite::kLocked) {
    auto locking = transaction.lock(tables_.balances, sim::key_of(user));
    balance = co_await locking;
  } else {
    auto reading = transaction.read(tables_.balances, sim::key_of(user));
    balance = co_await reading;
  }
  co_return balance;
}

sim::Task<> BalanceService::put_balance([[maybe_unused]] sim::Context context, UnitOfWork* work,
                                        BalanceRow balance) {
  sim::Transaction& transaction = work->transaction();
  auto locking = transaction.lock(tables_.balances, balance.key());
  const std::optional<BalanceRow> now = co_await locking;
  if (!now || now->version != balance.version) {
    work->abandon();
    co_return;
  }
  ++balance.version;
  transaction.update(tables_.balances, balance);
}

sim::Task<Reason> BalanceService::apply(sim::Context context, UnitOfWork* work, OrderFacts facts) {
  sim::Transaction& transaction = work->transaction();
  auto taking = balance_of(context, work, facts.user);
  std::optional<BalanceRow> balance = co_await std::move(taking);
  if (facts.total == 0) {
    co_return Reason::kNone;  // nothing to pay: applied, and nothing to write down
  }
  if (!balance || balance->amount < facts.total) {
    co_return Reason::kNoBalance;
  }
  balance->amount -= facts.total;
  if (policy().balance_write == BalanceWrite::kVersioned) {
    auto putting = put_balance(context, work, *balance);
    co_await std::move(putting);
  } else {
    ++balance->version;
    transaction.update(tables_.balances, *balance);
  }
  const BalanceEntry entry{facts.order, EntryKind::kUse, work->salt(), facts.user, facts.total};
  transaction.insert(tables_.entries, entry);
  co_return Reason::kNone;
}

sim::Task<> BalanceService::compensate(sim::Context context, UnitOfWork* work, OrderFacts facts) {
  if (facts.total == 0) {
    co_return;
  }
  sim::Transaction& transaction = work->transaction();
  auto taking = balance_of(context, work, facts.user);
  std::optional<BalanceRow> balance = co_await std::move(taking);
  if (!balance) {
    co_return;  // the transaction has failed; a balance is never removed
  }
  balance->amount = add(balance->amount, facts.total);
  if (policy().balance_write == BalanceWrite::kVersioned) {
    auto putting = put_balance(context, work, *balance);
    co_await std::move(putting);
  } else {
    ++balance->version;
    transaction.update(tables_.balances, *balance);
  }
  const BalanceEntry entry{facts.order, EntryKind::kRefund, work->salt(), facts.user, facts.total};
  transaction.insert(tables_.entries, entry);
}

sim::Task<sim::Payload> BalanceService::answer(sim::Context context, sim::Name method,
                                               sim::Payload request) {
  if (method == method::kCharge) {
    auto charging = charge(context, request.as<Charge>());
    const CommandReply reply = co_await std::move(charging);
    co_return sim::Payload::of(context.frame_pool(), reply);
  }
  auto reading = get_balance(context, request.as<Lookup>());
  const LookupReply reply = co_await std::move(reading);
  co_return sim::Payload::of(context.frame_pool(), reply);
}

sim::Task<CommandReply> BalanceService::charge(sim::Context context, Charge request) {
  const std::uint64_t body = sim::digest_of(request);
  const bool keyed = policy().request_keys == Switch::kOn;
  UnitOfWork work(*this, context, std::nullopt, keyed ? Guards::kHeeded : Guards::kIgnored);
  auto remembering = work.answered(request.key, body);
  const std::optional<CommandReply> known = co_await std::move(remembering);
  if (known) {
    co_return *known;
  }
  sim::Transaction& transaction = work.transaction();
  auto taking = balance_of(context, &work, request.user);
  std::optional<BalanceRow> balance = co_await std::move(taking);
  const bool opens = !balance;
  if (opens) {
    balance = BalanceRow{request.user, 0, 0};  // opened by the first charge
  }
  const bool fits = request.amount > 0 && request.amount <= kBalanceCap &&
                    balance->amount <= kBalanceCap - request.amount;
  if (fits) {
    balance->amount += request.amount;
    if (opens) {
      ++balance->version;
      transaction.insert(tables_.balances, *balance);
    } else if (policy().balance_write == BalanceWrite::kVersioned) {
      auto putting = put_balance(context, &work, *balance);
      co_await std::move(putting);
    } else {
      ++balance->version;
      transaction.update(tables_.balances, *balance);
    }
    const std::uint64_t salt = keyed ? 0 : work.salt();
    const BalanceEntry entry{request.key, EntryKind::kCharge, salt, request.user, request.amount};
    transaction.insert(tables_.entries, entry);
  }
  const CommandReply reply{fits ? Answer::kAccepted : Answer::kRejected, {}};
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

sim::Task<LookupReply> BalanceService::get_balance(sim::Context context, Lookup request) {
  sim::Transaction transaction(tables_.database, context);
  auto reading = transaction.read(tables_.balances, sim::key_of(request.what));
  const std::optional<BalanceRow> balance = co_await reading;
  LookupReply reply;
  reply.available = !transaction.failed();
  reply.found = balance.has_value();
  reply.amount = balance ? balance->amount : 0;
  co_return reply;
}

}  // namespace sagasim::domain
