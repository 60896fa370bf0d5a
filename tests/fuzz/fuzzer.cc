// The entry of libFuzzer; which input it is, SAGASIM_FUZZ_INPUT says.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const sagasim::fuzz::Input& input : sagasim::fuzz::inputs()) {
    if (std::string_view(input.name) == SAGASIM_FUZZ_INPUT) {
      input.take(text);
    }
  }
  return 0;
}
