#include "broker/server/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace scopa::server {
namespace {

using ::testing::HasSubstr;

TEST(EndpointTest, LoopbackAndSocketsAreLocal) {
  for (const char* text : {"tcp://127.0.0.1:7654", "tcp://127.8.9.1:*", "tcp://localhost:80",
                           "tcp://[::1]:7654", "tcp://::1:7654", "ipc:///run/scopa.sock"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_TRUE(endpoint->is_local) << text;
  }
}

TEST(EndpointTest, OtherAddressesAreNotLocal) {
  for (const char* text : {"tcp://0.0.0.0:7654", "tcp://*:7654", "tcp://192.168.1.2:1",
                           "tcp://eth0:7654", "tcp://[::]:7654", "tcp://localhost.evil.org:1"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_FALSE(endpoint->is_local) << text;
  }
}

TEST(EndpointTest, WhatIsNoEndpointSaysHowToWriteOne) {
  for (const char* text : {"", "7654", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:",
                           "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:x",
                           "tcp://:7654", "ipc://", "udp://127.0.0.1:1", "inproc://x"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_EQ(endpoint.status().code(), Code::kInvalidArgument);
    EXPECT_THAT(endpoint.status().help(), HasSubstr("tcp://127.0.0.1:7654"));
  }
}

TEST(EndpointTest, ZeroMqGetsNumbersAndBrackets) {
  EXPECT_EQ(parse_endpoint("tcp://localhost:*")->bind, "tcp://127.0.0.1:*");
  EXPECT_EQ(parse_endpoint("tcp://::1:7654")->bind, "tcp://[::1]:7654");
}

TEST(EndpointTest, WhatListensEverywhereIsReachedByTheMachinesName) {
  EXPECT_EQ(advertised("tcp://0.0.0.0:7654", "head"), "tcp://head:7654");
  EXPECT_EQ(advertised("tcp://[::]:7654", "head"), "tcp://head:7654");
  EXPECT_EQ(advertised("tcp://127.0.0.1:7654", "head"), "tcp://127.0.0.1:7654");
  EXPECT_EQ(advertised("tcp://10.0.0.5:7654", "head"), "tcp://10.0.0.5:7654");
  EXPECT_EQ(advertised("ipc:///run/scopa.sock", "head"), "ipc:///run/scopa.sock");
}

TEST(EndpointTest, ASocketPathThatIsTooLongNamesTheLimit) {
  const auto endpoint = parse_endpoint("ipc:///" + std::string(200, 'x'));
  ASSERT_FALSE(endpoint);
  EXPECT_THAT(endpoint.status().message(), HasSubstr("the system allows 107"));
}

TEST(EndpointTest, ASocketInAMissingFolderSaysSo) {
  const auto endpoint = parse_endpoint("ipc:///nonexistent/folder/broker.sock");
  ASSERT_TRUE(endpoint);
  const Status status = clear_stale_socket(*endpoint);
  EXPECT_EQ(status.code(), Code::kResource);
  EXPECT_THAT(status.message(), HasSubstr("/nonexistent/folder"));
}

TEST(EndpointTest, BindErrorsHaveRemedies) {
  const auto endpoint = parse_endpoint("tcp://127.0.0.1:80");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(bind_error(*endpoint, EADDRINUSE).code(), Code::kConflict);
  EXPECT_EQ(bind_error(*endpoint, EACCES).code(), Code::kResource);
  EXPECT_THAT(bind_error(*endpoint, EACCES).help(), HasSubstr("1023"));
  EXPECT_EQ(bind_error(*endpoint, ENODEV).code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace scopa::server
