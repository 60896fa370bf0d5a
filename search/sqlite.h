// SQLite in the few forms that the store needs: a connection and statements that clean up after
// themselves, and errors that say which file.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace sagasim::search {

// What is wrong with a campaign file, for the person who named it; its path stands in front.
class StoreError : public std::runtime_error {
 public:
  StoreError(const std::string& file, const std::string& message)
      : std::runtime_error(message), file_(file) {}
  const std::string& file() const { return file_; }

 private:
  std::string file_;
};

// One open file. Every call throws StoreError.
class Connection {
 public:
  enum class Mode : std::uint8_t { kCreate, kWrite, kRead };
  Connection(const std::string& path, Mode mode);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Statements without parameters or answers.
  void execute(const char* sql);
  std::int64_t number(const char* sql);  // the first column of the first row, or 0
  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_; }
  [[noreturn]] void fail() const;  // with what the last call complained about

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

// A prepared statement. Used as: bind everything in order, then run() it, or step() over its rows
// and read their columns in order. Either way it is ready for the next use afterwards.
class Statement {
 public:
  Statement(Connection& connection, const char* sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view value);
  // Seeds are texts in the file: SQLite's integers are signed, and people read it.
  Statement& bind_seed(std::uint64_t seed) { return bind(std::to_string(seed)); }
  // Hashes keep their bits.
  Statement& bind_bits(std::uint64_t bits) { return bind(static_cast<std::int64_t>(bits)); }

  void run();
  bool step();  // false: there are no more rows

  std::int64_t number();
  std::uint64_t count() { return static_cast<std::uint64_t>(number()); }
  std::string text();
  std::uint64_t seed();  // throws StoreError if the column is none

 private:
  void reset();

  Connection& connection_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  int read_ = 0;
};

// Undoes what was done since it began unless commit() is called.
class Writing {
 public:
  explicit Writing(Connection& connection);
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing();
  void commit();

 private:
  Connection& connection_;
  bool done_ = false;
};

}  // namespace sagasim::search
