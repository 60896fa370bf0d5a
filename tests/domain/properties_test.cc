// A canary for every property of the catalogue: a sound history offends none of them, and the same
// history with one thing broken offends the one that is there for it. Where a breach cannot be had
// alone, the properties that go with it are written down too.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/domain/bench.h"

namespace sagasim::domain {
namespace {

using Ids = std::set<std::string>;

constexpr sim::Subject kOrder('c', 1, 1);   // completes: 2,250 of u1, with coupon k1
constexpr sim::Subject kCharge('c', 1, 2);  // 5,000 for u1
constexpr sim::Subject kFailed('c', 2, 1);  // declined: 900 of u2, with coupon k2
constexpr sim::Subject kNever('c', 2, 2);   // 500 of u2; was never created
constexpr sim::Subject kUser('u', 1);
constexpr sim::Subject kOtherUser('u', 2);
constexpr sim::Subject kProduct('p', 1);
constexpr sim::Subject kCoupon('k', 1);
constexpr sim::Subject kCampaign('d', 1);
constexpr sim::Subject kOtherCoupon('k', 2);

struct Canary {
  const char* id;
  const char* message;  // what its finding says, or a part of it
  void (*breaks)(History& history);
  Ids companions;
};

void PrintTo(const Canary& canary, std::ostream* out) { *out << canary.message; }

const std::vector<Canary>& canaries() {
  static const std::vector<Canary> kCanaries = {
      {"IDM-1",
       "OrderCreated of order c1.1 took effect a second time at consumer group balance",
       [](History& history) {
         history.after("balance takes c1.1", [](Bench& bench) {
           bench.effect(group::kBalance, kOrder, EventType::kOrderCreated);
         });
       },
       {}},
      {"PAY-5",
       "order c1.1 was captured 2 times at the gateway, 4,500 KRW in all",
       [](History& history) {
         history.after("gateway captures c1.1", [](Bench& bench) {
           bench.gateway(kOrder, GatewayStatus::kCaptured, 2'250);
           bench.gateway(kOrder, GatewayStatus::kRefunded, 2'250);
         });
       },
       {}},
      {"PAY-1",
       "order c1.1 has 2 payments of 2,250 KRW",
       [](History& history) {
         history.after("payment of c1.1 completes", [](Bench& bench) {
           bench.pay_again(kOrder, PaymentStatus::kFailed);
           bench.log(kOrder, EventType::kPayFailed);
         });
       },
       {"EVT-7", "RUL-1"}},
      {"MON-5",
       "order c1.1 was paid 2 times and refunded 0 times: u1 is 4,500 KRW down",
       [](History& history) {
         history.after("balance takes c1.1", [](Bench& bench) {
           bench.change_balance(kUser, -2'250);
           bench.enter(EntryKind::kUse, kOrder, kUser, 2'250);
           bench.settle();
         });
       },
       {"MON-4", "OUT-1", "MET-14", "RUL-1"}},
      {"STK-5",
       "order c2.1 took 2 of p1 in 2 goes and returned 1 in 1",
       [](History& history) {
         history.after("stock gives back c2.1", [](Bench& bench) {
           bench.move_line(StockMove::kDeduct, kFailed, 0);
           bench.settle();
           bench.move_line(StockMove::kRestore, kFailed, 0);
           bench.settle();
         });
       },
       {"RUL-1"}},
      {"MON-1",
       "the balance of u1 is -1 KRW",
       [](History& history) {
         history.before("create c1.1", [](Bench& bench) {
           bench.change_balance(kUser, -15'001);
           bench.change_balance(kUser, 15'001);
           bench.settle();
         });
       },
       {}},
      {"MON-1",
       "a charge brought the balance of u1 to 10,000,001 KRW",
       [](History& history) {
         history.before("c1.2 is booked",
                        [](Bench& bench) { bench.command(kCharge).amount = 9'990'001; });
       },
       {}},
      {"MON-2",
       "the balance of u1 is 14,900 KRW, its ledger says 15,000 KRW",
       [](History& history) {
         history.after("c1.2 is booked", [](Bench& bench) {
           bench.change_balance(kUser, -100);
           bench.change_balance(kOtherUser, 100);
           bench.settle();
         });
       },
       {"MET-14"}},
      {"MON-3",
       "charge c1.2 was booked 2 times, now with 5,000 KRW",
       [](History& history) {
         history.after("c1.2 is booked", [](Bench& bench) { bench.charge(kCharge); });
       },
       {}},
      {"MON-3",
       "customers charged 25,000 KRW, but balances and orders account for 25,100 KRW",
       [](History& history) {
         history.after("c1.2 is booked", [](Bench& bench) {
           bench.change_balance(kUser, 100);
           bench.settle();
         });
       },
       {"MON-2", "MET-14"}},
      {"MON-3",
       "charge c1.2 was accepted but booked 0 times",
       [](History& history) {
         history.replace("c1.2 is booked", [](Bench& bench) { bench.accept_unbooked(kCharge); });
       },
       {"LIN-1"}},
      {"MON-6",
       "order c2.1 had paid 900 KRW and was refunded 899 KRW",
       [](History& history) {
         history.replace("balance gives back c2.1", [](Bench& bench) {
           bench.change_balance(kOtherUser, 899);
           bench.enter(EntryKind::kRefund, kFailed, kOtherUser, 899);
           bench.participant(Party::kBalance, kFailed, ParticipantState::kCompensated);
           bench.settle();
         });
       },
       {"MON-4", "MET-14"}},
      {"MON-7",
       "order c1.1 has a total of 2,249 KRW and a discount of 251 KRW on a gross of 2,500",
       [](History& history) {
         history.before("create c1.1", [](Bench& bench) {
           bench.facts(kOrder).total = 2'249;
           bench.facts(kOrder).discount = 251;
         });
       },
       {"MET-14"}},
      {"MON-7",
       "the price of order c1.1 changed from 2,500 KRW to 2,250 KRW",
       [](History& history) {
         history.before("create c1.1", [](Bench& bench) {
           bench.facts(kOrder).coupon = sim::Subject();
           bench.facts(kOrder).total = 2'500;
           bench.facts(kOrder).discount = 0;
         });
         history.after("create c1.1", [](Bench& bench) {
           bench.facts(kOrder).coupon = kCoupon;
           bench.facts(kOrder).total = 2'250;
           bench.facts(kOrder).discount = 250;
           bench.rewrite(kOrder, [&](OrderRow& row) { row.facts = bench.facts(kOrder); });
         });
       },
       {"EVT-3", "RUL-1"}},
      {"STK-1",
       "the stock of p1 is -1",
       [](History& history) {
         history.before("create c1.1", [](Bench& bench) {
           bench.change_stock(kProduct, -11);
           bench.change_stock(kProduct, 11);
           bench.settle();
         });
       },
       {}},
      {"STK-2",
       "the stock of p1 is 9, but started with 10 and orders hold 2",
       [](History& history) {
         history.after("stock takes c1.1", [](Bench& bench) {
           bench.change_stock(kProduct, 1);
           bench.settle();
         });
       },
       {"MET-14"}},
      {"STK-3",
       "order c1.1 holds stock for 1 of its 2 lines",
       [](History& history) {
         history.replace("stock takes c1.1", [](Bench& bench) {
           bench.move_line(StockMove::kDeduct, kOrder, 0);
           bench.settle();
           bench.move_line(StockMove::kDeduct, kOrder, 1);
           bench.participant(Party::kStock, kOrder, ParticipantState::kApplied);
           bench.settle();
         });
       },
       {"RUL-1"}},
      {"CPN-1",
       "coupon k1 went from order c2.1 straight to order c1.1",
       [](History& history) {
         history.before("coupon takes c1.1",
                        [](Bench& bench) { bench.hand_coupon(kCoupon, kFailed, kFailed); });
       },
       {"CPN-5", "RUL-1"}},
      {"CPN-2",
       "order c2.1 gave back coupon k1, which order c1.1 held",
       [](History& history) {
         history.after("coupon takes c1.1", [](Bench& bench) {
           bench.hand_coupon(kCoupon, sim::Subject(), kFailed);
           bench.hand_coupon(kCoupon, kOrder, kOrder);
         });
       },
       {"RUL-1"}},
      {"PAY-2",
       "the payment of order c1.1 is for 2,249 KRW instead of 2,250 KRW",
       [](History& history) {
         history.before("payment of c1.1 opens",
                        [](Bench& bench) { bench.facts(kOrder).total = 2'249; });
         history.after("payment of c1.1 opens",
                       [](Bench& bench) { bench.facts(kOrder).total = 2'250; });
       },
       {}},
      {"PAY-2",
       "the gateway captured 2,249 KRW for order c1.1 instead of 2,250 KRW",
       [](History& history) {
         history.replace("gateway captures c1.1", [](Bench& bench) {
           bench.gateway(kOrder, GatewayStatus::kCaptured, 2'249);
         });
       },
       {"PAY-4", "OUT-1", "MET-14"}},
      {"PAY-6",
       "order c1.1 was charged 2,250 KRW at the gateway before all its steps were done",
       [](History& history) { history.move_before("gateway captures c1.1", "stock takes c1.1"); },
       {}},
      {"PAY-6",
       "order c2.2 was to be paid after it had failed",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.announce(kNever, EventType::kOrderFailed);
           bench.announce(kNever, EventType::kPaymentWaited);
         });
       },
       {}},
      {"PAY-7",
       "the payment of order c2.1 went from FAILED to WAITING",
       [](History& history) {
         history.after("payment of c2.1 fails", [](Bench& bench) {
           bench.pay(kFailed, PaymentStatus::kWaiting);
           bench.pay(kFailed, PaymentStatus::kFailed);
         });
       },
       {"RUL-1"}},
      {"ORD-1",
       "order c2.1 was CANCELED and became CREATED",
       [](History& history) {
         history.after("c2.1 fails", [](Bench& bench) {
           bench.rewrite(kFailed, [](OrderRow& row) { row.status = OrderStatus::kCreated; });
           bench.rewrite(kFailed, [](OrderRow& row) { row.status = OrderStatus::kCanceled; });
         });
       },
       {"ORD-2", "RUL-1"}},
      {"ORD-1",
       "order c1.1",
       [](History& history) {
         history.after("c1.1 completes", [](Bench& bench) {
           bench.rewrite(kOrder, [](OrderRow& row) { row.completed += sim::seconds(1); });
         });
       },
       {"RUL-1"}},
      {"ORD-2",
       "order c1.1 went from phase COLLECTING to DONE",
       [](History& history) {
         history.drop("c1.1 waits");
         history.drop("log PaymentWaited of c1.1");
       },
       {"PRC-4", "RUL-1"}},
      {"ORD-2",
       "order c1.1 is CREATED in phase DONE",
       [](History& history) {
         history.before("c1.1 completes", [](Bench& bench) {
           bench.rewrite(kOrder, [](OrderRow& row) { row.phase = OrderPhase::kDone; });
         });
       },
       {"RUL-1"}},
      {"ORD-3",
       "PaymentWaited was decided twice for order c1.1",
       [](History& history) {
         history.after("c1.1 waits",
                       [](Bench& bench) { bench.announce(kOrder, EventType::kPaymentWaited); });
       },
       {}},
      {"ORD-3",
       "OrderFailed was decided for order c2.1 without its reason",
       [](History& history) { history.move_after("log PayFailed of c2.1", "c2.1 fails"); },
       {}},
      {"ORD-4",
       "order c1.1 completed before anybody heard of its payment",
       [](History& history) { history.move_after("log PaymentPaid of c1.1", "c1.1 completes"); },
       {}},
      {"ORD-5",
       "order c1.1 has no lines, or one that cannot be",
       [](History& history) {
         history.before("create c1.1", [](Bench& bench) {
           bench.facts(kOrder).lines[1].quantity = 0;
           bench.facts(kOrder).discount = 200;
           bench.facts(kOrder).total = 1'800;
         });
       },
       {"MET-14"}},
      {"ORD-6",
       "a customer was told that order c1.1 was accepted, but it does not exist",
       [](History& history) { history.move_before("c1.1 is answered", "create c1.1"); },
       {}},
      {"ORD-6",
       "order d1.1001 was created by a repetition of the request that had created order c1.1",
       [](History& history) {
         history.after("create c1.1", [](Bench& bench) { bench.create_again(kOrder); });
       },
       {"EVT-2", "LIV-1"}},
      {"ORD-6",
       "a customer was told that order c1.1 was rejected, but it exists",
       [](History& history) {
         history.replace("c1.1 is answered",
                         [](Bench& bench) { bench.answer(kOrder, Answer::kRejected); });
       },
       {"IDM-5"}},
      {"ORD-7",
       "a reader was told that order c1.1 is CANCELED, which it was not at the time",
       [](History& history) {
         history.replace("c1.1 is read",
                         [](Bench& bench) { bench.read(kOrder, OrderStatus::kCanceled); });
       },
       {}},
      {"ORD-7",
       "a reader was told that order c1.1 is CREATED, which it was not at the time",
       [](History& history) {
         history.replace("c1.1 is read",
                         [](Bench& bench) { bench.read(kOrder, OrderStatus::kCreated); });
       },
       {}},
      {"CMP-2",
       "stock was taken for order c2.1 (900 KRW) after its failure had been dealt with",
       [](History& history) {
         history.after("stock gives back c2.1", [](Bench& bench) {
           bench.participant(Party::kStock, kFailed, ParticipantState::kApplied);
           bench.participant(Party::kStock, kFailed, ParticipantState::kCompensated);
         });
       },
       {"RUL-1"}},
      {"CMP-3",
       "balance was undone for order c2.1, which had not taken any",
       [](History& history) {
         history.before("balance takes c2.1", [](Bench& bench) {
           bench.participant(Party::kBalance, kFailed, ParticipantState::kCompensated);
         });
       },
       {"RUL-1"}},
      {"CMP-3",
       "stock was undone for order c1.1, which is COMPLETED",
       [](History& history) {
         history.after("c1.1 completes", [](Bench& bench) {
           bench.participant(Party::kStock, kOrder, ParticipantState::kCompensated);
           bench.participant(Party::kStock, kOrder, ParticipantState::kApplied);
         });
       },
       {"RUL-1"}},
      {"EVT-1",
       "PayFailed of order c1.1 is in the log, but nothing committed says so",
       [](History& history) {
         history.after("payment of c1.1 opens",
                       [](Bench& bench) { bench.log(kOrder, EventType::kPayFailed); });
       },
       {"EVT-7"}},
      {"OUT-2",
       "order c2.1 was canceled for \"saga timeout\", which was not so",
       [](History& history) {
         history.replace("c2.1 fails",
                         [](Bench& bench) { bench.cancel(kFailed, Reason::kTimeout); });
       },
       {"RUL-1"}},
      {"OUT-2",
       "order c2.1 was refused for \"not enough balance\", which was not so",
       [](History& history) {
         history.before("balance takes c2.1", [](Bench& bench) {
           bench.participant(Party::kBalance, kFailed, ParticipantState::kRejected,
                             Reason::kNoBalance);
           bench.log(kFailed, EventType::kBalanceUseFailed);
         });
       },
       {"EVT-7", "RUL-1"}},
      {"MON-4",
       "order c2.1 is CANCELED and should have cost u2 0 KRW, but cost 900 KRW",
       [](History& history) {
         history.replace("balance gives back c2.1", [](Bench& bench) {
           bench.participant(Party::kBalance, kFailed, ParticipantState::kCompensated);
         });
       },
       {"MET-14", "RUL-1"}},
      {"MON-4",
       "order c1.1 is COMPLETED and should have cost u1 2,250 KRW, but cost 0 KRW",
       [](History& history) {
         history.replace("balance takes c1.1", [](Bench& bench) {
           bench.participant(Party::kBalance, kOrder, ParticipantState::kApplied);
         });
       },
       {"OUT-1", "MET-14", "RUL-1"}},
      {"STK-4",
       "order c2.1 is CANCELED and holds 1 of p1 instead of 0",
       [](History& history) {
         history.replace("stock gives back c2.1", [](Bench& bench) {
           bench.participant(Party::kStock, kFailed, ParticipantState::kCompensated);
         });
       },
       {"MET-14"}},
      {"STK-6",
       "11 of p1 were sold, but there were only 10",
       [](History& history) {
         history.before("create c1.1", [](Bench& bench) {
           bench.facts(kOrder).lines[0].quantity = 11;
           bench.facts(kOrder).discount = 1'150;
           bench.facts(kOrder).total = 10'350;
         });
       },
       {"MET-14"}},
      {"CPN-3",
       "coupon k2 is held by order c2.1, but 0 completed orders used it",
       [](History& history) {
         history.replace("coupon gives back c2.1", [](Bench& bench) {
           bench.participant(Party::kCoupon, kFailed, ParticipantState::kCompensated);
         });
       },
       {"MET-14", "RUL-1"}},
      {"CPN-4",
       "order c1.1 completed with coupon k1, which it does not hold",
       [](History& history) {
         history.replace("coupon takes c1.1", [](Bench& bench) {
           bench.hand_coupon(kCoupon, kFailed, kFailed);
           bench.participant(Party::kCoupon, kOrder, ParticipantState::kApplied);
         });
       },
       {"CPN-5", "MET-14", "RUL-1"}},
      {"CPN-4",
       "order c1.1 has a discount of 250 KRW without a coupon",
       [](History& history) {
         history.before("create c1.1",
                        [](Bench& bench) { bench.facts(kOrder).coupon = sim::Subject(); });
         history.replace("coupon takes c1.1", [](Bench& bench) {
           bench.participant(Party::kCoupon, kOrder, ParticipantState::kApplied);
         });
       },
       {"MON-7", "MET-14", "RUL-1"}},
      {"PAY-3",
       "order c1.1 is COMPLETED, but 0 of its payments are COMPLETED",
       [](History& history) {
         history.after("c1.1 completes", [](Bench& bench) {
           bench.pay(kOrder, PaymentStatus::kCanceled);
           bench.log(kOrder, EventType::kPaymentCanceled);
         });
       },
       {"PAY-8", "OUT-1", "RUL-1"}},
      {"PAY-4",
       "order c1.1 is COMPLETED, the gateway keeps 0 KRW instead of 2,250 KRW",
       [](History& history) {
         history.after("c1.1 completes", [](Bench& bench) {
           bench.gateway(kOrder, GatewayStatus::kRefunded, 2'250);
         });
       },
       {"OUT-1", "MET-14"}},
      {"PAY-4",
       "order c2.1 is CANCELED, the gateway keeps 900 KRW instead of 0 KRW",
       [](History& history) {
         history.after("gateway declines c2.1",
                       [](Bench& bench) { bench.gateway(kFailed, GatewayStatus::kCaptured, 900); });
       },
       {"PAY-8", "CMP-1"}},
      {"PAY-8",
       "order c2.2 has 1 payments under way and 0 KRW captured at the gateway",
       [](History& history) {
         history.before("the end",
                        [](Bench& bench) { bench.pay(kNever, PaymentStatus::kWaiting); });
       },
       {"ORP-2"}},
      {"CMP-1",
       "order c2.1 over 900 KRW was canceled, but its coupon was never given back",
       [](History& history) {
         history.replace("coupon gives back c2.1", [](Bench& bench) {
           bench.hand_coupon(kOtherCoupon, sim::Subject(), kFailed);
         });
       },
       {"ORP-1", "RUL-1"}},
      {"CMP-1",
       "order c2.1 over 900 KRW was canceled, but its balance, coupon and stock were never given "
       "back",
       [](History& history) {
         history.drop("balance gives back c2.1");
         history.drop("coupon gives back c2.1");
         history.drop("stock gives back c2.1");
       },
       {"ORP-1", "MON-4", "STK-4", "CPN-3", "MET-14"}},
      {"ORP-1",
       "balance is still taken for order c2.2 (0 KRW), which did not complete",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.participant(Party::kBalance, kNever, ParticipantState::kApplied);
           bench.log(kNever, EventType::kBalanceUsed);
         });
       },
       {"EVT-5", "ORP-2"}},
      {"OUT-1",
       "order c1.1 is COMPLETED, without its stock: u1 paid 2,250 KRW",
       [](History& history) {
         history.before("c1.1 completes", [](Bench& bench) {
           bench.participant(Party::kStock, kOrder, ParticipantState::kCompensated);
         });
       },
       {"RUL-1"}},
      {"IDM-2",
       "delivering 6 old events once more changed the books",
       [](History& history) {
         history.replace("old events again", [](Bench& bench) { bench.redeliver(7, 8); });
       },
       {}},
      {"EVT-2",
       "order c1.1 was changed, but its OrderCompleted never reached the log",
       [](History& history) { history.drop("log OrderCompleted of c1.1"); },
       {}},
      {"DLQ-1",
       "OrderFailed of order c2.1 is a dead letter of consumer group stock after 4 attempts",
       [](History& history) {
         history.replace("the dead letters", [](Bench& bench) {
           bench.park(group::kStock, kFailed, EventType::kOrderFailed);
         });
       },
       {}},
      {"DLQ-1",
       "PaymentPaid of order c1.1 was skipped by consumer group order after 4 attempts",
       [](History& history) {
         history.after("the dead letters", [](Bench& bench) {
           bench.skip(group::kOrder, kOrder, EventType::kPaymentPaid);
         });
       },
       {}},
      {"OUT-3",
       "order c2.1 did not complete, though nothing stood in its way",
       [](History& history) {
         history.after("the end of plenty", [](Bench& bench) { bench.end_of_ample(kFailed); });
       },
       {}},
      {"CPN-5",
       "order c1.1 took coupon k1 of u1, which was over",
       [](History& history) {
         history.before("coupon takes c1.1", [](Bench& bench) { bench.end_coupon(kCoupon); });
       },
       {}},
      {"CPN-6",
       "campaign d1 has issued 1 of 2 coupons and has 2 left",
       [](History& history) {
         history.replace("d1.1 is issued", [](Bench& bench) { bench.issue(kCampaign, kUser, 2); });
       },
       {"RUL-1"}},
      {"IDM-9",
       "the gateway has moved 0 KRW for order c2.1 under one key 2 times",
       [](History& history) {
         history.after("gateway declines c2.1", [](Bench& bench) {
           bench.gateway_again(kFailed, GatewayStatus::kDeclined, 0);
         });
       },
       {}},
      {"IDM-5",
       "command c1.1 (create) took effect 2 times",
       [](History& history) {
         history.after("create c1.1", [](Bench& bench) { bench.execute(kOrder); });
       },
       {}},
      {"IDM-5",
       "command c2.2 (create) was rejected and took effect 1 times",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.execute(kNever);
           bench.answer(kNever, Answer::kRejected);
         });
       },
       {}},
      {"IDM-5",
       "command c2.2 (create) was answered \"requested\", and \"rejected\" before",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.answer(kNever, Answer::kRejected);
           bench.answer(kNever, Answer::kRequested);
         });
       },
       {}},
      {"PRC-1",
       "step balance of order c2.1 went from SUCCESS to FAILED",
       [](History& history) {
         history.after("balance gives back c2.1", [](Bench& bench) {
           bench.rewrite(kFailed, [](OrderRow& row) { row.balance = StepState::kFailed; });
         });
       },
       {"RUL-1"}},
      {"PRC-2",
       "step stock of order c1.1 is SUCCESS, but nothing was taken there",
       [](History& history) { history.move_before("c1.1 waits", "stock takes c1.1"); },
       {"RUL-1"}},
      {"PRC-2",
       "step stock of order c2.2 is FAILED, but it was taken there",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.create(kNever);
           bench.rewrite(kNever, [](OrderRow& row) { row.stock = StepState::kFailed; });
           bench.participant(Party::kStock, kNever, ParticipantState::kApplied);
           bench.participant(Party::kStock, kNever, ParticipantState::kCompensated);
         });
       },
       {"EVT-2", "LIV-1", "RUL-1"}},
      {"REF-1",
       "order c1.1 was accepted, though p1 was not to be had",
       [](History& history) {
         history.before("create c1.1", [](Bench& bench) {
           bench.stop_selling(kProduct);
           bench.command(kOrder).at = bench.now();
           bench.command(kFailed).at = sim::kStart;
         });
       },
       {}},
      {"MON-8",
       "u1 was told of a balance of 15,001 KRW, which it was not at the time",
       [](History& history) {
         history.replace("u1 looks", [](Bench& bench) { bench.read_balance_as(kUser, 15'001); });
       },
       {}},
      {"EVT-3",
       "OrderCompleted of order c1.1 speaks of 1 KRW in the log, but the order is another",
       [](History& history) {
         history.after("log OrderCompleted of c1.1", [](Bench& bench) {
           Event event = bench.event(kOrder, EventType::kOrderCompleted);
           event.facts.total = 1;
           bench.log(event);
         });
       },
       {}},
      {"EVT-3",
       "OrderCompleted of order c1.1 is in the log in two versions",
       [](History& history) {
         history.after("log OrderCompleted of c1.1", [](Bench& bench) {
           Event event = bench.event(kOrder, EventType::kOrderCompleted);
           event.occurred = bench.now();
           bench.log(event);
         });
       },
       {}},
      {"EVT-5",
       "OrderCompleted of order c1.1 answers an event that is not in the log, or not of its kind",
       [](History& history) {
         history.replace("log OrderCompleted of c1.1", [](Bench& bench) {
           Event event = bench.event(kOrder, EventType::kOrderCompleted);
           event.causation = event_id(EventType::kOrderCreated, kOrder, 1);
           bench.log(event);
         });
       },
       {}},
      {"EVT-6",
       "OrderCompleted of order c1.1 is in the log under another id than before, or one of another",
       [](History& history) {
         history.replace("log OrderCompleted of c1.1", [](Bench& bench) {
           Event event = bench.event(kOrder, EventType::kOrderCompleted);
           event.id = event_id(EventType::kOrderCreated, kOrder, 1);
           bench.log(event);
         });
       },
       {}},
      {"EVT-7",
       "CouponUseFailed of order c1.1 is in the log, and so is its opposite",
       [](History& history) {
         history.after("log CouponUsed of c1.1",
                       [](Bench& bench) { bench.log(kOrder, EventType::kCouponUseFailed); });
       },
       {"EVT-1"}},
      {"PRC-4",
       "the outcome of every step of order c1.1 has been heard and acknowledged, but nothing was",
       [](History& history) { history.move_before("c1.1 is heard", "c1.1 waits"); },
       {}},
      {"DPL-1",
       "the data platform took 2 records of order c1.1, now of 2,250 KRW",
       [](History& history) {
         history.after("c1.1 is told on", [](Bench& bench) { bench.tell_platform(kOrder); });
       },
       {}},
      {"DPL-1",
       "the data platform took 1 records of order c2.1, now of 900 KRW, which is not what "
       "completed",
       [](History& history) {
         history.after("c1.1 is told on", [](Bench& bench) { bench.tell_platform(kFailed); });
       },
       {}},
      {"RNK-3",
       "a reader was told what sold best by day 1, and p1 is not in its place: it had sold 2",
       [](History& history) {
         history.replace("the best are read", [](Bench& bench) { bench.read_top(kOrder, 1); });
       },
       {}},
      {"ORP-2",
       "order c2.2 does not exist, but others have dealt with it: 0 payments, 0 KRW used",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.participant(Party::kBalance, kNever, ParticipantState::kTombstone);
         });
       },
       {}},
      {"MET-14",
       "served one after the other, coupon k2 is held by order - instead of order c2.1",
       [](History& history) {
         history.replace("coupon gives back c2.1", [](Bench& bench) {
           bench.participant(Party::kCoupon, kFailed, ParticipantState::kCompensated);
         });
       },
       {"CPN-3", "RUL-1"}},
      {"RNK-1",
       "2 of p1 were sold in all, but the ranking counts 3",
       [](History& history) {
         history.after("the best are read", [](Bench& bench) { bench.rank(kFailed, 0); });
       },
       {"RNK-2"}},
      {"RNK-2",
       "on day 0 2 of p1 were sold, but the ranking counts 0",
       [](History& history) {
         history.replace("c1.1 is ranked", [](Bench& bench) { bench.rank(kOrder, 1); });
       },
       {}},
      {"DPL-2",
       "order c1.1 completed, but the data platform never heard of it",
       [](History& history) { history.drop("c1.1 is told on"); },
       {}},
      {"EVT-8",
       "consumer group balance is done with OrderCreated of order c1.1, but has not written that",
       [](History& history) {
         history.replace("the inboxes", [](Bench& bench) {
           bench.inbox(kOrder, EventType::kOrderCreated, group::kBalance, false);
         });
       },
       {}},
      {"EVT-8",
       "1 events are still to be published",
       [](History& history) {
         history.replace("the inboxes", [](Bench& bench) { bench.outboxes(1); });
       },
       {}},
      {"RES-1",
       "2 databases have a transaction open, though nothing is going on",
       [](History& history) { history.replace("the locks", [](Bench& bench) { bench.locks(2); }); },
       {}},
      {"RES-2",
       "8 inbox rows tell of 7 events, and 4 answers are kept of 4 commands",
       [](History& history) {
         history.replace("the memory", [](Bench& bench) { bench.memory(8, 7); });
       },
       {}},
      {"LIV-1",
       "order c2.2 over 500 KRW is stuck in phase COLLECTING, lost: consumer group balance "
       "acknowledged its OrderCreated without effect; consumer group coupon",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.create(kNever);
           bench.log(kNever, EventType::kOrderCreated);
         });
       },
       {}},
      {"PRC-3",
       "the cache says that step stock of order c1.1 is FAILED, but it is SUCCESS",
       [](History& history) {
         history.after("c1.1 waits", [](Bench& bench) {
           bench.cache_step(Party::kStock, kOrder, StepState::kFailed);
         });
       },
       {}},
      {"PRC-3",
       "the cache says that step coupon of order c1.1 is PENDING, but it is SUCCESS",
       [](History& history) {
         history.after("coupon takes c1.1", [](Bench& bench) {
           bench.cache_step(Party::kCoupon, kOrder, StepState::kPending);
         });
       },
       {}},
      {"RES-3",
       "the cache keeps 2 keys for ever, among them the steps of order c1.1",
       [](History& history) {
         history.replace("the cache", [](Bench& bench) {
           bench.cache({{"steps", kOrder}, {"decided", kOrder}});
         });
       },
       {}},
      {"LIV-3",
       "PaymentPaid of order c1.1 was delivered to consumer group order 51 times since all was "
       "well again",
       [](History& history) {
         history.after("log PaymentPaid of c1.1", [](Bench& bench) {
           for (std::uint32_t attempt = 2; attempt <= 51; ++attempt) {
             bench.deliver(group::kOrder, kOrder, EventType::kPaymentPaid, attempt);
           }
         });
       },
       {}},
      {"LIV-5",
       "gateway was asked to charge order c1.1 51 times since all was well again",
       [](History& history) {
         history.before("gateway captures c1.1",
                        [](Bench& bench) { bench.ask_gateway(kOrder, 50); });
       },
       {}},
      {"LIV-5",
       "gateway was asked to charge order c1.1 61 times in a minute",
       [](History& history) {
         history.before("gateway captures c1.1", [](Bench& bench) {
           bench.never_well();
           bench.ask_gateway(kOrder, 60);
         });
       },
       {}},
      {"LIV-6",
       "PaymentWaited of order c2.1 waits behind that of order c1.1, on which consumer group "
       "payment fails again and again",
       [](History& history) {
         history.after("the queues", [](Bench& bench) {
           bench.wait_behind(kOrder, kFailed, EventType::kPaymentWaited);
         });
       },
       {}},
      {"LIV-7",
       "order c2.1 over 900 KRW was canceled, and its balance was given back 2 s after that and "
       "after all was well again, which should take 1 s at most",
       [](History& history) {
         history.before("balance gives back c2.1",
                        [](Bench& bench) { bench.wait(sim::seconds(2)); });
       },
       {}},
      {"LIV-9",
       "the payment of order c1.1, 2,250 KRW, became COMPLETED 2 s after it was begun and after "
       "all was well again, which should take 1 s at most",
       [](History& history) {
         history.before("payment of c1.1 completes",
                        [](Bench& bench) { bench.wait(sim::seconds(2)); });
       },
       {}},
      {"RUL-1",
       "order c1.1 went from PAY_WAIT to DONE by PaymentPaid, though it was not paid",
       [](History& history) { history.move_before("c1.1 completes", "payment of c1.1 completes"); },
       {"ORD-4"}},
      {"RUL-1",
       "at balance order c2.1 went from none to compensated by OrderFailed, which no rule allows",
       [](History& history) { history.drop("balance takes c2.1"); },
       {"EVT-1", "PRC-2", "PAY-6", "MON-5", "MON-6", "CMP-3", "MON-4", "MET-14"}},
      {"RUL-1",
       "balance says that it took order c2.1 of u2 1 times and gave it back 1 times, which its "
       "entries do not bear out: 900 KRW paid",
       [](History& history) {
         history.replace("balance gives back c2.1", [](Bench& bench) {
           bench.participant(Party::kBalance, kFailed, ParticipantState::kCompensated);
           bench.settle();
         });
       },
       {"MON-4", "MET-14"}},
      {"RUL-1",
       "the payment of order c2.1, 900 KRW, went from WAITING to FAILED by charge-job, though the "
       "gateway had not declined it",
       [](History& history) {
         history.move_after("gateway declines c2.1", "payment of c2.1 fails");
       },
       {}},
      {"RUL-1",
       "order c1.1 went from COLLECTING to COLLECTING by CouponUsed, of whose steps it took one "
       "for "
       "known of which it did not hear just then",
       [](History& history) {
         history.before("c1.1 waits", [](Bench& bench) {
           bench.hear(kOrder, EventType::kCouponUsed, Party::kStock, StepState::kSuccess);
           bench.rewrite(kOrder, [](OrderRow& row) { row.stock = StepState::kPending; });
         });
       },
       {"PRC-1"}},
      {"RUL-1",
       "order c1.1 went from COLLECTING to COLLECTING by BalanceUseFailed, of whose steps one was "
       "known and became another",
       [](History& history) {
         history.before("c1.1 waits", [](Bench& bench) {
           bench.log(kOrder, EventType::kBalanceUseFailed);
           bench.hear(kOrder, EventType::kBalanceUsed, Party::kBalance, StepState::kSuccess);
           bench.hear(kOrder, EventType::kBalanceUseFailed, Party::kBalance, StepState::kFailed);
           bench.rewrite(kOrder, [](OrderRow& row) { row.balance = StepState::kPending; });
         });
       },
       {"EVT-1", "EVT-7", "PRC-1", "PRC-2"}},
      {"RUL-1",
       "coupon k1 was given an end by OrderCreated, which no rule allows",
       [](History& history) {
         history.before("coupon takes c1.1", [](Bench& bench) {
           bench.extend_coupon(kCoupon, name_of(EventType::kOrderCreated), -sim::seconds(1));
         });
       },
       {}},
      {"RUL-1",
       "coupon k1 was given an end by expire-coupon, which no rule allows",
       [](History& history) {
         history.before("coupon takes c1.1", [](Bench& bench) {
           bench.extend_coupon(kCoupon, method::kExpireCoupon, sim::seconds(1));
         });
       },
       {}},
      {"RUL-1",
       "product p1 went from SELLING at 1,000 KRW to HOLD at 1,000 KRW by set-selling, which no "
       "rule allows",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.change_product(kProduct, method::kSetSelling,
                                [](ProductRow& row) { row.status = SellStatus::kHold; });
         });
       },
       {}},
      {"RUL-1",
       "product p1 went from SELLING at 1,000 KRW to STOP_SELLING at 900 KRW by reprice, which no "
       "rule allows",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.change_product(kProduct, method::kReprice, [](ProductRow& row) {
             row.status = SellStatus::kStopped;
             row.price = 900;
           });
         });
       },
       {}},
      {"RUL-1",
       "campaign d1 went from PUBLISHABLE with",
       [](History& history) {
         history.before("the end", [](Bench& bench) {
           bench.change_campaign(kCampaign, method::kSetCampaign,
                                 [](CampaignRow& row) { row.status = CampaignStatus::kFinished; });
         });
       },
       {}},
      {"RUL-1",
       "OrderCompleted of order c1.1 left its outbox before it was in the log",
       [](History& history) {
         history.after("c1.1 completes",
                       [](Bench& bench) { bench.publish(kOrder, EventType::kOrderCompleted); });
       },
       {}},
      {"RUL-1",
       "an inbox was told of an event of order c1.1 by BalanceUsed, which is another",
       [](History& history) {
         history.after("log CouponUsed of c1.1", [](Bench& bench) {
           bench.note(kOrder, EventType::kBalanceUsed, EventType::kCouponUsed);
         });
       },
       {}},
      {"LIN-1",
       "charge c1.2 of 5,000 KRW to u1 was accepted, but was not booked when its customer was told",
       [](History& history) { history.move_before("c1.2 is answered", "c1.2 is booked"); },
       {}},
      {"LIN-1",
       "charge c1.2 of 5,000 KRW to u1 was rejected, though there was room for it all the time",
       [](History& history) {
         history.replace("c1.2 is answered",
                         [](Bench& bench) { bench.answer_charge(kCharge, Answer::kRejected); });
       },
       {}},
      {"LIN-2",
       "a reader was told that there is no order c1.1 over 2,250 KRW, which had been created "
       "before",
       [](History& history) {
         history.before("c1.1 is read", [](Bench& bench) { bench.miss(kOrder); });
       },
       {}},
      {"LIN-2",
       "cancellation c1.9 of order c1.1 was rejected, which fits no moment between question and "
       "answer: the order is PAY_WAIT",
       [](History& history) { history.move_before("c1.1 is not canceled", "c1.1 completes"); },
       {}},
      {"LIN-2",
       "cancellation c1.9 of order c1.1 was accepted, which fits no moment",
       [](History& history) {
         history.replace("c1.1 is not canceled", [](Bench& bench) {
           bench.answer_cancellation(kOrder, Answer::kAccepted);
         });
       },
       {}},
      {"LIV-2",
       "1 events were never published and 2 records never dealt with",
       [](History& history) {
         history.replace("the queues", [](Bench& bench) { bench.queues(1, 2); });
       },
       {}},
  };
  return kCanaries;
}

