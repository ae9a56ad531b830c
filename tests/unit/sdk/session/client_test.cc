#include "sdk/session/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "sdk/wire/codec.h"

namespace scopa::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

/// A broker that answers each message as `script` says, in a thread of its own.
class ScriptedBroker {
 public:
  using Script = std::function<std::vector<wire::Message>(const wire::Message&)>;

  explicit ScriptedBroker(Script script) : script_(std::move(script)) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.bind("tcp://127.0.0.1:*");
    endpoint_ = socket_.get(zmq::sockopt::last_endpoint);
    stopper_.bind("inproc://stop");
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedBroker() {
    zmq::message_t stop;
    (void)stopper_.send(stop, zmq::send_flags::none);
    thread_.join();
  }
  const std::string& endpoint() const { return endpoint_; }

 private:
  void serve() {
    zmq::socket_t stopped(context_, zmq::socket_type::pair);
    stopped.connect("inproc://stop");
    while (true) {
      zmq::pollitem_t items[] = {{socket_.handle(), 0, ZMQ_POLLIN, 0},
                                 {stopped.handle(), 0, ZMQ_POLLIN, 0}};
      zmq::poll(items, 2, milliseconds(-1));
      if (items[1].revents != 0) return;
      zmq::message_t peer, frame;
      (void)socket_.recv(peer);
      (void)socket_.recv(frame);
      const auto message = wire::decode(frame.to_string_view());
      if (!message) continue;
      for (const wire::Message& reply : script_(*message)) {
        zmq::message_t to(peer.data(), peer.size());
        (void)socket_.send(to, zmq::send_flags::sndmore);
        (void)socket_.send(zmq::buffer(wire::encode(reply)));
      }
    }
  }

  Script script_;
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::router};
  zmq::socket_t stopper_{context_, zmq::socket_type::pair};
  std::string endpoint_;
  std::thread thread_;
};

bool is_hello(const wire::Message& m) { return std::holds_alternative<wire::Hello>(m); }

wire::Sweeps sweeps(std::uint64_t request, const std::string& name) {
  wire::Sweeps reply;
  reply.request = request;
  reply.sweeps.emplace_back().name = name;
  return reply;
}

TEST(ClientTest, ARequestGetsItsAnswerAndNoOther) {
  ScriptedBroker broker([](const wire::Message& m) -> std::vector<wire::Message> {
    if (is_hello(m)) return {wire::Welcome{}};
    const std::uint64_t request = std::get<wire::ListSweeps>(m).request;
    return {sweeps(request - 1, "late"), wire::Ack{}, sweeps(request, "mine")};
  });
  auto client = Client::connect(broker.endpoint(), seconds(20));
  ASSERT_TRUE(client) << client.status().to_string();
  for (int i = 0; i < 2; ++i) {
    const auto reply = (*client)->request(wire::ListSweeps{}, seconds(20));
    ASSERT_TRUE(reply) << reply.status().to_string();
    EXPECT_EQ(std::get<wire::Sweeps>(*reply).sweeps.at(0).name, "mine");
  }
}

TEST(ClientTest, AnErrorComesBackAsItsStatus) {
  ScriptedBroker broker([](const wire::Message& m) -> std::vector<wire::Message> {
    if (is_hello(m)) return {wire::Welcome{}};
    return {wire::Error{.request = std::get<wire::GetSweep>(m).request,
                        .code = static_cast<std::int32_t>(Code::kNotFound),
                        .message = "no sweep `x`",
                        .help = "did you mean `y`?"}};
  });
  auto client = Client::connect(broker.endpoint(), seconds(20));
  ASSERT_TRUE(client) << client.status().to_string();
  const auto reply = (*client)->request(wire::GetSweep{}, seconds(20));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.status().code(), Code::kNotFound);
  EXPECT_EQ(reply.status().help(), "did you mean `y`?");
}

