#include "search/doctor.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>

#include "search/recording.h"
#include "sim/check.h"

namespace sagasim::search {
namespace {

using Run = std::function<void()>;

// Runs on a thread of its own, as its stack and its share of the heap are others, while other
// threads run other seeds until it is done.
void beside_others(const scenarios::System& system, unsigned threads, const Run& run) {
  std::atomic<bool> done = false;
  std::vector<std::thread> others;
  for (unsigned i = 0; i < threads; ++i) {
    others.emplace_back([&system, &done, i, threads] {
      for (std::uint64_t seed = i; !done; seed += threads) {
        try {
          system.run({.seed = seed});
        } catch (const sim::CheckFailure&) {  // it is not this one that is examined
        }
      }
    });
  }
  std::exception_ptr failure;
  std::thread own([&run, &failure] {
    try {
      run();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  own.join();
  done = true;
  for (std::thread& other : others) {
    other.join();
  }
  if (failure != nullptr) {
    std::rethrow_exception(failure);
  }
}

void fill(volatile unsigned char* bytes, std::size_t size, std::uint32_t number) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<unsigned char>(0xA5U + 31 * number + i);
  }
}

}  // namespace

void soil_memory(std::uint32_t number) {
  constexpr std::size_t kBlocks = 13;
  constexpr std::size_t kLargest = 4096;
  for (std::size_t size = 16; size <= kLargest; size += size < 512 ? 16 : 512) {
    unsigned char* blocks[kBlocks];
    for (unsigned char*& block : blocks) {
      block = static_cast<unsigned char*>(std::malloc(size));
      if (block != nullptr) {
        fill(block, size, number);
      }
    }
    // A step that shares no factor with their number meets each once; every number has another.
    const std::size_t step = 1 + number % (kBlocks - 1);
    for (std::size_t i = 0; i < kBlocks; ++i) {
      std::free(blocks[i * step % kBlocks]);
    }
  }
  volatile unsigned char stack[65'536];
  fill(stack, sizeof stack, number);
}

std::vector<Circumstance> circumstances(const scenarios::System& system, unsigned threads) {
  const auto as_it_is = [](const Run& run) { run(); };
  const auto in_used_memory = [](std::uint32_t number) {
    return [number](const Run& run) {
      soil_memory(number);
      run();
    };
  };
  const auto beside = [&system, threads](const Run& run) { beside_others(system, threads, run); };
  return {{"once more", true, as_it_is},
          {"unrecorded", false, as_it_is},
          {"in memory used before", true, in_used_memory(1)},
          {"in memory used otherwise", true, in_used_memory(6)},
          {"beside other threads", true, beside}};
}

std::optional<Symptom> examine(const scenarios::System& system,
                               const scenarios::RunRequest& request,
                               const std::vector<Circumstance>& circumstances) {
  scenarios::RunRequest own = request;
  Recording first;
  own.tracer = &first;
  const std::uint64_t expected = system.run(own).fingerprint;
  std::optional<Symptom> unplaced;  // seen, but not where
  for (const Circumstance& circumstance : circumstances) {
    Recording second;
    own.tracer = circumstance.recorded ? &second : nullptr;
    std::uint64_t actual = 0;
    circumstance.around([&] { actual = system.run(own).fingerprint; });
    std::optional<Divergence> divergence;
    if (circumstance.recorded) {
      divergence = first_divergence(first, second);
    }
    if (divergence) {
      return Symptom{request.seed, circumstance.name, expected, actual, std::move(divergence)};
    }
    if (actual != expected && !unplaced) {
      unplaced = Symptom{request.seed, circumstance.name, expected, actual, std::nullopt};
    }
  }
  return unplaced;
}

}  // namespace sagasim::search
