#include "scenarios/repro.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/library.h"
#include "sim/operation.h"
#include "tests/scenarios/complaint.h"

namespace sagasim::scenarios {
namespace {

using domain::Command;
using domain::CommandKind;
using sim::Subject;

sim::Instant at(std::int64_t nanoseconds) { return sim::kStart + sim::nanoseconds(nanoseconds); }

Command command(std::uint32_t number, CommandKind kind) {
  Command result;
  result.name = Subject('c', 2, number);
  result.kind = kind;
  result.at = at(1'250'000'000 + number);
  result.user = Subject('u', 2);
  return result;
}

Repro example() {
  Repro repro;
  repro.scenario = load("checkout");
  repro.seed = 0xffffffffffffffffu;
  repro.workload.users = {{Subject('u', 1), 0}, {Subject('u', 2), 10'000'000}};
  repro.workload.products = {{Subject('p', 1), 1'000, 0}, {Subject('p', 2), 1'000'000'000, 5}};
  repro.workload.coupons = {{Subject('k', 1), Subject('u', 2), 500, sim::kNever},
                            {Subject('k', 3), Subject('u', 1), 10'000, at(30)}};
  Command create = command(1, CommandKind::kCreateOrder);
  create.lines.push_back({Subject('p', 1), 2});
  create.lines.push_back({Subject('p', 2), 1});
  create.coupon = Subject('k', 3);
  Command cancel = command(2, CommandKind::kCancelOrder);
  cancel.order = create.name;
  Command charge = command(3, CommandKind::kCharge);
  charge.amount = 50'000;
  Command read = command(4, CommandKind::kGetOrder);
  read.order = create.name;
  repro.workload.commands = {create, cancel, charge, read, command(5, CommandKind::kGetBalance)};
  const std::string operation = "balance/balance:OrderCreated(c2.1)/commit(c2.1)";
  repro.plan.operations = {
      {operation, *sim::identity_of(operation), faults::effect_of(faults::Kind::kReplyLost, {})}};
  repro.expect =
      Expectation{Verdict::kFail, "MON-4", "order c2.1 paid 1,000 and has 0", 0x0123456789abcdefu};
  return repro;
}

Repro parse(const std::string& text) { return parse_repro(text, "bad.json"); }

// The example with `from` replaced by `to`.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = write_repro(example());
  const auto found = text.find(from);
  EXPECT_NE(found, std::string::npos) << "no " << from << " in the example";
  return found == std::string::npos ? text : text.replace(found, from.size(), to);
}

// Where the complaint about the changed example is, and that it says `words`.
void expect_refused(const std::string& from, const std::string& to, const std::string& pointer,
                    const std::string& words) {
  const std::string text = changed(from, to);
  SCOPED_TRACE(to);
  const InputError error = complaint_of([&] { parse(text); });
  EXPECT_EQ(error.pointer, pointer);
  EXPECT_NE(error.message.find(words), std::string::npos) << error.message;
  EXPECT_GT(error.line, 1);
}

// All of a repro but for what writing gives.
void expect_equal(const Repro& a, const Repro& b) {
  EXPECT_EQ(write_repro(a), write_repro(b));
  EXPECT_EQ(a.seed, b.seed);
  ASSERT_EQ(a.workload.commands.size(), b.workload.commands.size());
  for (std::size_t i = 0; i < a.workload.commands.size(); ++i) {
    EXPECT_EQ(a.workload.commands[i].name, b.workload.commands[i].name);
    EXPECT_EQ(a.workload.commands[i].at, b.workload.commands[i].at);
    EXPECT_EQ(a.workload.commands[i].order, b.workload.commands[i].order);
    EXPECT_EQ(a.workload.commands[i].lines.size(), b.workload.commands[i].lines.size());
  }
  EXPECT_EQ(a.workload.coupons[0].expires, sim::kNever);
  EXPECT_EQ(a.workload.coupons[1].expires, b.workload.coupons[1].expires);
  ASSERT_EQ(a.plan.size(), b.plan.size());
  EXPECT_EQ(a.plan.operations[0].identity, b.plan.operations[0].identity);
  EXPECT_EQ(a.expect->fingerprint, b.expect->fingerprint);
  EXPECT_EQ(a.expect->message, b.expect->message);
}

TEST(Repro, WhatIsWrittenIsReadBackAsTheSame) {
  const Repro repro = example();
  expect_equal(parse(write_repro(repro)), repro);
}

TEST(Repro, EveryCommandAndFaultStandsInALineOfItsOwn) {
  const std::string text = write_repro(example());
  for (const char* line :
       {R"(      {"command": "c2.1", "kind": "create", "at": "1.250000001 s", "user": "u2", )"
        R"("lines": [{"product": "p1", "quantity": 2}, {"product": "p2", "quantity": 1}], )"
        R"("coupon": "k3"},)",
        R"(      {"user": "u1", "balance": 0},)",
        R"-(    {"fault": "reply-lost", )-"
        R"-("operation": "balance/balance:OrderCreated(c2.1)/commit(c2.1)"})-",
        R"(    "fingerprint": "0123456789abcdef")"}) {
    EXPECT_NE(text.find(std::string("\n") + line + "\n"), std::string::npos) << line;
  }
}

TEST(Repro, CommandsComeBackByCustomerAndNumber) {
  Repro repro = example();
  std::swap(repro.workload.commands[0], repro.workload.commands[4]);
  EXPECT_EQ(parse(write_repro(repro)).workload.commands[0].name, Subject('c', 2, 1));
}

TEST(Repro, APassNeedsNoPropertyAndNoFingerprint) {
  Repro repro = example();
  repro.expect.emplace();
  repro.expect->verdict = Verdict::kPass;
  const Repro again = parse(write_repro(repro));
  EXPECT_EQ(again.expect->verdict, Verdict::kPass);
  EXPECT_FALSE(again.expect->fingerprint.has_value());
}

TEST(Repro, WithoutAnExpectationItIsARunLikeAnyOther) {
  Repro repro = example();
  repro.expect.reset();
  EXPECT_EQ(write_repro(repro).find("expect"), std::string::npos);
  EXPECT_FALSE(parse(write_repro(repro)).expect.has_value());
}

TEST(Repro, ASeedMayBeANumberToo) {
  EXPECT_EQ(parse(changed("\"18446744073709551615\"", "7")).seed, 7u);
}

TEST(Repro, AnOrderMayBeCancelledThatTheWorkloadNoLongerHas) {
  EXPECT_NO_THROW(parse(changed(R"("order": "c2.1")", R"("order": "c1.9")")));
}

TEST(Repro, AVersionThatIsNewerIsRefusedAndSaysSo) {
  expect_refused("0.1.0", "0.2.0", "/sagasim", "use a newer sagasim");
  expect_refused("0.1.0", "1.0.0", "/sagasim", "sagasim 1.0.0, and this is 0.1.0");
  expect_refused("0.1.0", "one", "/sagasim", "no version");
  expect_refused("\"0.1.0\"", "1", "/sagasim", "1 is a number");
  EXPECT_EQ(parse(changed("0.1.0", "0.0.9")).version, "0.0.9");
}

TEST(Repro, EveryPartMustBeThere) {
  for (const char* key : {"sagasim", "seed", "plan", "workload", "scenario"}) {
    const std::string text =
        changed(std::string("  \"") + key + "\"", "  \"$" + std::string(key) + '"');
    const InputError error = complaint_of([&] { parse(text); });
    EXPECT_EQ(error.pointer, "/$" + std::string(key));
    EXPECT_NE(error.message.find(key), std::string::npos);
  }
  EXPECT_NE(complaint_of([] { parse("{}"); }).message.find("\"sagasim\" is missing"),
            std::string::npos);
}

TEST(Repro, NamesMustBeUniqueAndReferencesMustExist) {
  const std::string commands = "/workload/commands/";
  expect_refused(R"({"user": "u2")", R"({"user": "u1")", "/workload/users/1/user", "there twice");
  expect_refused(R"("product": "p2", "price")", R"("product": "p1", "price")",
                 "/workload/products/1/product", "there twice");
  expect_refused(R"("coupon": "k3", "owner")", R"("coupon": "k1", "owner")",
                 "/workload/coupons/1/coupon", "there twice");
  expect_refused(R"("command": "c2.2")", R"("command": "c2.1")", commands + "1/command",
                 "there twice");
  expect_refused(R"("owner": "u1")", R"("owner": "u9")", "/workload/coupons/1/owner",
                 "does not exist");
  expect_refused(R"("user": "u2", "lines")", R"("user": "u9", "lines")", commands + "0/user",
                 "does not exist");
  expect_refused(R"("user": "u2", "lines")", R"("user": "u1", "lines")", commands + "0/user",
                 "\"u2\"");
  expect_refused(R"("product": "p2", "quantity")", R"("product": "p9", "quantity")",
                 commands + "0/lines/1/product", "does not exist");
  expect_refused(R"("coupon": "k3"})", R"("coupon": "k9"})", commands + "0/coupon",
                 "does not exist");
  expect_refused(R"("order": "c2.1")", R"("order": "c2.3")", commands + "1/order",
                 "creates no order");
}

TEST(Repro, ValuesMustBeInRangeAndWellFormed) {
  const std::string command = "/workload/commands/0";
  expect_refused(R"("balance": 0)", R"("balance": -1)", "/workload/users/0/balance", "too small");
  expect_refused(R"("stock": 5)", R"("stock": 1e99)", "/workload/products/1/stock", "too large");
  expect_refused(R"("rate_bp": 500)", R"("rate_bp": 10001)", "/workload/coupons/0/rate_bp",
                 "10,000");
  expect_refused(R"("quantity": 2)", R"("quantity": 0)", command + "/lines/0/quantity", "small");
  expect_refused(R"("amount": 50000)", R"("amount": 10000001)", "/workload/commands/2/amount",
                 "too large");
  expect_refused(R"("at": "1.250000001 s")", R"("at": 3)", command + "/at", "3 has no unit");
  expect_refused(R"("kind": "create")", R"("kind": "crate")", command + "/kind", "\"create\"");
  expect_refused(R"("command": "c2.1")", R"("command": "u2")", command + "/command", "\"c2.3\"");
  expect_refused(R"("command": "c2.1")", R"("command": "c2")", command + "/command", "number");
  expect_refused(R"("kind": "create")", R"("kind": "charge")", command, "\"amount\" is missing");
  expect_refused(R"("amount": 50000)", R"("amount": 5, "lines": [])", "/workload/commands/2/lines",
                 "unknown key");
  expect_refused(R"("lines": [{"product": "p1", "quantity": 2}, {"product": "p2", "quantity": 1}])",
                 R"("lines": [])", command + "/lines", "1 to 5 lines");
}

TEST(Repro, TheExpectationMustBeOne) {
  expect_refused(R"("verdict": "fail")", R"("verdict": "failed")", "/expect/verdict", "\"fail\"");
  expect_refused(R"("property": "MON-4",)", "", "/expect", "\"property\" is missing");
  expect_refused("\"MON-4\"", "\"MON-44\"", "/expect/property", "\"MON-4\"");
  expect_refused("0123456789abcdef", "0123", "/expect/fingerprint", "16 hexadecimal digits");
  expect_refused("0123456789abcdef", "0123456789abcdeg", "/expect/fingerprint", "no fingerprint");
  expect_refused("\"18446744073709551615\"", "\"seven\"", "/seed", "no seed");
  expect_refused("\"reply-lost\"", "\"reply-last\"", "/plan/0/fault", "\"reply-lost\"");
  expect_refused("\"users\": 3", "\"users\": 0", "/scenario/shop/users", "too small");
}

// Whatever is cut away or damaged, the answer is a complaint or a value, and it comes.
TEST(Repro, ADamagedFileIsNoMoreThanAComplaint) {
  const std::string text = write_repro(example());
  for (std::string::size_type i = 0; i + 2 < text.size(); i += 7) {
    EXPECT_THROW(parse(text.substr(0, i)), BadInput) << i;
    std::string damaged = text;
    damaged[i] = static_cast<char>("{}[],:\"\\0-\n\xff"[i % 12]);
    try {
      parse(damaged);
    } catch (const BadInput& bad) {
      EXPECT_GT(bad.error().line, 0);
    }
  }
}

}  // namespace
}  // namespace sagasim::scenarios
