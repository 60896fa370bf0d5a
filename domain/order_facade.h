// OrderFacade: all of an order in one transaction, as a shop does it whose services share a process
// and a database. Each service does its own part within the facade's unit. An order takes all its
// steps when it is created, or there is no order; it ends in the transaction that writes down what
// became of its payment, and whatever it took is given back in that one if need be.
//
// The gateway is outside: nothing holds a transaction open while somebody waits for it.
#pragma once

#include "domain/services/balance_service.h"
#include "domain/services/coupon_service.h"
#include "domain/services/order_service.h"
#include "domain/services/payment_service.h"
#include "domain/services/product_service.h"

namespace sagasim::domain {

class OrderFacade {
 public:
  // All of them outlive it.
  OrderFacade(BalanceService& balances, CouponService& coupons, ProductService& products,
              PaymentStore& payments, OrderStore& orders)
      : balances_(balances),
        coupons_(coupons),
        products_(products),
        payments_(payments),
        orders_(orders) {}

  // Writes the order down with all that it takes, waiting for its payment. What is short, if
  // anything is: then the unit must not be committed.
  sim::Task<Reason> place(sim::Context context, UnitOfWork* work, OrderRow order);
  // Ends the order of a payment that has come to its end.
  sim::Task<> settle(sim::Context context, UnitOfWork* work, PaymentRow payment);

 private:
  sim::Task<> complete(sim::Context context, UnitOfWork* work, OrderRow* order);
  sim::Task<> give_back(sim::Context context, UnitOfWork* work, OrderRow* order);

  BalanceService& balances_;
  CouponService& coupons_;
  ProductService& products_;
  PaymentStore& payments_;
  OrderStore& orders_;
};

}  // namespace sagasim::domain
