// The world outside: the payment gateway, which moves real money, and the data platform, which
// wants each completed order once. Both survive everything; their ledgers are the oracle.
#pragma once

#include <cstdint>
#include <map>

#include "domain/messages/events.h"
#include "domain/messages/gateway.h"
#include "sim/http_service.h"

namespace sagasim::domain {

class Gateway final : public sim::HttpBusiness {
 public:
  // `decline_percent` of the charges are declined, for good.
  Gateway(sim::Pool& pool, std::uint32_t decline_percent)
      : pool_(pool), decline_percent_(decline_percent) {}
  sim::Payload decide(const sim::HttpRequest& request, std::uint64_t draw) override;
  std::uint64_t digest() const;

 private:
  struct Account {
    Money captured = 0;
    Money refunded = 0;
  };
  sim::Pool& pool_;
  const std::uint32_t decline_percent_;
  std::map<sim::Subject, Account> accounts_;  // by order
};

class DataPlatform final : public sim::HttpBusiness {
 public:
  explicit DataPlatform(sim::Pool& pool) : pool_(pool) {}
  sim::Payload decide(const sim::HttpRequest& request, std::uint64_t draw) override;

 private:
  sim::Pool& pool_;
};

}  // namespace sagasim::domain
