#include "scenarios/plan_json.h"
#include "scenarios/shop_vocabulary.h"

#include <gtest/gtest.h>

#include "sim/operation.h"
#include "tests/scenarios/complaint.h"

namespace sagasim::scenarios {
namespace {

constexpr const char* kCommit = "balance/balance:OrderCreated(c2.3)/commit(c2.3)";

faults::Plan parse(const std::string& text) {
  const Document document(text, "bad.json");
  return read_plan(document, document.root(), shop_vocabulary());
}

// A list of one entry that strikes the commit.
std::string striking(const std::string& rest) {
  return "[{\"operation\": \"" + std::string(kCommit) + "\", " + rest + "}]";
}

TEST(PlanJson, ReadsOperationFaults) {
  const faults::Plan plan = parse(striking(R"("fault": "crash-unseen", "for": "3 s")"));
  ASSERT_EQ(plan.operations.size(), 1u);
  const faults::OperationFault& fault = plan.operations[0];
  EXPECT_EQ(fault.operation, kCommit);
  EXPECT_EQ(fault.identity, sim::identity_of(kCommit));
  EXPECT_TRUE(fault.effect.crashes(sim::Side::kInitiator, sim::Phase::kUnseen));
  EXPECT_EQ(fault.effect.duration, sim::seconds(3));
}

TEST(PlanJson, ReadsWindows) {
  const faults::Plan plan = parse(R"([
      {"fault": "partition", "between": ["payment", "broker"], "from": "10 s", "until": "12 s"},
      {"fault": "one-way-partition", "target": "order", "peer": "order-db",
       "from": "0 s", "until": "1 ns"},
      {"fault": "outage", "target": "gateway", "from": "1.5 s", "until": "2 s"}])");
  ASSERT_EQ(plan.windows.size(), 3u);
  EXPECT_EQ(plan.windows[0].kind, faults::Kind::kPartition);
  EXPECT_EQ(plan.windows[0].target, "payment");
  EXPECT_EQ(plan.windows[0].peer, "broker");
  EXPECT_EQ(plan.windows[1].kind, faults::Kind::kOneWayPartition);
  EXPECT_EQ(plan.windows[1].peer, "order-db");
  EXPECT_EQ(plan.windows[2].kind, faults::Kind::kOutage);
  EXPECT_EQ(plan.windows[2].from, sim::kStart + sim::milliseconds(1'500));
}

// The name of an operation of that kind, as long as such names get.
const char* some_operation(sim::OperationKind kind) {
  switch (kind) {
    case sim::OperationKind::kSend:
      return "order/order:PaymentPaid(c1.1,2)+1+d2~3/send(c1.1)";
    case sim::OperationKind::kCall:
      return "order/create-order:command(c1.1)+1+d2~3/call:get-user(u1)";
    case sim::OperationKind::kStatement:
      return "order/order:PaymentPaid(c1.1,2)+1+d2~3/statement:orders(c1.1)";
    case sim::OperationKind::kCommit:
      return "order/order:PaymentPaid(c1.1,2)+1+d2~3/commit(c1.1)";
    case sim::OperationKind::kPoll:
      return "order/relay:PaymentWaited(c1.1,1)+1+d2~3/poll:outbox(c1.1)";
    case sim::OperationKind::kAppend:
      return "order/relay:PaymentWaited(c1.1,1)+1+d2~3/append:PaymentWaited(c1.1)";
    case sim::OperationKind::kDelivery:
      return "order/order:PaymentPaid(c1.1,2)+1+d2~3/delivery(c1.1)";
    case sim::OperationKind::kOffsetCommit:
      return "order/order:PaymentPaid(c1.1,2)+1+d2~3/offset-commit:PaymentPaid(c1.1)";
    case sim::OperationKind::kRequest:
      return "payment/charge-job(c1.1)+1+d2~3/request:charge(c1.1)";
    case sim::OperationKind::kTimer:
      return "order/saga-timeout(c1.1)+1+d2~3/timer:saga-timeout(c1.1)";
    case sim::OperationKind::kCommand:
      return "";  // the shop has no cache
  }
  return "";
}

TEST(PlanJson, EveryKindIsReadBackAsItWasWritten) {
  faults::Plan plan;
  std::uint32_t number = 0;
  for (const faults::KindInfo& info : faults::kCatalog) {
    if (info.window) {
      continue;
    }
    for (int i = 0; i < sim::kOperationKinds; ++i) {
      const auto kind = static_cast<sim::OperationKind>(i);
      const std::string some = some_operation(kind);
      if (some.empty() || !faults::can_strike(info.kind, kind)) {
        continue;
      }
      const std::string name = some + "#" + std::to_string(++number + 1);
      const sim::Duration duration = info.timed ? sim::nanoseconds(number) : sim::Duration{};
      plan.operations.push_back(
          {name, *sim::identity_of(name), faults::effect_of(info.kind, duration)});
    }
  }
  for (faults::OperationFault& fault : plan.operations) {
    if (fault.effect.kind == sim::Effect::Kind::kHold) {
      fault.until = kCommit;
      fault.effect.until = *sim::identity_of(kCommit);
    }
  }

  const faults::Plan again = parse(to_text(plan_to_json(plan)));
  EXPECT_EQ(plan_to_json(again), plan_to_json(plan));
  ASSERT_EQ(again.operations.size(), plan.operations.size());
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    EXPECT_EQ(again.operations[i].identity, plan.operations[i].identity);
    EXPECT_EQ(again.operations[i].effect.digest(), plan.operations[i].effect.digest());
    EXPECT_EQ(again.operations[i].until, plan.operations[i].until);
  }
}

TEST(PlanJson, EveryExampleIsReadBackAsItWasWritten) {
  for (const faults::KindInfo& info : faults::kCatalog) {
    const std::string line = example_entry(info.kind, shop_vocabulary());
    const faults::Plan plan = parse("[" + line + "]");
    EXPECT_EQ(plan_to_json(plan).at(0).dump(), line);
    EXPECT_EQ(plan.windows.size(), info.window ? 1u : 0u);
  }
}

// A fault with each field that its kind has, at values that are easily lost.
faults::WindowFault exact(const faults::KindInfo& info) {
  faults::WindowFault window =
      parse("[" + example_entry(info.kind, shop_vocabulary()) + "]").windows.at(0);
  window.from = sim::kStart + sim::nanoseconds(1'000'000'001);
  window.until = info.moment ? sim::kStart : window.from + sim::nanoseconds(1);
  if (info.by.meaning != nullptr) {
    window.by = sim::nanoseconds(info.by.either_sign ? -1'000'001 : 1'000'001);
  }
  if (info.kind != faults::Kind::kMidnight) {
    window.after = kCommit;
  }
  if (!info.moment) {
    window.until_after = "order/order:PaymentPaid(c1.1,2)/commit(c1.1)";
  }
  return window;
}

TEST(PlanJson, EveryWindowIsReadBackAsItWasWritten) {
  for (const faults::KindInfo& info : faults::kCatalog) {
    if (info.window) {
      const faults::WindowFault window = exact(info);
      const faults::Plan again = parse(to_text(plan_to_json(faults::Plan{{}, {window}})));
      EXPECT_EQ(faults::identity_of(again.windows.at(0)), faults::identity_of(window)) << info.id;
    }
  }
}

TEST(PlanJson, AnAnchoredWindowBeginsWithItsAnchorUnlessItSaysOtherwise) {
  const std::string entry = "[{\"fault\": \"isolation\", \"target\": \"order#2\", \"after\": \"" +
                            std::string(kCommit) + "\", \"until\": \"5 s\"}]";
  const faults::WindowFault window = parse(entry).windows.at(0);
  EXPECT_EQ(window.target, "order#2");
  EXPECT_EQ(window.after, kCommit);
  EXPECT_EQ(window.from, sim::kStart);
  EXPECT_EQ(window.until, sim::kStart + sim::seconds(5));
}

TEST(PlanJson, EveryFaultIsWrittenInOneLine) {
  const std::string line =
      R"-({"fault": "delay", "operation": "balance/balance:OrderCreated(c2.3)/commit(c2.3)", )-"
      R"-("for": "1.25 s"})-";
  EXPECT_EQ(to_text(plan_to_json(parse("[" + line + "]"))), "[\n  " + line + "\n]\n");
}

TEST(PlanJson, ComplainsAboutWhatIsMissingOrTooMuch) {
  expect_complaints(
      {
          {"{}", 1, 1, "", {"this is an object", "a list of faults"}},
          {"[3]", 1, 2, "/0", {"3 is a number"}},
          {"[{}]", 1, 2, "/0", {"\"fault\" is missing"}},
          {"[{\"fault\": \"drp\"}]", 1, 12, "/0/fault", {"did you mean \"drop\"?"}},
          {"[{\"fault\": 3}]", 1, 12, "/0/fault", {"3 is a number"}},
          {"[{\"fault\": \"fail\"}]", 1, 2, "/0", {"\"operation\" is missing"}},
          {"[{\"fault\": \"fail\", \"opration\": \"x\"}]",
           1,
           20,
           "/0/opration",
           {"\"operation\"?"}},
          {striking("\"fault\": \"late\""), 1, 2, "/0", {"\"for\" is missing", "\"3 s\""}},
          {striking("\"fault\": \"late\", \"for\": 3"), 1, 91, "/0/for", {"3 has no unit"}},
          {striking("\"fault\": \"fail\", \"for\": \"3 s\""), 1, 84, "/0/for", {"unknown key"}},
          {striking("\"fault\": \"fail\"") + "]", 1, 84, "", {"end of input"}},
      },
      parse);
}

TEST(PlanJson, ComplainsAboutOperationsThatCannotBe) {
  const auto fail = [](const std::string& operation) {
    return "[{\"fault\": \"fail\", \"operation\": \"" + operation + "\"}]";
  };
  const std::string pointer = "/0/operation";
  const std::string call = "order/create-order:command(c1.1)/call:get-user(u1)";
  const std::string twice = "[{\"fault\": \"fail\", \"operation\": \"" + call +
                            "\"},\n {\"fault\": \"drop\", \"operation\": \"" + call + "\"}]";
  const std::string timer = "balance/balance:OrderCreated(c2.3,1)/timer:backoff(c2.3)";
  expect_complaints(
      {
          {fail("commit"), 1, 33, pointer, {"not the name of an operation", "traces"}},
          {fail(std::string(kCommit) + "x"), 1, 33, pointer, {"not the name"}},
          {fail("balance/balance:OrderCreated(two,1)/commit(c2.3)"),
           1,
           33,
           pointer,
           {"not the name"}},
          {fail(timer), 1, 33, pointer, {"timer", "means nothing"}},
          {twice, 2, 33, "/1/operation", {"entry 0", "remove one"}},
      },
      parse);
}

// Each part of a name in turn: which one it is, and what it was meant to be.
TEST(PlanJson, ComplainsAboutWordsThatTheShopDoesNotKnow) {
  const auto fail = [](const std::string& operation) {
    return "[{\"fault\": \"fail\", \"operation\": \"" + operation + "\"}]";
  };
  const auto hold = [](const std::string& until) {
    return "[{\"fault\": \"hold\", \"for\": \"3 s\", \"operation\": \"" + std::string(kCommit) +
           "\",\n\"until\": \"" + until + "\"}]";
  };
  const auto after = [](const std::string& operation) {
    return "[{\"fault\": \"outage\", \"target\": \"user\", \"until\": \"3 s\",\n\"after\": \"" +
           operation + "\"}]";
  };
  const std::string where = "/0/operation";
  expect_complaints(
      {
          {fail("blance/balance:OrderCreated(c2.3,1)/commit(c2.3)"),
           1,
           33,
           where,
           {"unknown role \"blance\"", "\"balance\"?"}},
          {fail("product/stok:OrderCreated(c2.3,1)/commit(c2.3)"),
           1,
           33,
           where,
           {"unknown work of product \"stok\"", "\"stock\"?"}},
          {fail("product/stock:OrderCreate(c2.3,1)/commit(c2.3)"),
           1,
           33,
           where,
           {"unknown trigger of product/stock \"OrderCreate\"", "\"OrderCreated\"?"}},
          {fail("product/stock:PaymentPaid(c2.3,1)/commit(c2.3)"),
           1,
           33,
           where,
           {"unknown trigger of product/stock", "one of OrderCreated, OrderFailed"}},
          {fail("payment/charge-job:OrderCreated(c2.3)/commit(c2.3)"),
           1,
           33,
           where,
           {"there is no trigger of payment/charge-job"}},
          {fail("product/stock:OrderCreated(c2.3,1)/comit(c2.3)"),
           1,
           33,
           where,
           {"unknown kind of operation \"comit\"", "\"commit\"?"}},
          {fail("product/stock:OrderCreated(c2.3,1)/commit:stocks(c2.3)"),
           1,
           33,
           where,
           {"there is no detail of product"}},
          {fail("product/stock:OrderCreated(c2.3,1)/statement:stock(c2.3)"),
           1,
           33,
           where,
           {"unknown table that is read by product \"stock\"", "did you mean \"stocks\""}},
          {fail("order/relay:PaymentWaited(c2.3,1)/append:PaymentWait(c2.3)"),
           1,
           33,
           where,
           {"unknown topic that is written by order", "did you mean \"PaymentWaited\""}},
          {fail("order/create-order:command(c2.3)/call:get-usr(u2)"),
           1,
           33,
           where,
           {"unknown method that is called by order", "\"get-user\"?"}},
          {fail("user/get-user:create-order(u2)/request:charge(c2.3)"),
           1,
           33,
           where,
           {"there is no request to the outside by user"}},
          {hold("order/order:StockDeduct(c2.3,1)/commit(c2.3)"),
           2,
           10,
           "/0/until",
           {"\"StockDeducted\""}},
          {after("payment/charge-jobs(c2.3)/commit(c2.3)"),
           2,
           10,
           "/0/after",
           {"unknown work of payment", "\"charge-job\"?"}},
      },
      parse);
}

TEST(PlanJson, ComplainsAboutWindowsThatCannotBe) {
  const auto window = [](const std::string& rest) {
    return "[{\"from\": \"2 s\", \"until\": \"3 s\", " + rest + "}]";
  };
  expect_complaints(
      {
          {window(R"("fault": "outage")"), 1, 2, "/0", {"\"target\" is missing"}},
          {window(R"("fault": "outage", "target": "paymentdb")"),
           1,
           63,
           "/0/target",
           {"unknown role", "\"payment-db\""}},
          {window(R"("fault": "outage", "target": "order", "peer": "user")"),
           1,
           72,
           "/0/peer",
           {"unknown key"}},
          {window(R"("fault": "partition")"), 1, 2, "/0", {"\"between\" is missing"}},
          {window(R"("fault": "partition", "between": ["order"])"),
           1,
           67,
           "/0/between",
           {"two ends"}},
          {window(R"("fault": "partition", "between": ["order", "order"])"),
           1,
           77,
           "/0/between/1",
           {"both ends"}},
          {window(R"("fault": "partition", "between": ["order", 7])"),
           1,
           77,
           "/0/between/1",
           {"7 is a number"}},
          {window(R"("fault": "one-way-partition", "target": "user", "peer": "user")"),
           1,
           90,
           "/0/peer",
           {"both ends"}},
          {R"([{"fault": "outage", "target": "user", "from": "2 s", "until": "2 s"}])",
           1,
           64,
           "/0/until",
           {"not after"}},
          {R"([{"fault": "outage", "target": "user", "until": "2 s"}])",
           1,
           2,
           "/0",
           {"\"from\" is missing"}},
          {R"([{"fault": "outage", "target": "user", "from": "999 d", "until": "2 s"}])",
           1,
           48,
           "/0/from",
           {"too long"}},
      },
      parse);
}

TEST(PlanJson, ComplainsAboutHoldsThatCannotBe) {
  const std::string hold = "\"fault\": \"hold\", \"for\": \"3 s\"";
  const std::string self = ", \"until\": \"" + std::string(kCommit) + "\"";
  expect_complaints(
      {
          {striking(hold), 1, 2, "/0", {"\"until\" is missing", "the name of an operation"}},
          {striking(hold + self), 1, 107, "/0/until", {"its own end"}},
          {striking(hold + ", \"until\": \"5 s\""),
           1,
           107,
           "/0/until",
           {"\"5 s\" is not the name"}},
      },
      parse);
}

TEST(PlanJson, ComplainsAboutTargetsThatCannotBe) {
  const auto window = [](const std::string& rest) {
    return "[{\"from\": \"2 s\", \"until\": \"3 s\", " + rest + "}]";
  };
  const auto moment = [](const std::string& rest) { return "[{\"at\": \"2 s\", " + rest + "}]"; };
  const std::string target = "/0/target";
  expect_complaints(
      {
          {window(R"("fault": "isolation", "target": "order#0")"),
           1,
           66,
           target,
           {"no instance", "1 to 8"}},
          {window(R"("fault": "isolation", "target": "order#9")"), 1, 66, target, {"no instance"}},
          {window(R"("fault": "isolation", "target": "order#02")"), 1, 66, target, {"no instance"}},
          {window(R"("fault": "isolation", "target": "order#two")"),
           1,
           66,
           target,
           {"no instance"}},
          {window(R"("fault": "isolation", "target": "odrer#2")"), 1, 66, target, {"\"order\"?"}},
          {window(R"("fault": "clock-drift", "target": "broker", "by": "1 s")"),
           1,
           68,
           target,
           {"unknown role \"broker\""}},
          {window(R"("fault": "replica-lag", "target": "order", "by": "1 s")"),
           1,
           68,
           target,
           {"\"order-db\"?"}},
          {window(R"("fault": "power-cut", "target": "order")"), 1, 56, target, {"unknown key"}},
          {moment(R"("fault": "key-expiry", "target": "order")"), 1, 49, target, {"unknown role"}},
          {moment(R"("fault": "redrive", "group": "balence")"),
           1,
           45,
           "/0/group",
           {"unknown group", "\"balance\"?"}},
          {moment(R"("fault": "redrive", "target": "balance")"),
           1,
           2,
           "/0",
           {"\"group\" is missing"}},
          {moment(R"("fault": "expand-partitions", "topic": "OrderCreate")"),
           1,
           55,
           "/0/topic",
           {"unknown topic", "\"OrderCreated\"?"}},
      },
      parse);
}

TEST(PlanJson, ComplainsAboutAmountsThatCannotBe) {
  const auto by = [](const std::string& amount) {
    const std::string times = R"("from": "2 s", "until": "3 s", "by": )";
    return R"([{"fault": "clock-offset", "target": "order", )" + times + amount + "}]";
  };
  const auto slower = [](const std::string& amount) {
    const std::string times = R"("from": "2 s", "until": "3 s", "by": )";
    return R"([{"fault": "slowness", "target": "order", )" + times + amount + "}]";
  };
  EXPECT_EQ(parse(by("\"-500 ms\"")).windows.at(0).by, -sim::milliseconds(500));
  expect_complaints(
      {
          {by("\"0 s\""), 1, 84, "/0/by", {"too short"}},
          {by("\"-0 s\""), 1, 84, "/0/by", {"\"-0 s\" is no duration"}},
          {by("\"--1 s\""), 1, 84, "/0/by", {"is no duration"}},
          {by("-1"), 1, 84, "/0/by", {"-1 has no unit"}},
          {by("\"400 d\""), 1, 84, "/0/by", {"too long"}},
          {slower("\"0 s\""), 1, 80, "/0/by", {"too short"}},
          {slower("\"-1 s\""), 1, 80, "/0/by", {"is no duration"}},
          {R"([{"fault": "slowness", "target": "order", "from": "2 s", "until": "3 s"}])",
           1,
           2,
           "/0",
           {"\"by\" is missing", "message takes longer"}},
      },
      parse);
}

TEST(PlanJson, ComplainsAboutTimesThatCannotBe) {
  const std::string name = "\"" + std::string(kCommit) + "\"";
  const std::string reset = R"([{"fault": "offset-reset", "group": "balance", "by": "1 s", )";
  expect_complaints(
      {
          {reset + "\"from\": \"1 s\"}]", 1, 2, "/0", {"\"at\" is missing"}},
          {reset + "\"at\": \"1 s\", \"until\": \"2 s\"}]", 1, 74, "/0/until", {"unknown key"}},
          {reset + "\"after\": \"the commit\"}]", 1, 70, "/0/after", {"not the name"}},
          {reset + "\"after\": " + name + ", \"until_after\": " + name + "}]",
           1,
           121,
           "/0/until_after",
           {"unknown key"}},
          {R"([{"fault": "midnight", "after": )" + name + "}]", 1, 33, "/0/after", {"\"at\""}},
          {R"([{"fault": "power-cut", "from": "1 s"}])", 1, 2, "/0", {"\"until\" is missing"}},
          {R"([{"fault": "power-cut", "after": )" + name + R"(, "until": "0 s"}])",
           1,
           94,
           "/0/until",
           {"not after"}},
      },
      parse);
}

}  // namespace
}  // namespace sagasim::scenarios
