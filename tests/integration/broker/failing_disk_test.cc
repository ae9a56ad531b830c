// A broker, with all its threads and RocksDB, on a disk that fails and works again.
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>

#include "broker/store/log_store.h"
#include "broker/store/rocks_engine.h"
#include "broker/store/verify.h"
#include "broker_fixture.h"
#include "tests/support/failing_file_system.h"

namespace scopa::server {
namespace {

using store::FailingFileSystem;
using ::testing::HasSubstr;
using Fault = FailingFileSystem::Fault;
using namespace std::chrono_literals;

/// A broker whose every byte goes to a disk that fails on demand.
BrokerOptions on_disk(const std::string& folder, const std::shared_ptr<FailingFileSystem>& disk) {
  BrokerOptions options;
  options.open_store = [folder, disk]() -> Result<std::unique_ptr<store::Store>> {
    SCOPA_ASSIGN_OR_RETURN(std::unique_ptr<store::Engine> engine,
                           store::RocksEngine::open({.folder = folder, .file_system = disk}));
    return store::LogStore::open(std::move(engine), store::Durability::kPower, 1);
  };
  return options;
}

bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

class FailingDiskTest : public testing::Test {
 protected:
  wire::BrokerInfo about() { return answer<wire::BrokerInfo>(*client_, wire::GetBroker{}); }
  bool is_troubled() { return !about().trouble.empty(); }
  Code code_of(const wire::Message& request) {
    return client_->request(request, kPatience).status().code();
  }
  /// The reply that is not a demand for a hello.
  static wire::Message reply_to(HandWorker& worker, const wire::Message& message) {
    worker.send(message);
    auto reply = worker.next();
    const auto* error = reply ? std::get_if<wire::Error>(&*reply) : nullptr;
    if (error != nullptr && error->code == static_cast<std::int32_t>(Code::kHelloRequired)) {
      wire::Hello hello;
      hello.role = "worker";
      hello.worker = "w1";
      (void)worker.exchange<wire::Welcome>(hello);
      worker.send(message);
      reply = worker.next();
    }
    return reply.value_or(wire::Message{});
  }
  static Code refusal_of(HandWorker& worker, const wire::Message& message) {
    const wire::Message reply = reply_to(worker, message);
    const auto* error = std::get_if<wire::Error>(&reply);
    EXPECT_NE(error, nullptr) << wire::type_of(reply) << " came";
    return error == nullptr ? Code::kOk : static_cast<Code>(error->code);
  }

  const TempFolder folder_;
  const std::shared_ptr<FailingFileSystem> disk_ = std::make_shared<FailingFileSystem>();
  std::optional<RunningBroker> broker_;
  std::unique_ptr<session::Client> client_;

  void start(std::chrono::milliseconds lease = 30s) {
    BrokerOptions options = on_disk(folder_.path(), disk_);
    options.lease = lease;
    broker_.emplace(folder_.path(), options);
    client_ = broker_->client();
  }
};

TEST_F(FailingDiskTest, WhileItIsFullNothingIsAcknowledgedAndQuestionsAreAnswered) {
  start();
  const SweepId sweep = create_sweep(*client_);
  HandWorker worker(broker_->tcp(), "w1");
  const wire::Assign trial = worker.ask(sweep);
  (void)worker.exchange<wire::Ack>(worker.report(trial, 0, {3, 2, 1}));
  EXPECT_EQ(about().trouble, "");

  disk_->set_fault(Fault::kFull);
  EXPECT_EQ(refusal_of(worker, worker.report(trial, 3, {0.5})), Code::kUnavailable);
  wire::Create create;
  create.token = "another";
  create.spec = kSpec;
  const auto refused = client_->request(create, kPatience);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.status().code(), Code::kUnavailable);
  EXPECT_THAT(refused.status().message(), HasSubstr("cannot write to its store"));
  EXPECT_THAT(refused.status().help(), HasSubstr("tries again by itself"));

  EXPECT_EQ(answer<wire::Sweeps>(*client_, wire::ListSweeps{}).sweeps.size(), 1U);
  EXPECT_EQ(get_sweep(*client_, sweep).sweep.counts.running, 1U);
  EXPECT_EQ(list_trials(*client_, sweep).trials.at(0).value, 1) << "the last that is durable";
  EXPECT_EQ(get_points(*client_, sweep, 0).blocks.size(), 1U);
  const wire::BrokerInfo troubled = about();
  EXPECT_THAT(troubled.trouble, HasSubstr("64 MiB are needed"));
  EXPECT_GT(troubled.trouble_us, 0);
  // Again, now that the core is another.
  EXPECT_EQ(refusal_of(worker, worker.report(trial, 3, {0.5})), Code::kUnavailable);
  EXPECT_EQ(code_of(create), Code::kUnavailable);

