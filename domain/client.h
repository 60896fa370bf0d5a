// Client: the customers, and the manager of the shop. Each wants certain things at certain moments,
// asks for them, and asks again with the same key until the answer is definite or patience runs
// out.
//
// What a customer wants and was told is kept outside the process: a client that dies comes back and
// goes on. That record is part of the ground truth.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/commands.h"
#include "domain/messages/calls.h"
#include "sim/network.h"
#include "sim/process.h"

namespace sagasim::domain {

// What became of a command, as its customer sees it.
struct CommandHistory {
  const Command* command = nullptr;
  std::uint32_t attempts = 0;         // requests sent
  sim::Instant asked{};               // when the first one was
  bool finished = false;              // answered definitely, or given up
  Answer answer = Answer::kTryAgain;  // the definite one, if any
  sim::Instant answered{};
};

// Everything that the customers were told; grows, never forgets.
class ClientObserver {
 public:
  virtual ~ClientObserver() = default;
  virtual void on_answer(const CommandHistory& history, sim::Instant at) = 0;
  // A reader was told that `order` has this status.
  virtual void on_read(sim::Subject order, std::uint8_t status, sim::Instant asked,
                       sim::Instant at) = 0;
  // A reader was told that there is no such order.
  virtual void on_missing(sim::Subject order, sim::Instant asked, sim::Instant at) = 0;
  // A reader was told that `user` has that much.
  virtual void on_balance_read(sim::Subject user, Money amount, sim::Instant asked,
                               sim::Instant at) = 0;
  // A reader was told that these products sell best.
  virtual void on_top_read(const TopReply& reply, sim::Instant asked, sim::Instant at) = 0;
};

// Whom customers and the manager ask.
struct ClientPeers {
  const sim::Service& orders;
  const sim::Service& balances;
  const sim::Service& coupons;
  const sim::Service& products;
};

struct ClientOptions {
  sim::Duration retry = sim::seconds(1);
  std::uint32_t attempts = 8;
};

class Client final : public sim::Process {
 public:
  // `histories` are this customer's commands.
  Client(std::vector<CommandHistory*> histories, const ClientPeers& peers,
         const ClientOptions& options, ClientObserver& observer);

  sim::Task<> start(sim::Context context) override;

 private:
  CommandHistory* find(sim::Subject command) const;
  // Whether it makes sense to ask for it at all.
  bool is_wanted(const CommandHistory& history) const;
  void begin(sim::Node& node, std::uint64_t cause, CommandHistory* history);
  sim::Task<> perform(sim::Context context, CommandHistory* history);
  sim::Task<Answer> ask(sim::Context context, CommandHistory* history);
  const sim::Service& service_for(CommandKind kind) const;
  sim::Payload request_of(sim::Pool& pool, const Command& command) const;
  void tell(const Command& command, const LookupReply& reply, sim::Instant asked,
            sim::Instant at) const;

  const std::vector<CommandHistory*> histories_;
  const ClientPeers peers_;
  const ClientOptions options_;
  ClientObserver& observer_;
};

}  // namespace sagasim::domain
