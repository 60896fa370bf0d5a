#include "sim/http_service.h"

#include "sim/node.h"

namespace sagasim::sim {

RequestOperation::Processing::Processing(RequestOperation& owner)
    : Event([](Event& event) { static_cast<Processing&>(event).operation.decide(); }),
      operation(owner) {}

RequestOperation::RequestOperation(HttpService& service, const Operation& operation,
                                   Activity* activity, HttpRequest request)
    : RemoteOperation(service.world_, operation, service.options_.route, activity),
      service_(service),
      request_(std::move(request)),
      processing_(*this) {}

RequestOperation::~RequestOperation() { world().scheduler().cancel(processing_); }

void RequestOperation::reply(HttpStatus status) {
  status_ = status;
  answer(Outcome::kOk, combine(static_cast<std::uint64_t>(status_), answer_.digest()));
}

void RequestOperation::ask() {
  const HttpService::Stored* stored = service_.find(request_.key);
  if (stored == nullptr) {
    reply(HttpStatus::kNotFound);
    return;
  }
  world().caused(stored->writer, operation().id);
  if (stored->voided) {
    reply(HttpStatus::kVoided);
  } else if (stored->in_progress) {
    reply(HttpStatus::kInProgress);
  } else {
    answer_ = stored->answer.clone();
    reply(HttpStatus::kDone);
  }
}

void RequestOperation::make_void() {
  HttpService::Stored* stored = service_.find(request_.key);
  if (stored != nullptr) {
    world().caused(stored->writer, operation().id);
    if (stored->in_progress) {
      reply(HttpStatus::kInProgress);
      return;
    }
  }
  HttpService::Stored& mark = stored != nullptr ? *stored : service_.keys_[request_.key];
  if (!mark.voided) {
    world().count_change();
    if (stored != nullptr) {
      service_.business_.undo(request_.key, mark.answer);
    }
  }
  mark.voided = true;
  mark.in_progress = false;
  mark.writer = operation().id;
  mark.decided = world().now();
  reply(HttpStatus::kVoided);
}

void RequestOperation::execute() {
  if (request_.kind == HttpRequest::Kind::kAsk) {
    ask();
    return;
  }
  if (request_.kind == HttpRequest::Kind::kVoid) {
    make_void();
    return;
  }
  if (request_.key != 0) {
    const std::uint64_t body = combine(request_.method.hash(), request_.body.digest());
    if (const HttpService::Stored* stored = service_.find(request_.key)) {
      world().caused(stored->writer, operation().id);
      if (stored->voided) {
        reply(HttpStatus::kVoided);
      } else if (stored->body != body) {
        reply(HttpStatus::kMismatch);
      } else if (stored->in_progress) {
        reply(HttpStatus::kInProgress);
      } else {
        answer_ = stored->answer.clone();
        reply(HttpStatus::kDone);
      }
      return;
    }
    HttpService::Stored& stored = service_.keys_[request_.key];
    stored.body = body;
    stored.writer = operation().id;
  }
  const std::uint64_t draw = world().random().draw(operation().id, "processing");
  world().scheduler().at(world().now() + service_.options_.processing.at(draw), operation().id,
                         processing_);
}

void RequestOperation::decide() {
  const std::uint64_t key = request_.key != 0 ? request_.key : operation().id;
  answer_ = service_.business_.decide(request_, world().random().draw(key, "decision"));
  if (request_.key != 0) {
    HttpService::Stored& stored = service_.keys_[request_.key];
    stored.in_progress = false;
    stored.answer = answer_.clone();
    stored.decided = world().now();
  }
  world().count_change();
  const Exchange exchange{service_.server_.role(), request_, answer_, world().now(),
                          operation().id};
  world().fingerprint().fold(combine(request_.key, answer_.digest()));
  for (Observer* observer : world().observers()) {
    observer->on_exchange(exchange);
  }
  if (service_.options_.callback != nullptr) {
    service_.callbacks_.emplace(
        operation().id, HttpService::Callback{request_.subject, answer_.clone(), operation().id});
    service_.call_back(operation().id);
  }
  reply(HttpStatus::kDone);
}

// The service died before it decided: the key is free again, as if the request had never come.
void RequestOperation::broken() {
  if (world().scheduler().cancel(processing_) && request_.key != 0) {
    service_.keys_.erase(request_.key);
  }
}

void RequestOperation::duplicate(Duration delay) {
  HttpRequest again{request_.method, request_.key, request_.subject, request_.body.clone(),
                    request_.kind};
  auto* copy = world().pool().make<RequestOperation>(service_, duplicate_of(operation(), 1),
                                                     nullptr, std::move(again));
  copy->issue_after(delay);
}

HttpService::HttpService(World& world, Node& server, HttpBusiness& business,
                         const HttpOptions& options)
    : world_(world), server_(server), business_(business), options_(options) {
  server.listen(*this);
}

HttpService::Stored* HttpService::find(std::uint64_t key) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) {
    return nullptr;
  }
  Stored& stored = found->second;
  const bool expires = options_.key_lifetime != Duration{} && stored.decided != kNever;
  if (expires && world_.now() - stored.decided >= options_.key_lifetime) {
    keys_.erase(found);
    return nullptr;
  }
  return &stored;
}