  disk_->set_fault(Fault::kNone);
  ASSERT_TRUE(eventually([&] { return !is_troubled(); }));
  const wire::Message acknowledged = reply_to(worker, worker.report(trial, 3, {0.5}));
  ASSERT_TRUE(std::holds_alternative<wire::Ack>(acknowledged)) << wire::type_of(acknowledged);
  EXPECT_EQ(std::get<wire::Ack>(acknowledged).to, 4U);
  EXPECT_EQ(list_trials(*client_, sweep).trials.at(0).value, 0.5);
  EXPECT_EQ(code_of(create), Code::kOk);
}

TEST_F(FailingDiskTest, WhatMakesASweepBeReadAgainCanBeRefusedToo) {
  start();
  const SweepId sweep = create_sweep(*client_);
  HandWorker worker(broker_->tcp(), "w1");
  const wire::Assign trial = worker.ask(sweep);
  (void)worker.exchange<wire::Ack>(worker.report(trial, 0, {3, 2, 1}));
  wire::Release release;
  release.sweep = sweep;
  release.attempt = trial.attempt;
  release.to = 3;
  (void)worker.exchange<wire::Released>(release);
  wire::Edit edit;
  edit.sweep = sweep;
  edit.spec = std::string(kSpec) + "grace: 5s\n";
  wire::Remove remove;
  remove.sweep = sweep;
  remove.trials = {0};
  for (const wire::Message& request : {wire::Message(edit), wire::Message(remove)}) {
    disk_->set_fault(Fault::kFull);
    EXPECT_EQ(code_of(request), Code::kUnavailable) << wire::type_of(request);
    EXPECT_EQ(list_trials(*client_, sweep).trials.at(0).value, 1);
    EXPECT_EQ(get_points(*client_, sweep, 0).blocks.size(), 1U);
    disk_->set_fault(Fault::kNone);
    ASSERT_TRUE(eventually([&] { return !is_troubled(); }));
    EXPECT_EQ(code_of(request), Code::kOk) << wire::type_of(request);
  }
  EXPECT_TRUE(list_trials(*client_, sweep).trials.at(0).removed);
  EXPECT_TRUE(get_points(*client_, sweep, 0).blocks.empty());
}

TEST_F(FailingDiskTest, NoLeaseEndsWhileTheDiskFails) {
  constexpr auto kShortLease = 300ms;
  start(kShortLease);
  const SweepId sweep = create_sweep(*client_);
  HandWorker worker(broker_->tcp(), "w1");
  const wire::Assign trial = worker.ask(sweep);
  disk_->set_fault(Fault::kSync);
  EXPECT_EQ(refusal_of(worker, worker.report(trial, 0, {1})), Code::kUnavailable);
  // Long after it would have been lost: to a suspect's grace a second lease.
  const auto until = std::chrono::steady_clock::now() + 4 * kShortLease;
  wire::Heartbeat heartbeat;
  heartbeat.running = {wire::attempt_of(trial)};
  while (std::chrono::steady_clock::now() < until) {
    (void)worker.exchange<wire::HeartbeatReply>(heartbeat);
    std::this_thread::sleep_for(10ms);
  }
  disk_->set_fault(Fault::kNone);
  // As often as a worker does it, or the lease ends when the broker is back.
  ASSERT_TRUE(eventually([&] {
    return std::holds_alternative<wire::Ack>(reply_to(worker, worker.report(trial, 0, {1})));
  }));
  const wire::TrialInfo info = list_trials(*client_, sweep).trials.at(0);
  ASSERT_EQ(info.attempts.size(), 1U);
  EXPECT_EQ(info.state, static_cast<std::uint8_t>(TrialState::kRunning));
}

TEST_F(FailingDiskTest, ABrokerThatEndsWhileTheDiskFailsEndsInOrder) {
  start();
  const SweepId sweep = create_sweep(*client_);
  disk_->set_fault(Fault::kWrite);
  wire::Control pause;
  pause.sweep = sweep;
  EXPECT_EQ(code_of(pause), Code::kUnavailable);
  EXPECT_TRUE(broker_->stop());
  broker_.reset();
  disk_->set_fault(Fault::kNone);
  start();
  EXPECT_EQ(get_sweep(*client_, sweep).sweep.state,
            static_cast<std::uint8_t>(SweepState::kRunning));
}

/// A worker that keeps reporting whatever the broker says, and writes down what was acknowledged.
class LoadWorker {
 public:
  LoadWorker(const std::string& endpoint, std::string id, SweepId sweep)
      : endpoint_(endpoint),
        id_(std::move(id)),
        sweep_(std::move(sweep)),
        thread_([this] { run(); }) {}
  ~LoadWorker() { stop(); }
  void stop() {
    ended_ = true;
    if (thread_.joinable()) thread_.join();
  }
  /// Of the attempts it had: how many points were acknowledged, and whether its end was.
  struct Promised {
    std::uint64_t points = 0;
    bool released = false;
  };
  std::map<wire::AttemptRef, Promised> promised() const { return promised_; }
  std::uint64_t acknowledged() const { return acknowledged_; }

