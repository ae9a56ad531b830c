#include "broker/server/broker.h"

#include <csignal>
#include <fstream>
#include <set>

#include "broker_fixture.h"

namespace scopa::server {
namespace {

using ::testing::HasSubstr;

TEST(BrokerTest, ATrialGoesFromCreationToResult) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client);
  HandWorker worker(broker.tcp(), "w1");
  EXPECT_GT(worker.welcome.heartbeat_ms, 0);

  const wire::Assign trial = worker.ask(sweep);
  EXPECT_EQ(trial.sweep, sweep);
  EXPECT_EQ(trial.attempt, 1u);
  ASSERT_EQ(trial.params.size(), 1u);
  EXPECT_EQ(trial.params[0].name, "x");

  EXPECT_EQ(worker.exchange<wire::Ack>(worker.report(trial, 0, {0.5, 0.25})).to, 2u);
  EXPECT_EQ(worker.exchange<wire::Ack>(worker.report(trial, 0, {0.5, 0.25})).to, 2u)
      << "a duplicate is acknowledged again";
  EXPECT_EQ(worker.exchange<wire::Ack>(worker.report(trial, 3, {9})).to, 2u) << "a gap is not";
  EXPECT_EQ(worker.exchange<wire::Ack>(worker.report(trial, 2, {0.125})).to, 3u);
  EXPECT_EQ(worker.release(trial, 3).state, static_cast<std::uint8_t>(TrialState::kCompleted));

  const wire::Trials trials = list_trials(*client, sweep);
  ASSERT_EQ(trials.trials.size(), 1u);
  EXPECT_EQ(trials.trials[0].value, 0.125);
  EXPECT_EQ(trials.trials[0].attempts.at(0).points, 3u);
  EXPECT_EQ(get_sweep(*client, "@last").sweep.counts.completed, 1u);
}

TEST(BrokerTest, PointsComeBackAsTheyWereReported) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  HandWorker worker(broker.ipc(), "w1");
  const wire::Assign trial = worker.ask(create_sweep(*client));
  const wire::Report first = worker.report(trial, 0, {3, 2});
  const wire::Report second = worker.report(trial, 2, {1});
  (void)worker.exchange<wire::Ack>(first);
  (void)worker.exchange<wire::Ack>(second);
  const wire::PointsReply reply = get_points(*client, trial.sweep, trial.trial);
  EXPECT_THAT(reply.blocks, ::testing::ElementsAre(first.points, second.points));
  EXPECT_EQ(reply.next_offset, 0u);
  EXPECT_EQ(reply.attempt, 1u);
}

TEST(BrokerTest, ManyAsksAtOnceGetDistinctTrials) {
  constexpr int kAsks = 50;
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  std::string spec = kSpec;
  spec.replace(spec.find("run_cap: 3"), 10, "run_cap: 50");
  wire::Ask ask;
  ask.sweep = create_sweep(*client, spec);
  HandWorker worker(broker.tcp(), "w1");
  for (int i = 0; i < kAsks; ++i) {
    ask.request = static_cast<std::uint64_t>(1 + i);
    worker.send(ask);
  }
  std::set<std::uint64_t> trials;
  for (int i = 0; i < kAsks; ++i) trials.insert(worker.expect<wire::Assign>().trial);
  EXPECT_EQ(trials.size(), static_cast<std::size_t>(kAsks));
  EXPECT_EQ(*trials.rbegin(), static_cast<std::uint64_t>(kAsks - 1));
  ask.request = kAsks + 1;
  worker.send(ask);
  EXPECT_THAT(worker.expect<wire::NoWork>().reason, HasSubstr("50"));
}

TEST(BrokerTest, CancellingStopsTheWorkersTrial) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  HandWorker worker(broker.tcp(), "w1");
  const wire::Assign trial = worker.ask(create_sweep(*client));
  wire::Control control;
  control.sweep = trial.sweep;
  control.action = static_cast<std::uint8_t>(wire::Action::kCancel);
  (void)answer<wire::Done>(*client, control);
  const auto stop = worker.expect<wire::Stop>();
  EXPECT_EQ(stop.trial, trial.trial);
  EXPECT_EQ(stop.reason, static_cast<std::uint8_t>(StopReason::kCancelled));
}

TEST(BrokerTest, AnExpiredLeaseFencesItsWorker) {
  const TempFolder folder;
  BrokerOptions options;
  options.lease = std::chrono::milliseconds(30);
  const RunningBroker broker(folder.path(), options);
  const auto client = broker.client();
  HandWorker silent(broker.tcp(), "silent");
  const wire::Assign first = silent.ask(create_sweep(*client));
  // The trial comes back to the queue by itself, and this ask waits for it or gets another.
  HandWorker other(broker.tcp(), "other");
  while (list_trials(*client, first.sweep).trials.at(0).attempts.at(0).ended.empty()) {
    (void)get_sweep(*client, first.sweep);
  }
  const wire::Assign again = other.ask(first.sweep);
  EXPECT_EQ(again.trial, first.trial);
  EXPECT_EQ(again.attempt, 2u);
  EXPECT_EQ(silent.exchange<wire::Ack>(silent.report(first, 0, {1})).to, 1u) << "kept as extra";
  const auto stop = silent.expect<wire::Stop>();
  EXPECT_EQ(stop.reason, static_cast<std::uint8_t>(StopReason::kFenced));
}

TEST(BrokerTest, TheEndpointFileTellsWhereItListens) {
  const TempFolder folder;
  RunningBroker broker(folder.path());
  std::string tcp, ipc;
  {
    std::ifstream file(folder / "endpoint");
    std::getline(file, tcp);
    std::getline(file, ipc);
  }
  EXPECT_EQ(tcp, broker.tcp());
  EXPECT_EQ(ipc, broker.ipc());
  EXPECT_TRUE(session::Client::connect(tcp, kPatience));
  EXPECT_TRUE(broker.stop());
  EXPECT_FALSE(std::filesystem::exists(folder / "endpoint"));
}

TEST(BrokerTest, TheNextBrokerGoesOnWhereTheLastOneStood) {
  const TempFolder folder;
  SweepId sweep;
  {
    const RunningBroker broker(folder.path());
    const auto client = broker.client();
    sweep = create_sweep(*client);
    HandWorker worker(broker.tcp(), "w1");
    const wire::Assign trial = worker.ask(sweep);
    (void)worker.exchange<wire::Ack>(worker.report(trial, 0, {1}));
    (void)worker.release(trial, 1);
  }
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  EXPECT_EQ(create_sweep(*client), sweep) << "the same token, the same sweep";
  HandWorker worker(broker.tcp(), "w1");
  EXPECT_EQ(worker.ask(sweep).trial, 1u);
}

TEST(BrokerTest, AConnectionThatTheNewBrokerDoesNotKnowMustSayHello) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  Peer peer(broker.tcp());
  wire::ListSweeps list;
  list.request = 9;
  const auto error = peer.exchange<wire::Error>(list);
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kHelloRequired));
  EXPECT_EQ(error.request, 9u);
}

TEST(BrokerTest, SigtermEndsItInOrder) {
  const TempFolder folder;
  RunningBroker broker(folder.path(), {.handle_signals = true});
  (void)create_sweep(*broker.client());
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  EXPECT_TRUE(broker.wait());
}

TEST(BrokerTest, StoppingFromAnotherThreadEndsRun) {
  const TempFolder folder;
  RunningBroker broker(folder.path());
  EXPECT_TRUE(broker.stop());
}

}  // namespace
}  // namespace scopa::server
