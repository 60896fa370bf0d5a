#include "domain/properties/resources.h"

namespace sagasim::domain {

void ResourceProperties::locks_at_rest(std::uint32_t open, sim::Instant at) {
  expect(PropertyId::kRes1, open == 0, "lock", sim::Subject(), at, [&] {
    return std::to_string(open) + " databases have a transaction open, though nothing is going on";
  });
}

void ResourceProperties::memory_at_rest(std::uint64_t inbox, std::uint64_t handled,
                                        std::uint64_t requests, std::uint64_t commands,
                                        sim::Instant at) {
  expect(PropertyId::kRes2, inbox <= handled && requests <= commands, "queue", sim::Subject(), at,
         [&] {
           return std::to_string(inbox) + " inbox rows tell of " + std::to_string(handled) +
                  " events, and " + std::to_string(requests) + " answers are kept of " +
                  std::to_string(commands) + " commands";
         });
}

void ResourceProperties::cache_at_end(const std::vector<sim::CacheKey>& lasting, sim::Instant at) {
  const sim::Subject first = lasting.empty() ? sim::Subject() : lasting.front().subject;
  expect(PropertyId::kRes3, lasting.empty(), "cache", first, at, [&] {
    return "the cache keeps " + std::to_string(lasting.size()) + " keys for ever, among them the " +
           std::string(lasting.front().name.text()) + " of " + order_text(first);
  });
}

}  // namespace sagasim::domain
