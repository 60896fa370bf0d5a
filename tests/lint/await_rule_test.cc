// Each shape that the await rule is there for, and those that it must let pass.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/lint/rules.h"

namespace sagasim::lint {
namespace {

Findings check(const std::string& body) {
  return await_statements({"domain/x.cc", "Task<int> f(Context ctx) {\n" + body + "\n}\n"});
}

struct Shape {
  const char* name;
  const char* body;
};

std::string name_of(const testing::TestParamInfo<Shape>& info) { return info.param.name; }

class BadAwait : public testing::TestWithParam<Shape> {};

TEST_P(BadAwait, IsFlagged) {
  const Findings findings = check(GetParam().body);
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings.front().word, "await");
  EXPECT_GE(findings.front().line, 2);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, BadAwait,
    testing::ValuesIn(std::vector<Shape>{
        Shape{"InIf", "if (co_await ready()) send(1);"},
        Shape{"InNegatedIf", "if (!co_await ready()) { return; }"},
        Shape{"InIfInitializer", "if (auto r = co_await ready(); r) { go(); }"},
        Shape{"InElseIf", "if (a) { b(); } else if (co_await c()) { d(); }"},
        Shape{"InWhile", "while (co_await next()) { ++n; }"},
        Shape{"InDoWhile", "do { ++n; } while (co_await next());"},
        Shape{"InFor", "for (int i = 0; i < co_await limit(); ++i) { ++n; }"},
        Shape{"InRangeFor", "for (const Row& row : co_await rows()) { ++n; }"},
        Shape{"InSwitch", "switch (co_await kind()) { case 1: break; }"},
        Shape{"AggregateArgument", "co_await send(Msg{.a = name});"},
        Shape{"DesignatedBraces", "co_await send({.a = name});"},
        Shape{"BracedList", "co_await f({1, 2, 3});"},
        Shape{"AggregateFromAwait", "const P p{first(), co_await g()};"},
        Shape{"AggregateBeside", "f(Msg{name}, co_await g());"},
        Shape{"PushBackAggregate", "v.push_back(Msg{co_await g(), 1});"},
        Shape{"ReturnedAggregate", "co_return Msg{co_await g()};"},
        Shape{"ClosureArgument", "co_await call([t] { return t; });"},
        Shape{"ClosureWithParameters", "co_await call([&](int x) -> int { return x + t; });"},
        Shape{"NamedThenClosure", "const int n = co_await call(1, [](auto& x) noexcept { x(); });"},
        Shape{"Conditional", "const auto r = c ? co_await a() : co_await b();"},
        Shape{"ConditionalInReturn", "co_return c ? T(co_await a()) : T();"},
        Shape{"CallBeside", "f(next(), co_await g());"},
        Shape{"IncrementBeside", "f(++n, co_await g());"},
        Shape{"TwoAwaitsAsArguments", "f(co_await a(), co_await b());"},
        Shape{"TwoAwaitsInOperand", "co_await add(co_await a(), co_await b());"},
        Shape{"TwoAwaitsAdded", "const int n = co_await a() + co_await b();"},
        Shape{"InMacro", "EXPECT_EQ(co_await a(), 3);"},
        Shape{"InCheck", "SAGASIM_CHECK(co_await a(), \"text\");"},
        Shape{"Unpacked", "const auto& [a, b] = co_await f();"},
        Shape{"AfterCaseLabel", "switch (x) { case kOne: co_await f({1}); break; }"},
        Shape{"WithoutBraces", "if (c) co_await f(Msg{1});"},
        Shape{"SecondLine", "const auto r =\n    co_await f(\n        Msg{1});"},
        Shape{"CapturingCoroutine", "auto g = [t]() -> Task<int> { co_return t; };"},
        Shape{"CapturingAwaiter", "spawn([this] { co_await f(); });"},
        Shape{"InsideNestedBlock", "for (;;) { try { co_await f(Msg{1}); } catch (...) { } }"}}),
    name_of);

class GoodAwait : public testing::TestWithParam<Shape> {};

TEST_P(GoodAwait, Passes) {
  for (const Finding& finding : check(GetParam().body)) {
    ADD_FAILURE() << finding.line << ": " << finding.message;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, GoodAwait,
    testing::ValuesIn(std::vector<Shape>{
        Shape{"NamedCall", "const Reply reply = co_await std::move(call);"},
        Shape{"Bare", "co_await ctx.sleep(seconds(1), \"backoff\");"},
        Shape{"Returned", "co_return co_await f();"},
        Shape{"AggregateAbove", "const Msg m{.a = 1};\nauto call = send(m);\nco_await call;"},
        Shape{"NameThenIf", "const bool ready = co_await f();\nif (ready) { go({1, 2}); }"},
        Shape{"BodyOfIf", "if (ready) { co_await f(); } else { co_await g(); }"},
        Shape{"BodyWithoutBraces", "if (ready) co_await f(); else co_await g();"},
        Shape{"BodyOfLoopOverBraces", "for (int x : {1, 2, 3}) co_await f(x);"},
        Shape{"NestedAwait", "const int n = co_await f(co_await g());"},
        Shape{"ArgumentsAreNames", "const int n = co_await f(std::move(a), b, 3);"},
        Shape{"OneCallInOperand", "const Reply r = co_await ctx.call(encode(charge), timeout);"},
        Shape{"ReturnedAggregate", "co_return Msg{.a = 1};"},
        Shape{"NotAwaited", "ctx.send(to, encode(Msg{.a = 1, .b = c ? 1 : 2}));\nco_await f();"},
        Shape{"ClosureAbove", "auto key = [&](int x) { return x + n; };\nco_await f();"},
        Shape{"ClosureElsewhere", "sort(v, [](int a, int b) { return a < b; });\nco_await f();"},
        Shape{"ClosureWithoutCaptures", "auto g = [](int x) -> Task<int> { co_await f(x); };"},
        Shape{"TryBlock", "try { co_await f(); } catch (const Lost& lost) { saved = lost; }"},
        Shape{"AfterLabel", "switch (x) { case kOne: co_await f(); break; default: break; }"},
        Shape{"UnpackedBelow", "const auto r = co_await f();\nconst auto& [a, b] = r;"},
        Shape{"LocalType", "struct Pair { int a; int b{2}; };\nco_await f();"},
        Shape{"InComment", "// if (co_await f()) is wrong.\nco_await f();"},
        Shape{"InLiteral", "log(\"if (co_await f(Msg{1}))\");\nco_await f();"},
        Shape{"IndexOperand", "const int n = co_await calls[2];"},
        Shape{"ConditionAfterAwait", "co_await f();\nconst int n = c ? 1 : 2;"},
        Shape{"ValueAfterBlock", "{ int n{1}; use(n); }\nco_await f();"}}),
    name_of);

TEST(AwaitRule, ReadsWholeFiles) {
  const SourceFile file{"domain/service.cc", R"(
#include "domain/service.h"
#define FIRST(x) \
  if (co_await x) {}
namespace sagasim::domain {
namespace {
enum class Kind : int { kA, kB };
constexpr int kTable[] = {1, 2, 3};
}  // namespace
Service::Service(World& world) : world_(world), limits_{1, 2} {}
template <class T>
sim::Task<T> Service::charge(Charge charge) const {
  const auto balance = co_await database_.read(charge.user);
  if (balance < charge.amount) co_return Reply{.ok = false};
  co_await database_.write(charge.user, balance - charge.amount);
  if (co_await audit(charge)) co_return Reply{.ok = true};
}
auto Service::trail() noexcept -> sim::Task<int> {
  co_await sleep(Duration{1});
}
}  // namespace sagasim::domain
)"};
  const Findings findings = await_statements(file);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].line, 16);
  EXPECT_EQ(findings[1].line, 19);
}

}  // namespace
}  // namespace sagasim::lint
