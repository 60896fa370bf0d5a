// sagasim_bench: how fast sagasim is.
//
//   sagasim_bench                          all figures, as a table
//   sagasim_bench ping --messages 5000000  one workload, one line: RESULT key=value …
//
// The second form is what a comparison with other programs runs in turn with them.
#include <boost/program_options.hpp>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "bench/checkout.h"
#include "bench/figures.h"
#include "bench/workloads.h"
#include "scenarios/bad_input.h"
#include "sim/hash.h"

namespace po = boost::program_options;
using namespace sagasim;

namespace {

struct Options {
  std::string workload = "table";
  std::uint32_t pairs = 1'000;
  std::uint64_t messages = 3'000'000;
  std::uint64_t orders = 100'000;
  std::uint64_t in_flight = 1'000;
  std::uint32_t pending = 10'000;
  std::uint64_t operations = 5'000'000;
  std::uint64_t runs = 300;
  std::string scenario = "checkout";
  std::vector<std::string> settings;
  bool recorded = false;
  bench::FigureOptions figures;
};

// One line of the form that every program of a comparison prints. The digest is of everything that
// happened: a program that is faster and has another one does something else.
template <class... Rates>
void print_result(double seconds, std::uint64_t digest, const Rates&... rates) {
  std::cout << "RESULT";
  const auto print = [seconds](const auto& rate) {
    std::cout << " " << rate.first << "=" << rate.second << " " << rate.first
              << "_per_cpu_s=" << static_cast<double>(rate.second) / seconds;
  };
  (print(rates), ...);
  std::cout << " peak_rss_bytes=" << bench::peak_memory() << " cpu=" << seconds
            << " digest=" << digest << "\n";
}

using Count = std::pair<const char*, std::uint64_t>;

int run(const Options& options) {
  if (options.workload == "table") {
    return bench::print_figures(options.figures);
  }
  if (options.workload == "ping") {
    const auto result = bench::ping(options.pairs, options.messages, 1);
    print_result(result.cpu_seconds, result.fingerprint, Count("msgs", result.messages));
  } else if (options.workload == "saga") {
    const auto result = bench::saga(options.orders, options.in_flight, 1);
    print_result(result.cpu_seconds, result.fingerprint, Count("orders", result.orders),
                 Count("operations", result.operations));
  } else if (options.workload == "seeds") {
    const double start = bench::cpu_seconds();
    std::uint64_t digest = 0;
    for (std::uint64_t seed = 0; seed < options.runs; ++seed) {
      digest = sim::combine(digest, bench::saga(200, 20, seed).fingerprint);
    }
    print_result(bench::cpu_seconds() - start, digest, Count("seeds", options.runs));
  } else if (options.workload == "hold") {
    bench::Hold hold(options.pending);
    hold.run(2 * options.pending);
    const double start = bench::cpu_seconds();
    hold.run(options.operations);
    print_result(bench::cpu_seconds() - start, hold.digest(), Count("ops", options.operations));
  } else if (options.workload == "checkout") {
    const auto result =
        bench::checkout(options.scenario, options.settings, 0, options.runs,
                        options.recorded ? bench::Watched::kRecorded : bench::Watched::kJudged);
    print_result(result.cpu_seconds, result.digest, Count("runs", result.runs),
                 Count("orders", result.orders), Count("operations", result.operations));
  } else {
    std::cerr << "sagasim_bench: no workload is called \"" << options.workload
              << "\"; --help lists them\n";
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  po::options_description all("sagasim_bench [table|ping|saga|seeds|hold|checkout]");
  auto add = all.add_options();
  add("help", "print this");
  add("workload", po::value(&options.workload), "table (all figures), or the only thing to run");
  add("filter", po::value(&options.figures.filter), "table: a regular expression over the names");
  add("json", po::value(&options.figures.json), "table: also write the figures to this file");
  add("quick", po::bool_switch(&options.figures.quick), "table: shorter runs");
  add("pairs", po::value(&options.pairs), "ping: pairs of processes");
  add("messages", po::value(&options.messages), "ping: messages to deliver");
  add("orders", po::value(&options.orders), "saga: orders to finish");
  add("in-flight", po::value(&options.in_flight), "saga: orders at any time");
  add("pending", po::value(&options.pending), "hold: events in the queue");
  add("operations", po::value(&options.operations), "hold: takes and puts");
  add("runs", po::value(&options.runs), "seeds, checkout: universes");
  add("scenario", po::value(&options.scenario), "checkout: a shipped scenario, or a file");
  add("set", po::value(&options.settings), "checkout: override a key of the scenario, KEY=VALUE");
  add("recorded", po::bool_switch(&options.recorded), "checkout: record every operation");
  po::positional_options_description first;
  first.add("workload", 1);
  try {
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(all).positional(first).run(), values);
    if (values.count("help") != 0) {
      std::cout << all;
      return 0;
    }
    po::notify(values);
    const bool runs = options.pairs > 0 && options.messages > 0 && options.pending > 0 &&
                      options.operations > 0 && options.runs > 0 && options.in_flight > 0 &&
                      options.in_flight <= options.orders;
    if (!runs) {
      std::cerr << "sagasim_bench: every number is at least 1, and no more orders are in flight "
                   "than there are\n";
      return 2;
    }
    return run(options);
  } catch (const po::error& error) {
    std::cerr << "sagasim_bench: " << error.what() << "\n" << all;
  } catch (const scenarios::BadInput& error) {
    std::cerr << "sagasim_bench: " << error.what() << "\n";
  }
  return 2;
}
