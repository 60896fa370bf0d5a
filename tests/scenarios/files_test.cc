#include "scenarios/files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/scenarios/complaint.h"

namespace sagasim::scenarios {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  int count() const {
    return static_cast<int>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  void expect_refused(const std::string& at, const std::string& words) const {
    const InputError error = complaint_of([&] { write_file_atomically(at, "x"); });
    EXPECT_EQ(error.file, at);
    EXPECT_NE(error.message.find(words), std::string::npos) << error.message;
  }

 private:
  // One folder per test, because tests run side by side.
  fs::path folder_ = fs::path(testing::TempDir()) /
                     (std::string("sagasim_files_") +
                      testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Files, WhatIsWrittenIsReadBack) {
  const std::string text("a\n\0b\r\n", 6);
  write_file_atomically(path("a.json"), text);
  EXPECT_EQ(read_file(path("a.json")), text);
  EXPECT_EQ(count(), 1) << "nothing is left beside it";
}

TEST_F(Files, WritingReplacesTheWholeFile) {
  write_file_atomically(path("a.json"), "a long text");
  write_file_atomically(path("a.json"), "b");
  EXPECT_EQ(read_file(path("a.json")), "b");
}

TEST_F(Files, AnEmptyFileIsAnEmptyText) {
  write_file_atomically(path("a.json"), "");
  EXPECT_EQ(read_file(path("a.json")), "");
}

TEST_F(Files, ReadingWhatIsNotThereIsRefused) {
  const InputError error = complaint_of([&] { read_file(path("none.json")); });
  EXPECT_EQ(error.file, path("none.json"));
  EXPECT_NE(error.message.find("cannot be read"), std::string::npos);
}

TEST_F(Files, ReadingAFolderIsRefused) {
  const InputError error = complaint_of([&] { read_file(path("")); });
  EXPECT_NE(error.message.find("is a folder"), std::string::npos);
}

TEST_F(Files, ReadingWhatNeverEndsIsRefused) {
  const InputError error = complaint_of([] { read_file("/dev/zero"); });
  EXPECT_NE(error.message.find("larger than 64 MiB"), std::string::npos);
}

TEST_F(Files, WritingWhereNothingCanBeIsRefused) {
  expect_refused(path("none/a.json"), "cannot be written");
  expect_refused(path(""), "is a folder");
  const InputError error = complaint_of([] { write_file_atomically("", "x"); });
  EXPECT_NE(error.message.find("is no path"), std::string::npos);
}

TEST_F(Files, AFullDiskIsAComplaint) { expect_refused("/dev/full", "cannot be written"); }

TEST_F(Files, ADeviceIsWrittenToAndStaysOne) {
  write_file_atomically("/dev/null", "x");
  EXPECT_FALSE(fs::is_regular_file("/dev/null"));
}

TEST_F(Files, FilesLeftOverFromAKilledProcessAreNotTouched) {
  std::ofstream(path("a.json.part0")) << "old";
  write_file_atomically(path("a.json"), "new");
  EXPECT_EQ(read_file(path("a.json")), "new");
  EXPECT_EQ(read_file(path("a.json.part0")), "old");
  EXPECT_EQ(count(), 2);
}

}  // namespace
}  // namespace sagasim::scenarios
