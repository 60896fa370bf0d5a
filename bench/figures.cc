#include "bench/figures.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/checkout.h"
#include "bench/workloads.h"

namespace sagasim::bench {
namespace {

using benchmark::Counter;
using benchmark::State;

double real(std::uint64_t count) { return static_cast<double>(count); }

void ping_figure(State& state, std::uint32_t pairs, std::uint64_t messages) {
  double used = 0;
  std::uint64_t sum = 0;
  for ([[maybe_unused]] auto _ : state) {
    const PingResult result = ping(pairs, messages, 1);
    state.SetIterationTime(result.cpu_seconds);
    used += result.cpu_seconds;
    sum += result.messages;
  }
  state.counters["messages/s"] = real(sum) / used;
}

void saga_figure(State& state, std::uint64_t orders, std::uint64_t in_flight) {
  double used = 0;
  SagaResult sum;
  for ([[maybe_unused]] auto _ : state) {
    const SagaResult result = saga(orders, in_flight, 1);
    state.SetIterationTime(result.cpu_seconds);
    used += result.cpu_seconds;
    sum.orders += result.orders;
    sum.operations += result.operations;
  }
  state.counters["orders/s"] = real(sum.orders) / used;
  state.counters["operations/s"] = real(sum.operations) / used;
}

void seeds_figure(State& state) {
  std::uint64_t seed = 0;
  const double start = cpu_seconds();
  for ([[maybe_unused]] auto _ : state) {
    const double before = cpu_seconds();
    saga(200, 20, ++seed);
    state.SetIterationTime(cpu_seconds() - before);
  }
  state.counters["runs/s"] = real(seed) / (cpu_seconds() - start);
}

void hold_figure(State& state) {
  constexpr std::uint64_t kAtOnce = 10'000;
  Hold hold(static_cast<std::uint32_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    const double before = cpu_seconds();
    hold.run(kAtOnce);
    state.SetIterationTime(cpu_seconds() - before);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kAtOnce));
}

struct Checkout {
  const char* name;
  const char* scenario;
  std::vector<std::string> settings;
  std::uint64_t runs;
  Watched watched = Watched::kJudged;
};

void checkout_figure(State& state, const Checkout& what) {
  double used = 0;
  CheckoutResult sum;
  for ([[maybe_unused]] auto _ : state) {
    const CheckoutResult result =
        checkout(what.scenario, what.settings, sum.runs, what.runs, what.watched);
    state.SetIterationTime(result.cpu_seconds);
    used += result.cpu_seconds;
    sum.runs += result.runs;
    sum.orders += result.orders;
    sum.operations += result.operations;
  }
  state.counters["runs/s"] = real(sum.runs) / used;
  state.counters["orders/s"] = real(sum.orders) / used;
  state.counters["operations/s"] = real(sum.operations) / used;
}

// Many orders at the same rate of arrival, with stock and money for all of them, customers for as
// many as there may be, and nothing breaks.
Checkout growth(const char* name, std::uint64_t orders) {
  const auto seconds = [](std::uint64_t count) { return std::to_string(count) + " s"; };
  return Checkout{
      name,
      "calm",
      {"workload.orders=" + std::to_string(orders), "workload.span=" + seconds(orders * 2 / 3 + 1),
       "shop.users=" + std::to_string(std::min<std::uint64_t>(orders / 30 + 1, 1'000)),
       "horizon.limit=" + seconds(orders + 3'600)},
      1};
}

std::vector<Checkout> checkouts(bool quick) {
  const std::uint64_t runs = quick ? 20 : 200;
  std::vector<Checkout> all = {
      {"checkout", "checkout", {}, runs},
      {"checkout/nothing_breaks", "checkout", {"faults.profile=calm"}, runs},
      {"checkout/recorded", "checkout", {}, runs / 10, Watched::kRecorded},
      {"checkout/one_order", "checkout-one-order", {}, runs},
      {"checkout/instances:3", "checkout", {"shop.instances=3"}, runs},
      {"checkout/partitions:8", "checkout", {"shop.partitions=8"}, runs},
      growth("checkout/orders:100", 100),
      growth("checkout/orders:1000", 1'000),
  };
  if (!quick) {
    all.push_back(growth("checkout/orders:10000", 10'000));
    all.push_back(growth("checkout/orders:100000", 100'000));
  }
  return all;
}

void register_all(bool quick) {
  const double least = quick ? 0.05 : 0.5;  // seconds
  const auto add = [least](const std::string& name, auto&& figure) {
    return benchmark::RegisterBenchmark(name.c_str(), figure)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond)
        ->MinTime(least);
  };
  const std::uint64_t messages = quick ? 200'000 : 2'000'000;
  for (const std::uint32_t pairs : {10u, 1'000u, 10'000u}) {
    add("w1_ping/pairs:" + std::to_string(pairs),
        [=](State& state) { ping_figure(state, pairs, messages); });
  }
  for (const std::uint64_t in_flight : {20u, 1'000u}) {
    add("w2_saga/in_flight:" + std::to_string(in_flight),
        [=](State& state) { saga_figure(state, messages / 20, in_flight); });
  }
  add("seeds", seeds_figure);
  for (const std::int64_t pending : {100, 1'000, 10'000, 1'000'000}) {
    add("w3_hold/pending", hold_figure)->Arg(pending);
  }
  for (const Checkout& what : checkouts(quick)) {
    add(what.name, [=](State& state) { checkout_figure(state, what); });
  }
}

}  // namespace

int print_figures(const FigureOptions& options) {
  std::vector<std::string> words = {"bench", "--benchmark_counters_tabular=true",
                                    "--benchmark_filter=" + options.filter};
  if (!options.json.empty()) {
    words.push_back("--benchmark_out=" + options.json);
    words.push_back("--benchmark_out_format=json");
  }
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  benchmark::AddCustomContext("build", SAGASIM_BUILD);
  register_all(options.quick);
  return benchmark::RunSpecifiedBenchmarks() > 0 ? 0 : 2;
}

}  // namespace sagasim::bench
