// Balance: how much each user may spend, and the ledger that explains it.
#pragma once

#include <memory>

#include "domain/participant.h"
#include "sim/network.h"

namespace sagasim::domain {

struct BalanceRow {
  sim::Subject user;
  Money amount = 0;
  std::uint32_t version = 0;
  sim::RowKey key() const { return sim::key_of(user); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("user", self.user);
    visit("amount", self.amount);
    visit("version", self.version);
  }
};

enum class EntryKind : std::uint8_t { kCharge, kUse, kRefund };
const char* to_text(EntryKind kind);

// One line of the ledger; never changed. `source` is the order, or the command that charged.
struct BalanceEntry {
  sim::Subject source;
  EntryKind kind = EntryKind::kCharge;
  std::uint64_t salt = 0;
  sim::Subject user;
  Money amount = 0;  // positive; the kind says which way
  sim::RowKey key() const {
    return sim::key_of(source, static_cast<std::uint64_t>(kind) ^ salt << 2);
  }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("source", self.source);
    visit("kind", self.kind);
    visit("user", self.user);
    visit("amount", self.amount);
  }
};

struct BalanceStore : Store {
  explicit BalanceStore(Backing& backing);
  sim::Table<BalanceRow>& balances;
  sim::Table<BalanceEntry>& entries;
  sim::Table<ParticipantRow>& participants;
};

class BalanceService final : public Participant {
 public:
  BalanceService(const Ports& ports, BalanceStore& store);

  sim::Task<sim::Handled> handle(sim::Context context, Event event) override;

 protected:
  sim::Task<sim::Payload> answer(sim::Context context, sim::Name method,
                                 sim::Payload request) override;
  sim::Task<Reason> apply(sim::Context context, UnitOfWork* work, OrderFacts facts) override;
  sim::Task<> compensate(sim::Context context, UnitOfWork* work, OrderFacts facts) override;
  Telling telling() const override;

 private:
  // The user's balance, locked if the policy says so.
  sim::Task<std::optional<BalanceRow>> balance_of(sim::Context context, UnitOfWork* work,
                                                  sim::Subject user);
  // Writes it back, changed. A version that has changed meanwhile fails the unit where it counts.
  sim::Task<> put_balance(sim::Context context, UnitOfWork* work, BalanceRow balance);
  sim::Task<CommandReply> charge(sim::Context context, Charge request);
  sim::Task<LookupReply> get_balance(sim::Context context, Lookup request);

  BalanceStore& tables_;
};

}  // namespace sagasim::domain
