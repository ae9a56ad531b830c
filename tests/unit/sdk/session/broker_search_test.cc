#include "sdk/session/broker_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/temp_folder.h"

namespace scopa::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Environment with(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto at = variables.find(std::string(name));
    if (at == variables.end()) return std::nullopt;
    return at->second;
  };
}

class BrokerSearchTest : public ::testing::Test {
 protected:
  void record(const std::string& text) { std::ofstream(folder_ / "endpoint") << text; }
  std::vector<std::string> order() {
    std::vector<std::string> endpoints;
    for (const BrokerPlace& place : broker_places(folder_.path(), {})) {
      endpoints.push_back(place.endpoint);
    }
    return endpoints;
  }
  TempFolder folder_;
};

TEST_F(BrokerSearchTest, AFolderWithoutABrokerHasNoPlace) { EXPECT_THAT(order(), IsEmpty()); }

TEST_F(BrokerSearchTest, WhatIsNoEndpointIsLeftOut) {
  record("nonsense\ntcp://127.0.0.1:7654\n\n");
  EXPECT_THAT(order(), ElementsAre("tcp://127.0.0.1:7654"));
}

TEST_F(BrokerSearchTest, AHostsNameIsTriedLastSinceItMayNotBeKnownHere) {
  record("tcp://head:7654\ntcp://127.0.0.1:7655\nipc:///a/broker.sock\n");
  EXPECT_THAT(order(),
              ElementsAre("tcp://127.0.0.1:7655", "ipc:///a/broker.sock", "tcp://head:7654"));
}

TEST_F(BrokerSearchTest, WithKeysTheUnixSocketIsFirstAndTheFoldersKeyIsTheBrokers) {
  record("tcp://127.0.0.1:7654\nipc:///a/broker.sock\n");
  std::filesystem::create_directories(folder_ / "keys");
  std::ofstream(folder_ / "keys/server.pub") << "";
  EXPECT_THAT(order(), ElementsAre("ipc:///a/broker.sock", "tcp://127.0.0.1:7654"));
  EXPECT_EQ(broker_places(folder_.path(), {}).back().keys.server_key, folder_ / "keys/server.pub");
}

TEST_F(BrokerSearchTest, WithoutKeysNoneIsUsedUnlessOneIsNamed) {
  record("tcp://127.0.0.1:7654\n");
  EXPECT_EQ(broker_places(folder_.path(), {}).front().keys.key, "none");
  EXPECT_EQ(broker_places(folder_.path(), {"my.key", ""}).front().keys.key, "my.key");
}

TEST_F(BrokerSearchTest, WhereNobodyAnswersAllPlacesAreNamed) {
  const auto found = find_broker(
      {{"tcp://127.0.0.1:1", {"none", ""}}, {"ipc://" + (folder_ / "broker.sock"), {"none", ""}}},
      std::chrono::milliseconds(500), with({}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.status().code(), Code::kUnavailable);
  EXPECT_THAT(found.status().message(), HasSubstr("tcp://127.0.0.1:1, ipc://"));
}

TEST(PatienceTest, UnderSlurmAWorkerWaitsLonger) {
  EXPECT_EQ(patience_for_broker(with({})), std::chrono::seconds(60));
  EXPECT_EQ(patience_for_broker(with({{"SLURM_JOB_ID", "17"}})), std::chrono::minutes(10));
}

}  // namespace
}  // namespace scopa::session
