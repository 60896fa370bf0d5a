// The main of a program of tests. Layered options: command line over environment over file.
//
//   property_test --cases 500 --seed 7
//   SAGASIM_TEST_CASES=500 property_test
//   property_test --config nightly.ini       with lines such as: cases = 500
//
// A failed test ends with the line that makes it fail again; the XML report has it as the property
// `rerun` of the test.

#include <gtest/gtest.h>

#include <boost/program_options.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "sagasim/options.h"

namespace po = boost::program_options;

namespace {

using sagasim::TestOptions;

constexpr int kBadUsage = 2;

// Says how to see a failure again.
class Rerun final : public testing::EmptyTestEventListener {
 public:
  // `program`: as it was called; `generators`: what makes RapidCheck draw the same cases.
  Rerun(std::string program, std::string generators)
      : program_(std::move(program)), generators_(std::move(generators)) {}

  void OnTestStart(const testing::TestInfo& test) override {
    running_ = &test;
    sagasim::rerun_arguments().clear();
  }

  // Here the report still takes properties of the test; at its end it does not.
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (part.failed() && running_ != nullptr) {
      if (std::string_view(part.message()).find("Falsifiable") != std::string_view::npos) {
        sagasim::rerun_arguments() = generators_;
      }
      testing::Test::RecordProperty("rerun", line(*running_));
    }
  }

  void OnTestEnd(const testing::TestInfo& test) override {
    if (test.result()->Failed()) {
      std::cout << "[  RERUN   ] " << line(test) << std::endl;
    }
    running_ = nullptr;
  }

 private:
  std::string line(const testing::TestInfo& test) const {
    std::string text = program_ + " --gtest_filter=" + test.test_suite_name() + "." + test.name();
    return sagasim::rerun_arguments().empty() ? text : text + " " + sagasim::rerun_arguments();
  }

  std::string program_;
  std::string generators_;
  // Remembered, since GoogleTest cannot be asked while it reports a failure: it would wait for
  // itself.
  const testing::TestInfo* running_ = nullptr;
};

po::options_description described(TestOptions& options) {
  po::options_description all("Options of sagasim's tests (GoogleTest's own work as well)");
  auto add = all.add_options();
  add("help", "print this");
  add("config", po::value<std::string>(), "a file with lines `name = value`");
  add("cases", po::value<int>(&options.cases), "generated cases per property, 1 to 1,000,000");
  add("seed", po::value<std::uint64_t>(&options.seed), "of the generators; 0: drawn");
  add("from", po::value<std::uint64_t>(), "the first seed of each sweep");
  add("seeds", po::value<std::uint64_t>(), "of each sweep, instead of what its test says");
  add("jobs", po::value<unsigned>(&options.jobs), "threads of each sweep, 1 to 256");
  return all;
}

// SAGASIM_TEST_CASES is `cases`.
std::string option_of(const std::string& variable) {
  const std::string prefix = "SAGASIM_TEST_";
  if (variable.rfind(prefix, 0) != 0) {
    return "";
  }
  std::string name = variable.substr(prefix.size());
  for (char& letter : name) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return name;
}

// False: help was asked for. Throws po::error.
bool read_options(int argc, char** argv, const po::options_description& all, TestOptions& options) {
  po::variables_map values;
  // Without abbreviations: --case is a slip, and not --cases.
  constexpr int kStyle =
      po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::store(po::parse_command_line(argc, argv, all, kStyle), values);
  po::store(po::parse_environment(all, option_of), values);
  if (values.count("config") != 0) {
    const auto path = values["config"].as<std::string>();
    std::ifstream file(path);
    if (!file) {
      throw po::error("cannot read the configuration file " + path);
    }
    po::store(po::parse_config_file(file, all), values);
  }
  po::notify(values);
  if (values.count("from") != 0) {
    options.from = values["from"].as<std::uint64_t>();
  }
  if (values.count("seeds") != 0) {
    options.seeds = values["seeds"].as<std::uint64_t>();
  }
  if (options.cases < 1 || options.cases > 1'000'000) {
    throw po::error("--cases must be from 1 to 1,000,000");
  }
  if (options.jobs < 1 || options.jobs > 256) {
    throw po::error("--jobs must be from 1 to 256");
  }
  if (options.seeds == 0) {
    throw po::error("--seeds must be at least 1");
  }
  return values.count("help") == 0;
}

// RapidCheck reads its parameters from one variable; what a person put there is kept and wins.
void tell_rapidcheck(const TestOptions& options) {
  std::string parameters =
      "max_success=" + std::to_string(options.cases) + " seed=" + std::to_string(options.seed);
  if (const char* given = std::getenv("RC_PARAMS")) {
    parameters += std::string(" ") + given;
  }
  setenv("RC_PARAMS", parameters.c_str(), 1);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  TestOptions& options = sagasim::test_options();
  const auto all = described(options);
  try {
    if (!read_options(argc, argv, all, options)) {
      std::cout << all;
      return 0;
    }
  } catch (const po::error& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n" << all;
    return kBadUsage;
  }
  if (options.seed == 0) {
    options.seed = std::random_device()();
  }
  tell_rapidcheck(options);
  const std::string generators =
      "--cases " + std::to_string(options.cases) + " --seed " + std::to_string(options.seed);
  testing::UnitTest::GetInstance()->listeners().Append(new Rerun(argv[0], generators));
  return RUN_ALL_TESTS();
}
