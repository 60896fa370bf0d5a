#include "sim/process.h"

namespace sagasim::sim {

Task<> Process::start([[maybe_unused]] Context context) { co_return; }

Task<Payload> Process::serve([[maybe_unused]] Context context, [[maybe_unused]] Name method,
                             [[maybe_unused]] Payload request) {
  SAGASIM_CHECK(false, "this process serves no calls");
  co_return Payload();
}

Task<Handled> Process::consume([[maybe_unused]] Context context,
                               [[maybe_unused]] Delivery delivery) {
  SAGASIM_CHECK(false, "this process consumes no records");
  co_return Handled::kDone;
}

}  // namespace sagasim::sim
