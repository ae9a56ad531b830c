#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>
#include <zmq.hpp>

#include "broker/server/broker.h"
#include "sdk/session/client.h"
#include "sdk/session/curve.h"
#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"
#include "tests/support/temp_folder.h"

namespace scopa::server {

inline constexpr std::chrono::seconds kPatience{60};

inline const char* const kSpec = R"(
name: test
method: random
run_cap: 3
seed: 7
metric: {name: loss, goal: minimize}
parameters:
  x: {min: 0.0, max: 1.0}
)";

/// A broker in a thread of this process, on a port and a socket of its own.
class RunningBroker {
 public:
  explicit RunningBroker(const std::string& folder, BrokerOptions options = {}) {
    options.folder = folder;
    options.listen = {"tcp://127.0.0.1:*", "ipc://" + folder + "/broker.sock"};
    options.durability = store::Durability::kProcess;
    auto broker = Broker::open(std::move(options));
    EXPECT_TRUE(broker) << broker.status().to_string();
    broker_ = std::move(broker).value();
    thread_ = std::thread([this] { end_ = broker_->run(); });
  }
  ~RunningBroker() { (void)stop(); }

  Status stop() {
    broker_->stop();
    return wait();
  }
  /// Until run() has returned by itself.
  Status wait() {
    if (thread_.joinable()) thread_.join();
    return end_;
  }
  BrokerTotals totals() const { return broker_->totals(); }
  std::string tcp() const { return broker_->endpoints().at(0); }
  std::string ipc() const { return broker_->endpoints().at(1); }

  std::unique_ptr<session::Client> client() const {
    auto client = session::Client::connect(ipc(), kPatience);
    EXPECT_TRUE(client) << client.status().to_string();
    return std::move(client).value();
  }

 private:
  std::unique_ptr<Broker> broker_;
  Status end_;
  std::thread thread_;
};

/// A connection driven frame by frame.
class Peer {
 public:
  explicit Peer(const std::string& endpoint, const session::ClientKeysPtr& keys = nullptr) {
    socket_.set(zmq::sockopt::linger, 0);
    EXPECT_TRUE(session::use_keys(socket_.handle(), keys));
    socket_.connect(endpoint);
  }

  void send(const wire::Message& message) { send_raw({wire::encode(message)}); }
  void send_raw(const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const auto flags = i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
      ASSERT_TRUE(socket_.send(zmq::buffer(frames[i]), flags));
    }
  }
  /// The next message; nothing when none comes in time.
  std::optional<wire::Message> next() {
    zmq::message_t frame;
    socket_.set(zmq::sockopt::rcvtimeo,
                static_cast<int>(std::chrono::milliseconds(kPatience).count()));
    if (!socket_.recv(frame)) return {};
    auto message = wire::decode(frame.to_string_view());
    EXPECT_TRUE(message) << message.status().to_string();
    if (!message) return {};
    return std::move(*message);
  }
  /// The next message, which must be a T.
  template <class T>
  T expect() {
    const auto message = next();
    if (!message) {
      ADD_FAILURE() << "no " << T::kType << " came";
      return {};
    }
    if (const T* found = std::get_if<T>(&*message)) return *found;
    ADD_FAILURE() << "a " << wire::type_of(*message) << " came instead of " << T::kType;
    if (const auto* error = std::get_if<wire::Error>(&*message)) {
      ADD_FAILURE() << error->message;
    }
    return {};
  }
  /// What a broker that has ended had still sent.
  std::vector<wire::Message> rest() {
    std::vector<wire::Message> messages;
    socket_.set(zmq::sockopt::rcvtimeo, 100);
    for (zmq::message_t frame; socket_.recv(frame);) {
      auto message = wire::decode(frame.to_string_view());
      EXPECT_TRUE(message) << message.status().to_string();
      if (message) messages.push_back(std::move(*message));
    }
    return messages;
  }
  template <class T>
  T exchange(const wire::Message& message) {
    send(message);
    return expect<T>();
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::dealer};
};

/// A worker that has said hello.
class HandWorker : public Peer {
 public:
  HandWorker(const std::string& endpoint, const std::string& id,
             const session::ClientKeysPtr& keys = nullptr)
      : Peer(endpoint, keys) {
    wire::Hello hello;
    hello.role = "worker";
    hello.worker = id;
    welcome = exchange<wire::Welcome>(hello);
  }
  wire::Assign ask(const SweepId& sweep) {
    wire::Ask ask;
    ask.request = ++last_request_;
    ask.sweep = sweep;
    ask.device = "cpu";
    return exchange<wire::Assign>(ask);
  }
  static wire::Report report(const wire::Assign& trial, std::uint64_t from,
                             const std::vector<double>& values) {
    PointBlock block;
    block.metrics = {"loss"};
    for (std::size_t i = 0; i < values.size(); ++i) {
      block.metric.push_back(0);
      block.step.push_back(static_cast<std::int64_t>(from + i));
      block.value.push_back(values[i]);
      block.time_us.push_back(1'700'000'000'000'000);
    }
    wire::Report report;
    report.sweep = trial.sweep;
    report.trial = trial.trial;
    report.attempt = trial.attempt;
    report.from = from;
    report.to = from + values.size();
    wire::encode_points(block, &report.points);
    return report;
  }
  wire::Released release(const wire::Assign& trial, std::uint64_t to, std::int32_t exit_code = 0) {
    wire::Release release;
    release.sweep = trial.sweep;
    release.trial = trial.trial;
    release.attempt = trial.attempt;
    release.to = to;
    release.exit_code = exit_code;
    return exchange<wire::Released>(release);
  }

  wire::Welcome welcome;

 private:
  std::uint64_t last_request_ = 0;
};

/// The answer to a command-line request, which must be a T.
template <class T>
T answer(session::Client& client, wire::Message message) {
  auto reply = client.request(std::move(message), kPatience);
  EXPECT_TRUE(reply) << reply.status().to_string();
  if (!reply) return {};
  EXPECT_TRUE(std::holds_alternative<T>(*reply)) << wire::type_of(*reply);
  const T* found = std::get_if<T>(&*reply);
  return found ? *found : T{};
}

inline SweepId create_sweep(session::Client& client, const std::string& spec = kSpec) {
  wire::Create create;
  create.token = "token";
  create.file_name = "sweep.yaml";
  create.spec = spec;
  return answer<wire::Created>(client, create).sweep;
}

inline wire::SweepReply get_sweep(session::Client& client, const SweepId& sweep) {
  wire::GetSweep get;
  get.sweep = sweep;
  return answer<wire::SweepReply>(client, get);
}

inline wire::Trials list_trials(session::Client& client, const SweepId& sweep) {
  wire::ListTrials list;
  list.sweep = sweep;
  return answer<wire::Trials>(client, list);
}

inline wire::PointsReply get_points(session::Client& client, const SweepId& sweep,
                                    std::uint64_t trial) {
  wire::GetPoints get;
  get.sweep = sweep;
  get.trial = trial;
  return answer<wire::PointsReply>(client, get);
}

}  // namespace scopa::server
