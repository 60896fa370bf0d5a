// HttpService: an external service with idempotency keys, such as a payment gateway. The same key
// with the same body is answered from what was stored; with another body it is refused; while the
// first request with a key is still at work, a second one is told to come back.
//
// Modelled on Stripe's "Idempotent requests" and "Webhooks", and on the guides of Korean gateways
// for requests that were not answered in time: a client may ask what became of a key, or have it
// voided, and a request that arrives after that is not done. A refund is a request like any other.
// Its ledger outlives everything: it is the oracle for what happened outside the system under test.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "sim/network.h"
#include "sim/node.h"
#include "sim/payload.h"
#include "sim/remote_operation.h"
#include "sim/world.h"

namespace sagasim::sim {

struct HttpOptions {
  Route route{
      {milliseconds(5), milliseconds(40)}, {milliseconds(5), milliseconds(40)}, seconds(10)};
  Latency processing{milliseconds(10), milliseconds(200)};  // at the service, before it decides
  // How long a key is remembered once it has been decided; zero: for ever.
  Duration key_lifetime{};
  // Whom it tells of what it has decided, by a call of that method with the answer, about the
  // request's subject: after a while, again as long as it does not hear that it was heard, and once
  // more after a restart, which forgets none of them.
  const Service* callback = nullptr;
  Name callback_method{};
  Route callback_route{
      {milliseconds(5), milliseconds(40)}, {milliseconds(5), milliseconds(40)}, seconds(5)};
  Latency callback_delay{milliseconds(1), seconds(2)};
  std::uint32_t callback_attempts = 3;
};

enum class HttpStatus : std::uint8_t {
  kDone,        // decided now, or before: `body` is the stored answer
  kInProgress,  // a request with this key is being processed
  kMismatch,    // this key was used with another body
  kNotFound,    // nothing is known of the key that was asked about
  kVoided,      // the key was voided: nothing is done with it, or what was done is undone
};

struct HttpRequest {
  enum class Kind : std::uint8_t {
    kDo,
    kAsk,   // what became of the request with that key; changes nothing
    kVoid,  // nothing is to come of it, whether it has been decided or is still to arrive
  };
  Name method;
  std::uint64_t key = 0;  // the Idempotency-Key; 0 for a request without one
  Subject subject;
  Payload body;
  Kind kind = Kind::kDo;  // the others need a key, and no body
};

struct HttpReply {
  Outcome outcome = Outcome::kUnknown;
  HttpStatus status = HttpStatus::kDone;
  Payload body;
};

// A request that the service has decided: one line of its ledger.
struct Exchange {
  Name service;
  const HttpRequest& request;
  const Payload& answer;
  Instant at;
  std::uint64_t operation;
};

// What the service does for a living; pure business, one call per decided request.
class HttpBusiness {
 public:
  virtual ~HttpBusiness() = default;
  // `draw` is keyed by the idempotency key, so that a repeated request would be decided alike.
  virtual Payload decide(const HttpRequest& request, std::uint64_t draw) = 0;
  // What was decided under that key, with that answer, is undone. Once for each at most.
  virtual void undo(std::uint64_t /*key*/, const Payload& /*answer*/) {}
};

class HttpService;

class RequestOperation final : public RemoteOperation {
 public:
  RequestOperation(HttpService& service, const Operation& operation, Activity* activity,
                   HttpRequest request);
  HttpReply take() { return HttpReply{outcome(), status_, std::move(answer_)}; }

 private:
  friend class HttpService;
  struct Processing : Event {
    explicit Processing(RequestOperation& owner);
    RequestOperation& operation;
  };

  void execute() override;
  void duplicate(Duration delay) override;
  void broken() override;
  void release() noexcept override { world().pool().destroy(this); }
  void reply(HttpStatus status);
  void ask();
  void make_void();
  void decide();
  ~RequestOperation() override;
  friend class Pool;

  HttpService& service_;
  HttpRequest request_;
  HttpStatus status_ = HttpStatus::kDone;
  Payload answer_;
  Processing processing_;
};

class HttpService final : public NodeListener {
 public:
  // `business` outlives the service.
  HttpService(World& world, Node& server, HttpBusiness& business, const HttpOptions& options);

  // HttpReply r = co_await service.request(ctx, std::move(request));
  [[nodiscard]] Await<RequestOperation> request(Context context, HttpRequest request);
  Node& server() const { return server_; }

 private:
  friend class CallbackOperation;
  friend class RequestOperation;
  // Keys expire: what was stored under them is forgotten.
  bool on_intervention(Node& node, const Intervention& intervention) override;

  struct Stored {
    std::uint64_t body = 0;
    bool in_progress = true;
    bool voided = false;
    Payload answer;
    std::uint64_t writer = 0;
    Instant decided = kNever;
  };
  // What it still has to tell.
  struct Callback {
    Subject subject;
    Payload body;
    std::uint64_t cause = 0;
    std::uint32_t attempt = 1;
    std::uint32_t under_way = 0;  // calls
  };
  // What is stored under a key and has not expired; null: nothing.
  Stored* find(std::uint64_t key);
  void on_start(Node& node, std::uint64_t cause) override;
  // `decided`: the operation that was, by which the callback is known.
  void call_back(std::uint64_t decided);

  World& world_;
  Node& server_;
  HttpBusiness& business_;
  const HttpOptions options_;
  std::map<std::uint64_t, Stored> keys_;
  std::map<std::uint64_t, Callback> callbacks_;  // by the operation whose answer they tell
};

}  // namespace sagasim::sim
