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

void RequestOperation::execute() {
  if (request_.key != 0) {
    const std::uint64_t body = combine(request_.method.hash(), request_.body.digest());
    const auto found = service_.keys_.find(request_.key);
    if (found != service_.keys_.end()) {
      const HttpService::Stored& stored = found->second;
      world().caused(stored.writer, operation().id);
      if (stored.body != body) {
        status_ = HttpStatus::kMismatch;
      } else if (stored.in_progress) {
        status_ = HttpStatus::kInProgress;
      } else {
        answer_ = stored.answer.clone();
      }
      answer(Outcome::kOk, combine(static_cast<std::uint64_t>(status_), answer_.digest()));
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
  }
  world().count_change();
  const Exchange exchange{service_.server_.role(), request_, answer_, world().now(),
                          operation().id};
  world().fingerprint().fold(combine(request_.key, answer_.digest()));
  for (Observer* observer : world().observers()) {
    observer->on_exchange(exchange);
  }
  answer(Outcome::kOk, combine(0, answer_.digest()));
}

// The service died before it decided: the key is free again, as if the request had never come.
void RequestOperation::broken() {
  if (world().scheduler().cancel(processing_) && request_.key != 0) {
    service_.keys_.erase(request_.key);
  }
}

void RequestOperation::duplicate(Duration delay) {
  HttpRequest again{request_.method, request_.key, request_.subject, request_.body.clone()};
  auto* copy = world().pool().make<RequestOperation>(service_, duplicate_of(operation(), 1),
                                                     nullptr, std::move(again));
  copy->issue_after(delay);
}

HttpService::HttpService(World& world, Node& server, HttpBusiness& business,
                         const HttpOptions& options)
    : world_(world), server_(server), business_(business), options_(options) {
  server.listen(*this);
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
  const Operation operation =
      activity.operation(OperationKind::kRequest, request.method, request.subject, &server_);
  return Await<RequestOperation>(
      *world_.pool().make<RequestOperation>(*this, operation, &activity, std::move(request)));
}

}  // namespace sagasim::sim