// A call of the service to one of its clients, made again by itself until it is heard.
class CallbackOperation final : public CallOperation {
 public:
  CallbackOperation(HttpService& service, const Operation& operation, std::uint64_t decided,
                    Payload body)
      : CallOperation(service.world_, operation, service.options_.callback_route, nullptr,
                      std::move(body)),
        service_(service),
        decided_(decided) {}
  ~CallbackOperation() override {
    const auto told = service_.callbacks_.find(decided_);
    if (operation().duplicate == 0 && told != service_.callbacks_.end()) {
      --told->second.under_way;
    }
  }

 private:
  void concluded(Outcome outcome) override {
    HttpService::Callback& told = service_.callbacks_.at(decided_);
    told.cause = operation().id;
    if (outcome == Outcome::kOk || told.attempt == service_.options_.callback_attempts) {
      service_.callbacks_.erase(decided_);
    } else {
      ++told.attempt;
      service_.call_back(decided_);
    }
  }
  void release() noexcept override { world().pool().destroy(this); }

  HttpService& service_;
  const std::uint64_t decided_;
};

void HttpService::call_back(std::uint64_t decided) {
  Callback& told = callbacks_.at(decided);
  ++told.under_way;
  Operation operation;
  operation.invocation = Invocation{.role = server_.role(),
                                    .scope = "callback",
                                    .trigger = options_.callback_method,
                                    .subject = told.subject,
                                    .version = static_cast<std::uint32_t>(told.body.digest()),
                                    .copy = 0,
                                    .attempt = told.attempt};
  operation.invocation_id = operation.invocation.id();
  operation.kind = OperationKind::kCall;
  operation.detail = options_.callback_method;
  operation.subject = told.subject;
  operation.initiator = &server_;
  operation.cause = told.cause;
  const std::uint64_t base = base_of(operation);
  operation.ordinal = world_.next_attempt(base);
  operation.id = operation_identity(base, operation.ordinal, 0);
  const auto& instances = options_.callback->instances();
  operation.receiver =
      instances[below(world_.random().draw(operation.id, "instance"), instances.size())];
  const std::uint64_t draw = world_.random().draw(operation.id, "callback");
  world_.pool()
      .make<CallbackOperation>(*this, operation, decided, told.body.clone())
      ->issue_after(options_.callback_delay.at(draw));
}

// What it was about to tell when it died it tells now, and does not know whether it had.
void HttpService::on_start(Node&, std::uint64_t cause) {
  for (auto& [decided, told] : callbacks_) {
    if (told.under_way == 0) {
      told.cause = cause;
      call_back(decided);
    }
  }
}

bool HttpService::on_intervention(Node&, const Intervention& intervention) {
  if (intervention.kind != Intervention::Kind::kForgetKeys) {
    return false;
  }
  std::erase_if(keys_, [&](const auto& entry) {
    world_.met(intervention.cause, entry.second.writer);
    return !entry.second.in_progress;
  });
  return true;
}

Await<RequestOperation> HttpService::request(Context context, HttpRequest request) {
  Activity& activity = context.activity();
  for (Observer* observer : world_.observers()) {
    observer->on_request(server_, request);
  }
  const Operation operation =
      activity.operation(OperationKind::kRequest, request.method, request.subject, &server_);
  return Await<RequestOperation>(
      *world_.pool().make<RequestOperation>(*this, operation, &activity, std::move(request)));
}

}  // namespace sagasim::sim
