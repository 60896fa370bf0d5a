// Files: whole texts in and out. A file is read completely or not at all, and written beside its
// place and then renamed, so that nothing half-written is ever found there. All errors are
// BadInput.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sagasim::scenarios {

// No scenario, plan or reproduction is larger; what is larger is another kind of file.
inline constexpr std::uint64_t kMaxFileBytes = 64u << 20;

std::string read_file(const std::string& path);

// Replaces what is at `path`. A device or a pipe, such as /dev/stdout, is written to as it is.
void write_file_atomically(const std::string& path, std::string_view text);

}  // namespace sagasim::scenarios
