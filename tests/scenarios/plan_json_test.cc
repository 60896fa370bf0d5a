#include "scenarios/plan_json.h"

#include <gtest/gtest.h>

#include "sim/operation.h"
#include "tests/scenarios/complaint.h"

namespace sagasim::scenarios {
namespace {

constexpr const char* kCommit = "balance/balance:OrderCreated(c2.3)/commit(c2.3)";

faults::Plan parse(const std::string& text) {
  const Document document(text, "bad.json");
  return read_plan(document, document.root());
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

TEST(PlanJson, EveryKindIsReadBackAsItWasWritten) {
  faults::Plan plan;
  std::uint32_t number = 0;
  for (const faults::KindInfo& info : faults::kCatalog) {
    if (info.window) {
      continue;
    }
    for (int i = 0; i < sim::kOperationKinds; ++i) {
      const auto kind = static_cast<sim::OperationKind>(i);
      if (!faults::can_strike(info.kind, kind)) {
        continue;
      }
      const std::string name = std::string("order/order:PaymentPaid(c1.1,2)+1+d2~3/") +
                               sim::to_text(kind) + ":events(c1.1)#" + std::to_string(++number + 1);
      const sim::Duration duration = info.timed ? sim::nanoseconds(number) : sim::Duration{};
      plan.operations.push_back(
          {name, *sim::identity_of(name), faults::effect_of(info.kind, duration)});
    }
  }
  using Kind = faults::Kind;
  const sim::Instant from = sim::kStart + sim::nanoseconds(1'000'000'001);
  const sim::Instant until = from + sim::seconds(2);
  plan.windows = {{Kind::kPartition, "order", "broker", from, until},
                  {Kind::kOneWayPartition, "broker", "order", from, until},
                  {Kind::kOutage, "payment-db", "", from, until}};

  const faults::Plan again = parse(to_text(plan_to_json(plan)));
  EXPECT_EQ(plan_to_json(again), plan_to_json(plan));
  ASSERT_EQ(again.operations.size(), plan.operations.size());
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    EXPECT_EQ(again.operations[i].identity, plan.operations[i].identity);
    EXPECT_EQ(again.operations[i].effect.digest(), plan.operations[i].effect.digest());
  }
  EXPECT_EQ(again.windows[0].until, until);
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
  const std::string twice =
      "[{\"fault\": \"fail\", \"operation\": \"order/x(c1.1)/call(c1.1)\"},\n"
      " {\"fault\": \"drop\", \"operation\": \"order/x(c1.1)/call(c1.1)\"}]";
  expect_complaints(
      {
          {fail("commit"), 1, 33, pointer, {"not the name of an operation", "traces"}},
          {fail("balance/b(c2.3)/comit(c2.3)"), 1, 33, pointer, {"not the name"}},
          {fail("balance/b(c2.3)/commit(c2.3)x"), 1, 33, pointer, {"not the name"}},
          {fail("balance/b(two)/commit(c2.3)"), 1, 33, pointer, {"not the name"}},
          {fail("blance/b(c2.3)/commit(c2.3)"), 1, 33, pointer, {"role", "\"balance\"?"}},
          {fail("balance/b(c2.3)/timer:retry(c2.3)"), 1, 33, pointer, {"timer", "means nothing"}},
          {twice, 2, 33, "/1/operation", {"entry 0", "remove one"}},
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

}  // namespace
}  // namespace sagasim::scenarios
