// The main of the property suite. Layered options: command line over environment over file.
//
//   property_test --cases 500 --seed 7
//   SAGASIM_PROPERTY_CASES=500 property_test
//   property_test --config property.ini      with lines such as: cases = 500

#include <gtest/gtest.h>

#include <boost/program_options.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "tests/properties/options.h"

namespace po = boost::program_options;

namespace sagasim {

PropertyOptions& property_options() {
  static PropertyOptions options;
  return options;
}

}  // namespace sagasim

namespace {

constexpr int kBadUsage = 2;

po::options_description described(sagasim::PropertyOptions& options) {
  po::options_description all("Options of the property suite (GoogleTest's own work as well)");
  auto add = all.add_options();
  add("help", "print this");
  add("config", po::value<std::string>(), "a file with lines `name = value`");
  add("cases", po::value<int>(&options.cases), "generated cases per property, 1 to 1,000,000");
  add("seed", po::value<std::uint64_t>(&options.seed), "of the generators; 0: drawn and printed");
  return all;
}

// SAGASIM_PROPERTY_CASES is `cases`.
std::string option_of(const std::string& variable) {
  const std::string prefix = "SAGASIM_PROPERTY_";
  if (variable.rfind(prefix, 0) != 0) {
    return "";
  }
  std::string name = variable.substr(prefix.size());
  for (char& letter : name) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return name;
}

bool read_options(int argc, char** argv, const po::options_description& all) {
  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, all), values);
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
  return values.count("help") == 0;
}

// RapidCheck reads its parameters from one variable; what a person put there is kept and wins.
void tell_rapidcheck(const sagasim::PropertyOptions& options) {
  std::string parameters = "max_success=" + std::to_string(options.cases);
  if (options.seed != 0) {
    parameters += " seed=" + std::to_string(options.seed);
  }
  if (const char* given = std::getenv("RC_PARAMS")) {
    parameters += std::string(" ") + given;
  }
  setenv("RC_PARAMS", parameters.c_str(), 1);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sagasim::PropertyOptions& options = sagasim::property_options();
  const auto all = described(options);
  try {
    if (!read_options(argc, argv, all)) {
      std::cout << all;
      return 0;
    }
  } catch (const po::error& error) {
    std::cerr << "property_test: " << error.what() << "\n" << all;
    return kBadUsage;
  }
  if (options.cases < 1 || options.cases > 1'000'000) {
    std::cerr << "property_test: --cases must be from 1 to 1,000,000\n";
    return kBadUsage;
  }
  tell_rapidcheck(options);
  return RUN_ALL_TESTS();
}
