// Each rule catches a planted offence and lets a good sample pass. The samples are literals, so
// the rules do not see them in this file; what they do see is written in two halves.

#include "tests/lint/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

namespace sagasim::lint {
namespace {

struct Sample {
  const char* name;
  const char* rule;
  const char* path;
  std::string text;
};

void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }

std::string name_of(const testing::TestParamInfo<Sample>& info) {
  return std::string(info.param.rule) + info.param.name;
}

Findings check(const Sample& sample) {
  const auto rule = std::find_if(rules().begin(), rules().end(), [&](const Rule& each) {
    return std::string(each.name) == sample.rule;
  });
  if (rule == rules().end()) return {{0, "", "no such rule"}};
  return lint({sample.path, sample.text}, *rule);
}

class Offence : public testing::TestWithParam<Sample> {};

TEST_P(Offence, IsFoundOnce) { EXPECT_EQ(check(GetParam()).size(), 1U); }

INSTANTIATE_TEST_SUITE_P(
    Planted, Offence,
    testing::ValuesIn(std::vector<Sample>{
        Sample{"KernelOnFaults", "IncludeDirection", "sim/a.cc", "#include \"faults/plan.h\"\n"},
        Sample{"KernelOnLibrary", "IncludeDirection", "sim/a.h", "#include <nlohmann/json.hpp>\n"},
        Sample{"KernelOnSystem", "IncludeDirection", "sim/a.h", "# include <unistd.h>\n"},
        Sample{"FaultsOnShop", "IncludeDirection", "faults/a.h", "#include \"domain/money.h\"\n"},
        Sample{"ShopOnFaults", "IncludeDirection", "domain/a.cc", "#include \"faults/plan.h\"\n"},
        Sample{"SearchOnShop", "IncludeDirection", "search/a.cc", "#include \"domain/money.h\"\n"},
        Sample{"SearchOnScenarios", "IncludeDirection", "search/a.cc",
               "#include \"scenarios/runner.h\"\n"},
        Sample{"ReportsOnScenarios", "IncludeDirection", "reports/a.cc",
               "#include \"scenarios/runner.h\"\n"},
        Sample{"InterfaceOnShop", "IncludeDirection", "scenarios/system.h",
               "#include \"domain/shop.h\"\n"},
        Sample{"TestsOnApps", "IncludeDirection", "tests/a.cc", "#include \"apps/sagasim/x.h\"\n"},
        Sample{"Unrooted", "IncludeDirection", "sim/a.cc", "#include \"time.h\"\n"},

        Sample{"Type", "ShopWords", "sim/a.h", "struct CouponCount;\n"},
        Sample{"Interface", "ShopWords", "scenarios/system.h", "int stock;\n"},
        Sample{"Member", "ShopWords", "search/a.h", "int payment_total_ = 0;\n"},
        Sample{"Order", "ShopWords", "reports/a.cc", "const OrderId id;\n"},

        Sample{"Sort", "BannedWords", "sim/a.cc", "std::sort(v.begin(), v.end());\n"},
        Sample{"SortOverLines", "BannedWords", "sim/a.cc", "std::\n  sort(v);\n"},
        Sample{"RangesSort", "BannedWords", "search/a.cc", "std::ranges::sort(v);\n"},
        Sample{"Heap", "BannedWords", "sim/a.cc", "std::push_heap(b, e);\n"},
        Sample{"Shuffle", "BannedWords", "domain/a.cc", "std::shuffle(b, e, g);\n"},
        Sample{"Hash", "BannedWords", "reports/a.cc", "std::hash<int>{}(3);\n"},
        Sample{"RandomDevice", "BannedWords", "search/a.cc", "std::random_device seed;\n"},
        Sample{"Distribution", "BannedWords", "sim/a.h", "std::uniform_int_distribution<int> d;\n"},
        Sample{"RandomHeader", "BannedWords", "sim/a.h", "#include <random>\n"},
        Sample{"Rand", "BannedWords", "faults/a.cc", "int x = rand();\n"},
        Sample{"Environment", "BannedWords", "search/a.cc", "auto e = std::getenv(\"X\");\n"},
        Sample{"ThreadLocal", "BannedWords", "sim/a.cc", "thread_local int x;\n"},
        Sample{"Clock", "BannedWords", "search/a.cc", "std::chrono::steady_clock::now();\n"},
        Sample{"Unordered", "BannedWords", "domain/a.h", "std::unordered_map<int, int> m;\n"},
        Sample{"Libm", "BannedWords", "reports/a.cc", "auto x = std::log(p);\n"},
        Sample{"Double", "BannedWords", "sim/a.h", "double rate;\n"},
        Sample{"Typeid", "BannedWords", "sim/a.h", "typeid(x).name();\n"},
        Sample{"FunctionName", "BannedWords", "sim/check.h", "where.function_name();\n"},
        Sample{"Thread", "BannedWords", "scenarios/a.cc", "std::thread t;\n"},
        Sample{"Atomic", "BannedWords", "sim/a.cc", "std::atomic<int> n;\n"},
        Sample{"Address", "BannedWords", "sim/a.cc", "auto n = std::bit_cast<uintptr_t>(p);\n"},
        Sample{"PointerKey", "BannedWords", "sim/a.h", "std::map<const Node*, int> m;\n"},

        Sample{"InIf", "AwaitStatements", "domain/a.cc", "Task f() { if (co_await g()) h(); }\n"},

        Sample{"Second", "OwnHeaderFirst", "sim/time.cc",
               "#include <vector>\n#include \"sim/time.h\"\n"},
        Sample{"Missing", "PragmaOnce", "sim/a.h", "// A header.\n\nint f();\n"},
        Sample{"Guard", "PragmaOnce", "sim/a.h", "#ifndef A_H\n#pragma once\n#endif\n"},
        Sample{"Wide", "LineLength", "sim/a.h", std::string(101, 'x') + "\n"},
        Sample{"ToDo", "Leftovers", "sim/a.h",
               "int f();  // TO"
               "DO: more\n"},
        Sample{"FixMe", "Leftovers", "tests/CMakeLists.txt",
               "# FIX"
               "ME\n"},
        Sample{"Home", "LocalPaths", "README.md",
               "cd /ho"
               "me/someone/sagasim\n"},
        Sample{"Host", "LocalPaths", "tools/setup",
               "echo http://deb.deb"
               "ian.org\n"},

        Sample{"WithoutReason", "Allowances", "sim/a.cc",
               "std::sort(b, e);  // lint: allow std::sort\n"},
        Sample{"EmptyReason", "Allowances", "sim/a.cc",
               "std::sort(b, e);  // lint: allow std::sort: \n"},
        Sample{"NoLongerNeeded", "Allowances", "sim/a.cc",
               "// lint: allow std::sort: the keys are unique\nstd::stable_sort(b, e);\n"},
        Sample{"AllowsAnotherWord", "BannedWords", "sim/a.cc",
               "std::sort(b, e);  // lint: allow double: to show it\n"},
        Sample{"AllowedTooFarAbove", "BannedWords", "sim/a.cc",
               "// lint: allow std::sort: unique\nint n;\nstd::sort(b, e);\n"},
        Sample{"AllowedInLiteral", "BannedWords", "sim/a.cc",
               "std::sort(b, e, \"// lint: allow std::sort: no\");\n"}}),
    name_of);

class GoodSample : public testing::TestWithParam<Sample> {};

TEST_P(GoodSample, Passes) {
  for (const Finding& finding : check(GetParam())) ADD_FAILURE() << finding.message;
}

INSTANTIATE_TEST_SUITE_P(
    Shown, GoodSample,
    testing::ValuesIn(std::vector<Sample>{
        Sample{"Kernel", "IncludeDirection", "sim/a.cc", "#include \"sim/a.h\"\n#include <map>\n"},
        Sample{"Faults", "IncludeDirection", "faults/a.cc", "#include \"sim/time.h\"\n"},
        Sample{"Scenarios", "IncludeDirection", "scenarios/a.cc",
               "#include \"domain/x.h\"\n#include \"faults/x.h\"\n#include <nlohmann/json.hpp>\n"},
        Sample{"Reports", "IncludeDirection", "reports/a.cc", "#include \"search/result.h\"\n"},
        Sample{"SearchOnInterface", "IncludeDirection", "search/a.h",
               "#include \"scenarios/system.h\"\n"},
        Sample{"Apps", "IncludeDirection", "apps/sagasim/main.cc",
               "#include \"apps/sagasim/x.h\"\n#include <CLI/CLI.hpp>\n#include \"sim/x.h\"\n"},
        Sample{"Tests", "IncludeDirection", "tests/a.cc", "#include \"domain/x.h\"\n"},
        Sample{"Commented", "IncludeDirection", "sim/a.cc", "// #include \"domain/x.h\"\n"},

        Sample{"Ordering", "ShopWords", "sim/a.h", "int rank = order_of(rebalance); // payment\n"},
        Sample{"InShop", "ShopWords", "domain/a.h", "struct Coupon { OrderId order; };\n"},

        Sample{"StableSort", "BannedWords", "sim/a.cc", "std::stable_sort(b, e);\n"},
        Sample{"OwnName", "BannedWords", "sim/a.cc", "queue.sort(); broker.log(x); q->rand();\n"},
        Sample{"OwnNamespace", "BannedWords", "sim/a.cc", "const auto h = sim::hash(1);\n"},
        Sample{"Comment", "BannedWords", "sim/a.cc", "// Not std::sort; /* nor double */\n"},
        Sample{"Literal", "BannedWords", "sim/a.cc", "f(\"std::sort \\\" double\", 'd');\n"},
        Sample{"RawLiteral", "BannedWords", "sim/a.cc", "f(R\"x(double \" float)x\");\n"},
        Sample{"DigitSeparator", "BannedWords", "sim/a.cc", "int n = 1'000; // double's\n"},
        Sample{"LongerWord", "BannedWords", "sim/a.cc", "int double_spend, randomness, strand;\n"},
        Sample{"ThreadsInSearch", "BannedWords", "search/pool.cc", "std::jthread t;\n"},
        Sample{"DoubleInReports", "BannedWords", "reports/a.cc", "double rate;\n"},
        Sample{"ClockInApps", "BannedWords", "apps/sagasim/a.cc", "steady_clock::now();\n"},
        Sample{"PointerValue", "BannedWords", "sim/a.h", "std::map<int, Node*> m;\n"},
        Sample{"AllowedHere", "BannedWords", "sim/a.cc",
               "std::sort(b, e);  // lint: allow std::sort: the keys are unique\n"},
        Sample{"AllowedAbove", "BannedWords", "sim/a.cc",
               "// lint: allow std::sort: the keys are\n// unique\nstd::sort(b, e);\n"},

        Sample{"Named", "AwaitStatements", "domain/a.cc",
               "Task f() { const bool b = co_await g(); if (b) h(); }\n"},
        Sample{"First", "OwnHeaderFirst", "sim/time.cc",
               "// Time.\n#include \"sim/time.h\"\n#include <vector>\n"},
        Sample{"NoOwnHeader", "OwnHeaderFirst", "sim/time_test.cc", "#include <vector>\n"},
        Sample{"AfterComment", "PragmaOnce", "sim/a.h", "// A header.\n\n#pragma once\n"},
        Sample{"Source", "PragmaOnce", "sim/a.cc", "int f();\n"},
        Sample{"FullWidth", "LineLength", "sim/a.h", std::string(100, 'x') + "\n"},
        Sample{"WideLetters", "LineLength", "sim/a.h", "// " + std::string(97, 'x') + "\n"},
        Sample{"Umlauts", "LineLength", "sim/a.h", "// \xC3\xA4" + std::string(96, 'x') + "\n"},
        Sample{"OtherWord", "Leftovers", "sim/a.h",
               "int MASTO"
               "DON; // to do\n"},
        Sample{"Relative", "LocalPaths", "README.md",
               "see docs/wo"
               "rk/plan.md and ./ho"
               "me/\n"},
        Sample{"Needed", "Allowances", "sim/a.cc",
               "std::sort(b, e);  // lint: allow std::sort: the keys are unique\n"}}),
    name_of);

TEST(UnlistedTests, AreNamed) {
  const std::string cmake = "sagasim_test(sim SOURCES\n  sim/a_test.cc # sim/c_test.cc\n)";
  EXPECT_EQ(unlisted_tests(cmake, {"sim/a_test.cc"}), std::vector<std::string>());
  EXPECT_EQ(unlisted_tests(cmake, {"sim/a_test.cc", "sim/c_test.cc", "a_test.cc"}),
            (std::vector<std::string>{"sim/c_test.cc", "a_test.cc"}));
}

}  // namespace
}  // namespace sagasim::lint
