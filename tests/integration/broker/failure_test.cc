#include <unistd.h>

#include "broker_fixture.h"
#include "tests/unit/broker/store/self_process.h"

namespace scopa::server {
namespace {

/// What a client can see of a sweep.
struct Seen {
  wire::SweepReply sweep;
  wire::Trials trials;
  std::vector<wire::PointsReply> points;
  bool operator==(const Seen&) const = default;
};

Seen look(session::Client& client, const SweepId& id) {
  Seen seen{get_sweep(client, id), list_trials(client, id), {}};
  for (const wire::TrialInfo& trial : seen.trials.trials) {
    seen.points.push_back(get_points(client, id, trial.trial));
    seen.points.back().request = 0;
  }
  seen.sweep.request = seen.trials.request = 0;
  seen.sweep.sweep.workers = 0;  // who is connected is no state
  return seen;
}

std::string kill_endpoint(const std::string& folder) { return "ipc://" + folder + "/kill.sock"; }

/// Serves until it is killed.
[[noreturn]] void be_the_victim(const std::string& folder) {
  BrokerOptions options;
  options.folder = folder;
  options.listen = {kill_endpoint(folder)};
  auto broker = Broker::open(options);
  if (!broker) _exit(1);
  _exit((*broker)->run() ? 0 : 2);
}

TEST(BrokerFailureTest, AfterKill9TheStateIsWhatClientsHadSeen) {
  if (const char* argument = SelfProcess::self_argument()) be_the_victim(argument);
  const TempFolder folder;
  SelfProcess process(folder.path());
  const std::string endpoint = kill_endpoint(folder.path());
  Seen before;
  SweepId sweep;
  {
    auto client = session::Client::connect(endpoint, kPatience);
    ASSERT_TRUE(client) << client.status().to_string();
    sweep = create_sweep(**client);
    HandWorker worker(endpoint, "w1");
    const wire::Assign first = worker.ask(sweep);
    (void)worker.exchange<wire::Ack>(worker.report(first, 0, {3, 2, 1}));
    (void)worker.release(first, 3);
    const wire::Assign second = worker.ask(sweep);
    (void)worker.exchange<wire::Ack>(worker.report(second, 0, {5}));
    (void)worker.release(second, 1, 1);
    const wire::Assign third = worker.ask(sweep);
    (void)worker.exchange<wire::Ack>(worker.report(third, 0, {0.5, 0.25}));
    before = look(**client, sweep);
    process.kill_and_wait();
  }
  const RunningBroker again(folder.path());
  Seen after = look(*again.client(), sweep);
  // The third trial runs on while the broker is away: these are what has passed until the look.
  EXPECT_GT(after.sweep.sweep.wall_us, before.sweep.sweep.wall_us);
  EXPECT_GT(after.sweep.sweep.device_us, before.sweep.sweep.device_us);
  after.sweep.sweep.wall_us = before.sweep.sweep.wall_us;
  after.sweep.sweep.device_us = before.sweep.sweep.device_us;
  ASSERT_EQ(after.trials.trials.size(), 3u);
  EXPECT_GT(after.trials.trials[2].running_us, before.trials.trials.at(2).running_us);
  after.trials.trials[2].running_us = before.trials.trials[2].running_us;
  EXPECT_EQ(after.sweep, before.sweep);
  EXPECT_EQ(after.trials, before.trials);
  EXPECT_EQ(after.points, before.points);
  EXPECT_EQ(before.points.size(), 3u);
}

}  // namespace
}  // namespace scopa::server
