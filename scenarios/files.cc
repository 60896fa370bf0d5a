#include "scenarios/files.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "scenarios/bad_input.h"

namespace sagasim::scenarios {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

constexpr std::string::size_type kChunk = 1u << 16;
constexpr int kTemporaryNames = 100;

[[noreturn]] void fail(const std::string& path, const std::string& message) {
  throw BadInput({.file = path, .message = message});
}

std::string reason(int error) { return std::generic_category().message(error); }

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

// True for what a rename would replace by a plain file although it is something else.
bool is_device(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return !error && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

// Writes all, flushes and closes. 0, or the error.
int write_all(File file, std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) {
    return errno;
  }
  if (std::fflush(file.get()) != 0) {
    return errno;
  }
  return std::fclose(file.release()) == 0 ? 0 : errno;
}

struct Temporary {
  std::string path;
  File file;
};

// A file beside `path` that nobody else writes: several processes may write the same one.
Temporary open_beside(const std::string& path) {
  for (int i = 0; i < kTemporaryNames; ++i) {
    const std::string beside = path + ".part" + std::to_string(i);
    if (File file{std::fopen(beside.c_str(), "wbx")}; file != nullptr) {
      return {beside, std::move(file)};
    }
    if (errno != EEXIST) {
      fail(path, "cannot be written: " + reason(errno) +
                     " (expected a folder that exists and may be written to)");
    }
  }
  fail(path, "cannot be written: there are " + std::to_string(kTemporaryNames) +
                 " files left over beside it (remove " + path + ".part*)");
}

}  // namespace

std::string read_file(const std::string& path) {
  if (is_directory(path)) {
    fail(path, "is a folder (expected a file)");
  }
  const File file{std::fopen(path.c_str(), "rb")};
  if (file == nullptr) {
    fail(path,
         "cannot be read: " + reason(errno) + " (expected a file that exists and is readable)");
  }
  std::string text;
  std::string chunk(kChunk, '\0');
  for (;;) {
    const auto count = std::fread(chunk.data(), 1, chunk.size(), file.get());
    text.append(chunk, 0, count);
    if (text.size() > kMaxFileBytes) {
      fail(path, "is larger than " + std::to_string(kMaxFileBytes >> 20) +
                     " MiB (expected a scenario or a reproduction)");
    }
    if (std::ferror(file.get()) != 0) {
      fail(path, "cannot be read: " + reason(errno));
    }
    if (count == 0) {
      return text;
    }
  }
}

void write_file_atomically(const std::string& path, std::string_view text) {
  if (path.empty()) {
    fail("\"\"", "is no path (expected the name of a file to write)");
  }
  if (is_directory(path)) {
    fail(path, "is a folder (expected the name of a file to write)");
  }
  if (is_device(path)) {
    File file{std::fopen(path.c_str(), "wb")};
    const int error = file == nullptr ? errno : write_all(std::move(file), text);
    if (error != 0) {
      fail(path, "cannot be written: " + reason(error));
    }
    return;
  }
  Temporary temporary = open_beside(path);
  int error = write_all(std::move(temporary.file), text);
  if (error == 0 && std::rename(temporary.path.c_str(), path.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    std::remove(temporary.path.c_str());
    fail(path, "cannot be written: " + reason(error) +
                   " (nothing was left behind; make room or choose another folder)");
  }
}

}  // namespace sagasim::scenarios
