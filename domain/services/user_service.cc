#include "domain/services/user_service.h"

#include "sim/transaction.h"

namespace sagasim::domain {

sim::Task<sim::Payload> UserService::serve(sim::Context context, [[maybe_unused]] sim::Name method,
                                           sim::Payload request) {
  sim::Transaction transaction(tables_.database, context);
  auto reading = transaction.read(tables_.users, sim::key_of(request.as<Lookup>().what));
  const std::optional<UserRow> user = co_await reading;
  LookupReply reply;
  reply.available = !transaction.failed();
  reply.found = user.has_value();
  co_return sim::Payload::of(context.frame_pool(), reply);
}

}  // namespace sagasim::domain
