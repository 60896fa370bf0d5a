// Network: calls between services and one-way messages between nodes.
//
// A call is a request and a reply on a connection of its own, so calls overtake one another;
// one-way messages between the same two mailboxes keep their order, as on one TCP connection.
// Nothing here decides anything at random itself: latencies are keyed draws, fates come from the
// Interceptor.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/payload.h"
#include "sim/remote_operation.h"
#include "sim/world.h"

namespace sagasim::sim {

// What a caller gets. `payload` is empty unless the outcome is kOk.
struct Reply {
  Outcome outcome = Outcome::kUnknown;
  Payload payload;
};

class CallOperation : public RemoteOperation {
 public:
  CallOperation(World& world, const Operation& operation, const Route& route, Activity* activity,
                Payload request)
      : RemoteOperation(world, operation, route, activity), request_(std::move(request)) {}
  Reply take() { return Reply{outcome(), std::move(reply_)}; }
  const Activity* waits_for() const override { return executing() ? serving_ : nullptr; }

 private:
  void execute() override;
  void duplicate(Duration delay) override;
  void release() noexcept override { world().pool().destroy(this); }
  static Task<> serve(Context context, CallOperation* call);

  Payload request_;
  Payload reply_;
  const Activity* serving_ = nullptr;  // while it executes
};

// The nodes that answer to one role. A call goes to one of them, chosen by the call's identity.
class Service {
 public:
  Service(Name role, Route route) : role_(role), route_(route) {}
  void add(Node& instance) { instances_.push_back(&instance); }
  Name role() const { return role_; }
  const std::vector<Node*>& instances() const { return instances_; }

  // Reply r = co_await service.call(ctx, "get_user", subject, std::move(request));
  // Requires: at least one instance; the service outlives the call.
  Await<CallOperation> call(Context context, Name method, Subject subject, Payload request) const;

 private:
  Name role_;
  Route route_;
  std::vector<Node*> instances_;
};

// Where a node receives one-way messages. Volatile: it belongs to a process and dies with it. Fills
// one line of the cache: with thousands of them nothing is there when a message comes.
class alignas(64) Mailbox {
 public:
  // `owner` is the node that reads it.
  explicit Mailbox(Node& owner) : owner_(owner) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  // Sends `message` here; not awaited. Keeps the order of earlier sends of `context`'s node to this
  // mailbox. A lost message is lost.
  void send(Context context, Name what, Subject subject, const Latency& latency, Payload message);

  // Payload m = co_await mailbox.receive(ctx); one reader at a time.
  class [[nodiscard]] Receive {
   public:
    Receive(Mailbox& mailbox, Activity& reader) : mailbox_(mailbox), reader_(reader) {}
    Receive(const Receive&) = delete;
    Receive& operator=(const Receive&) = delete;
    ~Receive() { mailbox_.waiter_ = nullptr; }
    bool await_ready() const noexcept { return mailbox_.first_arrived_ != nullptr; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> awaiting) {
      mailbox_.waiter_ = &awaiting.promise();
    }
    Payload await_resume();

   private:
    Mailbox& mailbox_;
    Activity& reader_;
  };
  Receive receive(Context context) { return Receive(*this, context.activity()); }

 private:
  friend class Message;
  // What it remembers of a node that has sent here: when its last message arrives, and which it is.
  struct Sender {
    std::uint32_t node = kNobody;
    Instant last{};
    std::uint64_t last_message = 0;
  };
  static constexpr std::uint32_t kNobody = UINT32_MAX;

  Sender& sender(std::uint32_t node);

  Node& owner_;
  Promise* waiter_ = nullptr;
  class Message* under_way_ = nullptr;
  class Message* first_arrived_ = nullptr;  // first come, first served
  class Message* last_arrived_ = nullptr;   // unless nothing has arrived
  Sender first_sender_;
  std::unique_ptr<std::vector<Sender>> other_senders_;  // most have one
};

}  // namespace sagasim::sim