TEST(ClientTest, ABrokerThatForgotUsIsGreetedAgain) {
  int hellos = 0;
  ScriptedBroker broker([&hellos](const wire::Message& m) -> std::vector<wire::Message> {
    if (is_hello(m)) {
      ++hellos;
      return {wire::Welcome{}};
    }
    const std::uint64_t request = std::get<wire::ListSweeps>(m).request;
    if (hellos > 1) return {sweeps(request, "again")};
    return {wire::Error{.request = request,
                        .code = static_cast<std::int32_t>(Code::kHelloRequired),
                        .message = "say hello first",
                        .help = ""}};
  });
  auto client = Client::connect(broker.endpoint(), seconds(20));
  ASSERT_TRUE(client) << client.status().to_string();
  const auto reply = (*client)->request(wire::ListSweeps{}, seconds(20));
  ASSERT_TRUE(reply) << reply.status().to_string();
  EXPECT_EQ(std::get<wire::Sweeps>(*reply).sweeps.at(0).name, "again");
}

TEST(ClientTest, WhatWasAskedOnAConnectionThatBrokeIsAskedAgainOnTheNext) {
  std::string folder = testing::TempDir() + "scopa-client-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string endpoint = "ipc://" + folder + "/broker.sock";
  std::thread broker([&] {
    zmq::context_t context;
    const auto serve = [&](const std::string& name, bool answers) {
      zmq::socket_t socket(context, zmq::socket_type::router);
      socket.set(zmq::sockopt::linger, 1000);
      socket.set(zmq::sockopt::rcvtimeo, 30'000);
      socket.bind(endpoint);
      while (true) {
        zmq::message_t peer, frame;
        if (!socket.recv(peer) || !socket.recv(frame)) return;
        const auto message = wire::decode(frame.to_string_view());
        const auto* asked = std::get_if<wire::ListSweeps>(&*message);
        if (asked != nullptr && !answers) return;  // its connections end with it
        const wire::Message reply =
            asked != nullptr ? wire::Message(sweeps(asked->request, name)) : wire::Welcome{};
        (void)socket.send(peer, zmq::send_flags::sndmore);
        (void)socket.send(zmq::buffer(wire::encode(reply)));
        if (asked != nullptr) return;
      }
    };
    serve("first", false);
    serve("second", true);
  });
  auto client = Client::connect(endpoint, seconds(20));
  ASSERT_TRUE(client) << client.status().to_string();
  const auto reply = (*client)->request(wire::ListSweeps{}, seconds(30));
  broker.join();
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(reply) << reply.status().to_string();
  EXPECT_EQ(std::get<wire::Sweeps>(*reply).sweeps.at(0).name, "second");
}

TEST(ClientTest, ABrokerOfAnotherVersionIsUnsupported) {
  ScriptedBroker broker([](const wire::Message&) -> std::vector<wire::Message> {
    return {wire::Error{.request = 0,
                        .code = static_cast<std::int32_t>(Code::kUnsupported),
                        .message = "protocol 1 is too old",
                        .help = ""}};
  });
  auto client = Client::connect(broker.endpoint(), seconds(20));
  ASSERT_FALSE(client);
  EXPECT_EQ(client.status().code(), Code::kUnsupported);
}

TEST(ClientTest, NobodyThereNamesTheEndpointAndTheRemedy) {
  const auto client = Client::connect("ipc:///nonexistent/scopa.sock", milliseconds(30));
  ASSERT_FALSE(client);
  EXPECT_EQ(client.status().code(), Code::kUnavailable);
  EXPECT_THAT(client.status().message(), HasSubstr("ipc:///nonexistent/scopa.sock"));
  EXPECT_THAT(client.status().help(), HasSubstr("scopa broker"));
}

TEST(ClientTest, ASilentBrokerExceedsTheDeadline) {
  ScriptedBroker broker([](const wire::Message& m) -> std::vector<wire::Message> {
    if (is_hello(m)) return {wire::Welcome{}};
    return {};
  });
  auto client = Client::connect(broker.endpoint(), seconds(20));
  ASSERT_TRUE(client) << client.status().to_string();
  const auto reply = (*client)->request(wire::ListSweeps{}, milliseconds(20));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.status().code(), Code::kDeadlineExceeded);
}

TEST(ClientTest, WhatIsNoEndpointIsRefused) {
  for (const char* endpoint : {"", "localhost", "http://localhost:1", "tcp://"}) {
    const auto client = Client::connect(endpoint, milliseconds(20));
    ASSERT_FALSE(client) << endpoint;
    EXPECT_EQ(client.status().code(), Code::kInvalidArgument) << endpoint;
  }
}

}  // namespace
}  // namespace scopa::session
