// What somebody meets who does not know the command yet, or mistypes it.

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/cli/command.h"

namespace sagasim::cli {
namespace {

const char* const kVerbs[] = {"run",     "sweep",   "certify", "replay",  "minimize",
                              "explain", "inspect", "compare", "lattice", "report",
                              "merge",   "list",    "check",   "doctor"};

TEST(Help, FitsOneScreenAndNamesEveryVerbAndExitCode) {
  const Answer answer = Workshop().sagasim("--help");
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.err, "");
  EXPECT_LE(std::count(answer.out.begin(), answer.out.end(), '\n'), 24);
  std::istringstream lines(answer.out);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80u) << line;
  }
  for (const char* verb : kVerbs) {
    EXPECT_NE(answer.out.find(std::string("\n  ") + verb + " "), std::string::npos) << verb;
  }
  for (const char* code : {"0 all properties held", "1 a property was violated",
                           "2 bad usage or bad input", "3 inconclusive", "4 nothing was selected",
                           "5 not reproducible", "70 internal error", "130 interrupted"}) {
    EXPECT_NE(answer.out.find(code), std::string::npos) << code;
  }
}

TEST(Help, EveryVerbHasAnExample) {
  for (const char* verb : kVerbs) {
    const Answer answer = Workshop().sagasim(std::string(verb) + " --help");
    EXPECT_EQ(answer.code, 0) << verb;
    EXPECT_NE(answer.out.find(std::string("Usage: sagasim ") + verb), std::string::npos)
        << answer.out;
    EXPECT_NE(answer.out.find(std::string("Example: sagasim ") + verb), std::string::npos)
        << answer.out;
  }
}

TEST(Help, IsTheAnswerToNothingAtAll) {
  const Answer answer = Workshop().sagasim("");
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.out, "");
  EXPECT_NE(answer.err.find("Usage: sagasim VERB"), std::string::npos);
}

TEST(Help, KnowsItsVersion) {
  const Answer answer = Workshop().sagasim("--version");
  EXPECT_EQ(answer.code, 0);
  EXPECT_TRUE(answer.out.starts_with("sagasim ")) << answer.out;
}

struct Typo {
  const char* arguments;
  const char* remedy;  // what must be offered
};

class Typos : public testing::TestWithParam<Typo> {};

TEST_P(Typos, OfferTheNearestName) {
  Workshop workshop;
  const Answer answer = workshop.sagasim(GetParam().arguments);
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.out, "");
  EXPECT_NE(answer.err.find(GetParam().remedy), std::string::npos) << answer.err;
  EXPECT_TRUE(workshop.files().empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, Typos,
    testing::Values(
        Typo{"swep checkout", "did you mean \"sweep\""},
        Typo{"run chekout --seed 1", "did you mean \"checkout\""},
        Typo{"run checkout --seeed 1", "did you mean \"--seed\""},
        Typo{"sweep checkout --job=2", "did you mean \"--jobs\""},
        Typo{"list falts", "did you mean \"faults\""},
        Typo{"run checkout --format jsn", "did you mean \"json\""},
        Typo{"run checkout --color allways", "did you mean \"always\""},
        Typo{"run checkout --trace t.x --trace-format crome", "did you mean \"chrome\""},
        Typo{"run checkout --set shop.usres=3", "did you mean \"users\""},
        Typo{"run checkout --set architecture.publish=outbx", "did you mean \"outbox\""},
        Typo{"run checkout --set architecture=resilent", "did you mean \"resilient\""},
        Typo{"run checkout --set faults.profile=swrm", "did you mean \"swarm\""}));

class BadUsage : public testing::TestWithParam<const char*> {};

TEST_P(BadUsage, IsCodeTwoAndRunsNothing) {
  Workshop workshop;
  workshop.write("notes.txt", "");
  const Answer answer = workshop.sagasim(GetParam());
  EXPECT_EQ(answer.code, 2) << answer.out;
  EXPECT_EQ(answer.out, "");
  EXPECT_TRUE(answer.err.starts_with("sagasim: ")) << answer.err;
  EXPECT_EQ(workshop.files(), std::vector<std::string>{"notes.txt"});
}

INSTANTIATE_TEST_SUITE_P(
    All, BadUsage,
    testing::Values(
        "frobnicate", "--frobnicate", "run", "run checkout calm", "run checkout --seed",
        "run checkout --seed x", "run checkout --seed -1", "run checkout --seed 1e3",
        "run checkout --seed 18446744073709551616", "run checkout --seed 0x",
        "run checkout --set shop", "run checkout --set =3", "run ''", "run checkout --trace t.bin",
        "run checkout --trace missing/t.json", "run checkout --save-repro missing/r.json",
        "run checkout --junit .", "sweep checkout --jobs 0", "sweep checkout --jobs -1",
        "sweep checkout --jobs 100000", "sweep checkout --seeds -1", "sweep checkout --seeds many",
        "sweep checkout --seconds 0", "sweep checkout --seconds -1", "sweep checkout --seconds nan",
        "sweep checkout --stop-after 0", "sweep checkout --from x",
        "sweep checkout --out notes.txt", "sweep checkout --out notes.txt/below", "list",
        "list bugz", "check", "check missing.json", "check .", "replay checkout", "certify",
        "certify checkout --faults x", "certify checkout --faults 9", "certify missing.json",
        "certify rush --set workload.orders=200", "certify checkout-one-order --resume notes.txt",
        "certify checkout-one-order --all --resume s.json", "lattice chekout",
        "lattice --class duplicate", "lattice --seeds 0", "lattice --faults 4",
        "lattice --set architecture.publish=direct", "lattice --out notes.txt",
        "lattice --format junit", "lattice --check missing.json", "lattice --check notes.txt",
        "lattice checkout --check notes.txt", "minimize checkout", "minimize missing.json",
        "minimize notes.txt", "minimize checkout --seed x", "minimize checkout --seed 1 --budget 0",
        "minimize checkout --seed 1 --runs 0", "minimize checkout --seed 1 --jobs 0",
        "minimize checkout --seed 1 --output missing/m.json",
        "minimize missing.json --set shop.users=3", "explain checkout", "explain missing.json",
        "explain notes.txt", "explain checkout --seed x", "explain checkout --seed 1 --jobs 0",
        "replay missing.json", "replay notes.txt", "replay missing.json --set shop.users=3"));

}  // namespace
}  // namespace sagasim::cli
