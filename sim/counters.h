// Counters: how often each of many keys has come up. For what is counted at every operation, so
// that it costs a run next to nothing.
#pragma once

#include <cstdint>
#include <vector>

namespace sagasim::sim {

// Open addressing over keys that are hashes already.
class Counters {
 public:
  std::uint32_t& at(std::uint64_t key);
  std::uint32_t peek(std::uint64_t key) const;

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t count = 0;
  };
  void grow();

  std::vector<Slot> slots_;
  std::uint32_t used_ = 0;
};

}  // namespace sagasim::sim