const char* id_of(const Reporter::Finding& finding) {
  return kPropertyCatalog[static_cast<unsigned>(finding.property)].id;
}

TEST(Properties, ASoundHistoryOffendsNoneAndIsHeldAgainstEach) {
  Bench bench;
  sound_history().tell(bench);
  for (const Reporter::Finding& finding : bench.findings()) {
    ADD_FAILURE() << id_of(finding) << ": " << finding.message;
  }
  for (unsigned i = 0; i < kPropertyCount; ++i) {
    EXPECT_GT(bench.evaluated(static_cast<PropertyId>(i)), 0u) << kPropertyCatalog[i].id;
  }
}

// IDM-1 is about work that is done again, not about work that is committed line by line.
TEST(Properties, OneEffectMayBeCommittedInSeveralGoes) {
  History history = sound_history();
  history.after("balance takes c1.1", [](Bench& bench) {
    bench.effect_goes_on(group::kBalance, kOrder, EventType::kOrderCreated);
  });
  Bench bench;
  history.tell(bench);
  EXPECT_TRUE(bench.findings().empty()) << bench.findings().front().message;
}

TEST(Properties, EachOfTheCatalogueHasACanary) {
  Ids catalogue;
  for (unsigned i = 0; i < kPropertyCount; ++i) {
    catalogue.insert(kPropertyCatalog[i].id);
  }
  Ids watched;
  for (const Canary& canary : canaries()) {
    watched.insert(canary.id);
  }
  EXPECT_EQ(catalogue.size(), kPropertyCount) << "an id stands for two properties";
  EXPECT_EQ(watched, catalogue);
}

class CanaryTest : public testing::TestWithParam<Canary> {};

TEST_P(CanaryTest, OffendsItsPropertyAndSaysHow) {
  const Canary& canary = GetParam();
  History history = sound_history();
  canary.breaks(history);
  Bench bench;
  history.tell(bench);

  Ids wanted = canary.companions;
  wanted.insert(canary.id);
  Ids found;
  std::string said;
  for (const Reporter::Finding& finding : bench.findings()) {
    found.insert(id_of(finding));
    said += id_of(finding) + (": " + finding.message) + '\n';
  }
  EXPECT_EQ(found, wanted) << said;
  EXPECT_NE(said.find(std::string(canary.id) + ": " + canary.message), std::string::npos) << said;
}

// "MON-4" is no name for a test, and some properties have several canaries.
std::string test_name(const testing::TestParamInfo<Canary>& info) {
  std::string name = info.param.id;
  name.replace(name.find('-'), 1, "");
  return name + "_" + std::to_string(info.index + 1);
}

INSTANTIATE_TEST_SUITE_P(Properties, CanaryTest, testing::ValuesIn(canaries()), test_name);

}  // namespace
}  // namespace sagasim::domain
