#include "search/sqlite.h"

#include <sqlite3.h>

#include <charconv>
#include <filesystem>
#include <utility>

namespace sagasim::search {
namespace {

// How long to wait for whoever reads the file just now.
constexpr int kPatienceMs = 2000;

std::string explained(int code, const char* message) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "cannot be written: the disk is full. What was stored before is there; make room and "
             "go on with --resume";
    case SQLITE_IOERR:
      return std::string("cannot be read or written (") + message +
             "): is the disk full, or the file too large? What was stored before is there; go on "
             "with --resume";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "is in use by another process, such as a sweep that still runs (expected one at a "
             "time)";
    case SQLITE_NOTADB:
      return "is no campaign file (expected one that sagasim sweep --campaign wrote)";
    case SQLITE_CORRUPT:
      return "is damaged: it was cut off or overwritten in part (expected a whole campaign file; "
             "take a copy of it, or begin a new campaign)";
    case SQLITE_CANTOPEN:
      return "cannot be opened (expected a file that is there, in a folder that can be written)";
    case SQLITE_READONLY:
      return "cannot be written: the file or its folder is read-only";
    default:
      return std::string("cannot be used: ") + message;
  }
}

// SQLite takes a folder for a disk that fails, and waits for a pipe.
void expect_plain_file(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) {
    throw StoreError(path, "is a folder (expected a campaign file)");
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw StoreError(path, "is a device or a pipe (expected a campaign file)");
  }
}

}  // namespace

Connection::Connection(const std::string& path, Mode mode) : path_(path) {
  expect_plain_file(path);
  const int flags = mode == Mode::kCreate  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : mode == Mode::kWrite ? SQLITE_OPEN_READWRITE
                                           : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    const StoreError error(path, explained(code, sqlite3_errstr(code)));
    sqlite3_close(handle_);
    throw error;
  }
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kPatienceMs);
}

Connection::~Connection() { sqlite3_close(handle_); }

void Connection::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail();
  }
}

std::int64_t Connection::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.number() : 0;
}

void Connection::fail() const {
  throw StoreError(path_, explained(sqlite3_extended_errcode(handle_), sqlite3_errmsg(handle_)));
}

Statement::Statement(Connection& connection, const char* sql) : connection_(connection) {
  if (sqlite3_prepare_v2(connection.handle(), sql, -1, &statement_, nullptr) != SQLITE_OK) {
    connection.fail();
  }
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

void Statement::run() {
  while (step()) {
  }
}

bool Statement::step() {
  read_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code != SQLITE_DONE) {
    const StoreError error(connection_.path(),
                           explained(code, sqlite3_errmsg(connection_.handle())));
    reset();
    throw error;
  }
  reset();
  return false;
}

void Statement::reset() {
  sqlite3_reset(statement_);
  bound_ = 0;
}

std::int64_t Statement::number() { return sqlite3_column_int64(statement_, read_++); }

std::string Statement::text() {
  const int column = read_++;
  const unsigned char* text = sqlite3_column_text(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return text == nullptr ? "" : std::string(reinterpret_cast<const char*>(text), size);
}

std::uint64_t Statement::seed() {
  const std::string digits = text();
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw StoreError(connection_.path(), explained(SQLITE_CORRUPT, ""));
  }
  return seed;
}

Writing::Writing(Connection& connection) : connection_(connection) {
  connection.execute("BEGIN IMMEDIATE");
}

Writing::~Writing() {
  if (!done_) {
    sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void Writing::commit() {
  connection_.execute("COMMIT");
  done_ = true;
}

}  // namespace sagasim::search
