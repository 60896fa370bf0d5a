#include "scenarios/library.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "scenarios/embedded.h"
#include "scenarios/files.h"
#include "tests/scenarios/complaint.h"

namespace sagasim::scenarios {
namespace {

TEST(Library, EveryShippedScenarioCanBeLoadedAndSaysWhatItIs) {
  EXPECT_GE(library().size(), 2u);
  for (const LibraryEntry& entry : library()) {
    EXPECT_EQ(load(entry.name).name, entry.name);
    EXPECT_FALSE(entry.description.empty()) << entry.name;
  }
}

TEST(Library, CheckoutIsCrowdedAndItsDelaysExceedItsSagaTimeout) {
  const Scenario checkout = load("checkout");
  ASSERT_TRUE(checkout.architecture.policy.saga_timeout.has_value());
  EXPECT_GT(checkout.faults.delay_max, *checkout.architecture.policy.saga_timeout);
  EXPECT_LT(checkout.faults.delay_max, checkout.horizon.heal_at);
  EXPECT_GE(checkout.workload.orders, 30u);
  EXPECT_LE(checkout.shop.users * checkout.shop.coupons_per_user, checkout.workload.orders);
  for (const faults::KindInfo& info : faults::kCatalog) {
    const bool strikes = checkout.faults.rates[static_cast<unsigned>(info.kind)] != 0;
    EXPECT_NE(strikes, info.breaker) << info.id;
  }
}

TEST(Library, CalmHasNoFaultsAndEnoughOfEverything) {
  const Scenario calm = load("calm");
  EXPECT_FALSE(calm.architecture.policy.saga_timeout.has_value());
  for (const std::uint32_t rate : calm.faults.rates) {
    EXPECT_EQ(rate, 0u);
  }
  EXPECT_EQ(calm.workload.cancel_percent, 0u);
  EXPECT_EQ(calm.environment.decline_percent, 0u);
  const std::int64_t pieces =
      std::int64_t{calm.workload.orders} * calm.workload.lines_max * calm.workload.quantity_max;
  EXPECT_GE(calm.shop.stock_min, pieces);
  EXPECT_GE(calm.shop.balance_min, pieces * calm.shop.price_max);
}

TEST(Library, SettingsApplyToShippedScenarios) {
  const Scenario scenario = load("checkout", {"architecture.publish=after_commit"});
  EXPECT_EQ(scenario.architecture.policy.publish, domain::Publish::kAfterCommit);
  EXPECT_EQ(scenario.architecture.policy.saga_timeout, sim::seconds(15)) << "kept";
}

TEST(Library, AnUnknownNameOffersTheNearest) {
  const InputError error = complaint_of([] { load("chekout"); });
  EXPECT_NE(error.message.find("did you mean \"checkout\"?"), std::string::npos);
  EXPECT_NE(error.message.find("./mine.json"), std::string::npos);
}

TEST(Library, WhatLooksLikeAPathIsReadFromDisk) {
  const std::string path = testing::TempDir() + "sagasim_library_test.json";
  write_file_atomically(path, "{\"shop\": {\"users\": 7}}");
  const Scenario scenario = load(path);
  EXPECT_EQ(scenario.shop.users, 7u);
  EXPECT_EQ(scenario.name, "sagasim_library_test") << "called after its file";
  std::filesystem::remove(path);
}

TEST(Library, AMissingFileIsAComplaint) {
  EXPECT_EQ(complaint_of([] { load("checkout.json"); }).file, "checkout.json");
  EXPECT_EQ(complaint_of([] { load("./none"); }).file, "./none");
}

TEST(Library, TheEmbeddedFilesAreThoseOfTheSourceTree) {
  const std::string folder = SAGASIM_SOURCE_DIR "/scenarios/";
  for (unsigned i = 0; i < kEmbeddedScenarioCount; ++i) {
    const EmbeddedFile& file = kEmbeddedScenarios[i];
    EXPECT_EQ(file.text, read_file(folder + "library/" + file.name + ".json"));
  }
  EXPECT_EQ(kEmbeddedSchema, read_file(folder + "schema/scenario.schema.json"));
}

}  // namespace
}  // namespace sagasim::scenarios
