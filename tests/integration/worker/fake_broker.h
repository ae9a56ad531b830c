#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sdk/wire/messages.h"

namespace scopa::worker {

/// What a broker must know of one trial, kept over its restarts.
struct FakeTrial {
  std::vector<double> values;
  std::vector<std::int64_t> steps;
  std::uint64_t applied = 0;
  std::uint64_t refused_gaps = 0;
  std::optional<wire::Release> released;
};

/// A ROUTER that speaks the protocol, in a thread: hands out trials in order, applies reports,
/// answers releases. What it has acknowledged outlives stop() and start(), like a store.
class FakeBroker {
 public:
  /// `endpoint` e.g. "ipc:///tmp/x/broker".
  FakeBroker(std::string endpoint, std::vector<wire::Assign> trials);
  ~FakeBroker();
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  void start();
  void stop();

  /// The reason to stop a trial for, asked after each report; kNone: go on.
  std::function<StopReason(std::uint64_t trial, const FakeTrial&)> judge;
  /// Why a worker gets nothing more once the trials are handed out; empty: there is no more.
  std::string quarantine;
  /// On what the last trial that was asked for would run.
  std::string device() const;
  /// Once the trials are handed out: whether it lets workers wait for more.
  bool patient = false;
  /// A copy of what is known now.
  std::map<std::uint64_t, FakeTrial> trials() const;
  /// Blocks until `condition` holds; false when it does not within a minute.
  bool wait_until(const std::function<bool(const std::map<std::uint64_t, FakeTrial>&)>& condition);

 private:
  void serve();
  std::vector<wire::Message> answer(const std::string& peer, const wire::Message& message);
  std::vector<wire::Message> apply(const wire::Report& report);

  std::string endpoint_;
  std::atomic<bool> running_{false};
  std::thread thread_;
  std::map<std::string, bool> known_;  // by the thread alone
  mutable std::mutex mutex_;
  std::vector<wire::Assign> queue_;  // guarded by mutex_, as are all below
  std::map<std::uint64_t, wire::Assign> by_request_;
  std::map<std::uint64_t, FakeTrial> trials_;
  std::size_t next_ = 0;
  std::string device_;
};

}  // namespace scopa::worker