 private:
  void run() {
    HandWorker worker(endpoint_, id_);
    while (!ended_) {
      wire::Ask ask;
      ask.request = ++requests_;
      ask.sweep = sweep_;
      ask.device = "cpu";
      const auto assigned = until_done<wire::Assign>(worker, ask);
      if (!assigned) return;
      Promised& promise = promised_[wire::attempt_of(*assigned)];
      for (int i = 0; i < 20 && !ended_; ++i) {
        const auto report = HandWorker::report(*assigned, promise.points, {1.0 / (i + 1), 0.5});
        const auto ack = until_done<wire::Ack>(worker, report);
        if (!ack) return;
        promise.points = ack->to;
        ++acknowledged_;
      }
      wire::Release release;
      release.sweep = assigned->sweep;
      release.trial = assigned->trial;
      release.attempt = assigned->attempt;
      release.to = promise.points;
      if (!until_done<wire::Released>(worker, release)) return;
      promise.released = true;
    }
  }

  /// Sends it until it is answered with a T; nothing when told to stop before.
  template <class T>
  std::optional<T> until_done(HandWorker& worker, const wire::Message& message) {
    while (!ended_) {
      worker.send(message);
      const auto reply = worker.next();
      if (!reply) return {};
      if (const T* done = std::get_if<T>(&*reply)) return *done;
      const auto* error = std::get_if<wire::Error>(&*reply);
      if (error != nullptr && error->code == static_cast<std::int32_t>(Code::kHelloRequired)) {
        wire::Hello hello;
        hello.role = "worker";
        hello.worker = id_;
        (void)worker.exchange<wire::Welcome>(hello);
        continue;
      }
      std::this_thread::sleep_for(5ms);
    }
    return {};
  }

  const std::string endpoint_, id_;
  const SweepId sweep_;
  std::uint64_t requests_ = 0;
  std::map<wire::AttemptRef, Promised> promised_;
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<bool> ended_{false};
  std::thread thread_;  // last: it uses the others
};

TEST_F(FailingDiskTest, UnderLoadNothingAcknowledgedIsLostNotEvenWithThePower) {
  start();
  const SweepId sweep = create_sweep(
      *client_, "method: random\nmetric: {name: loss}\nparameters: {x: {min: 0.0, max: 1.0}}\n");
  std::vector<std::unique_ptr<LoadWorker>> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(std::make_unique<LoadWorker>(broker_->ipc(), "w" + std::to_string(i), sweep));
  }
  const auto acknowledged = [&] {
    std::uint64_t sum = 0;
    for (const auto& each : workers) sum += each->acknowledged();
    return sum;
  };
  disk_->set_sync_time(1ms);
  for (const Fault fault : {Fault::kSync, Fault::kFull, Fault::kWrite}) {
    const std::uint64_t before = acknowledged();
    ASSERT_TRUE(eventually([&] { return acknowledged() > before + 50; }));
    disk_->set_fault(fault);
    ASSERT_TRUE(eventually([&] { return is_troubled(); }));
    const std::uint64_t while_failing = acknowledged();
    EXPECT_GE(get_sweep(*client_, sweep).sweep.counts.total(), 1U);
    EXPECT_LE(acknowledged(), while_failing + workers.size()) << "answers on their way";
    disk_->set_fault(Fault::kNone);
    ASSERT_TRUE(eventually([&] { return !is_troubled(); }));
  }
  const std::uint64_t before = acknowledged();
  ASSERT_TRUE(eventually([&] { return acknowledged() > before + 50; }));
  for (const auto& each : workers) each->stop();
  client_.reset();
  broker_.reset();

  (void)disk_->lose_power(7);
  const auto verified = store::verify_folder(folder_.path());
  ASSERT_TRUE(verified) << verified.status().to_string();
  for (const auto& problem : verified->problems) ADD_FAILURE() << problem.text;
  const auto stored = store::Store::open(folder_.path(), store::OpenMode::kReadOnly);
  ASSERT_TRUE(stored) << stored.status().to_string();
  std::map<wire::AttemptRef, bool> ended;
  ASSERT_TRUE((*stored)->each_event([&](const core::Event& event) {
    if (const auto* e = std::get_if<core::AttemptEnded>(&event.body)) {
      ended[{event.sweep, e->trial, e->attempt}] = true;
    }
    return Status::ok();
  }));
  std::size_t attempts = 0;
  for (const auto& each : workers) {
    for (const auto& [attempt, promised] : each->promised()) {
      ++attempts;
      const auto points = (*stored)->progress(attempt);
      ASSERT_TRUE(points);
      EXPECT_GE(*points, promised.points) << "trial " << attempt.trial;
      EXPECT_TRUE(ended[attempt] || !promised.released) << "trial " << attempt.trial;
    }
  }
  EXPECT_GT(attempts, 4U);
}

}  // namespace
}  // namespace scopa::server
