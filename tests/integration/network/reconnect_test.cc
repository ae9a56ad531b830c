// Many workers that lose their broker in the same moment.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "sdk/session/dealer.h"
#include "sdk/session/session.h"
#include "tests/integration/network/network_fixture.h"

namespace scopa::test {
namespace {

constexpr std::size_t kWorkers = 100;

Instant monotonic_now() {
  return Instant(std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

/// A worker's session and socket, without trials.
struct Idle {
  std::unique_ptr<session::Dealer> dealer;
  std::unique_ptr<session::Session> session;
  session::Actions actions;
  std::uint64_t dials = 0;

  void step(Instant now) {
    while (const auto message = dealer->receive()) session->receive(*message, now, &actions);
    session->tick(now, &actions);
    for (const session::Action& action : actions) {
      if (const auto* send = std::get_if<session::Send>(&action)) dealer->send(send->message);
      if (!std::holds_alternative<session::Connect>(action)) continue;
      dealer->reconnect();
      ++dials;
    }
    actions.clear();
  }
};

TEST_F(NetworkTest, AHundredWorkersThatLoseTheirBrokerTogetherAllComeBackWithoutAStormOfDials) {
  create(1, 100'000, 10'000);
  const auto proxy = make_proxy();
  std::vector<Idle> workers(kWorkers);
  for (std::size_t i = 0; i < kWorkers; ++i) {
    auto dealer = session::Dealer::open(proxy->endpoint());
    ASSERT_TRUE(dealer) << dealer.status().to_string();
    workers[i].dealer = std::move(*dealer);
    session::SessionOptions options;
    options.endpoint = proxy->endpoint();
    options.worker = "storm-" + std::to_string(i);
    options.sweep = sweep;
    options.devices = {"cpu"};
    options.seed = i + 1;
    workers[i].session = std::make_unique<session::Session>(options, monotonic_now());
  }
  const auto turn = [&] {
    const Instant now = monotonic_now();
    std::size_t up = 0;
    for (Idle& worker : workers) {
      worker.step(now);
      up += worker.session->is_connected() ? 1 : 0;
    }
    workers.front().dealer->wait({}, 5ms);
    return up;
  };
  ASSERT_TRUE(eventually([&] { return turn() == kWorkers; }, 60s));
  for (Idle& worker : workers) worker.dials = 0;

  proxy->forget_connections();
  proxy->hold(true);
  const auto lost_at = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&] { return turn() == 0; }, 60s)) << "silence is noticed by all";
  // Until each has dialled in vain a few times.
  const auto dials = [&] {
    std::uint64_t all = 0;
    for (const Idle& worker : workers) all += worker.dials;
    return all;
  };
  ASSERT_TRUE(eventually([&] { return turn(), dials() >= 4 * kWorkers; }, 120s));
  const std::chrono::duration<double> away = std::chrono::steady_clock::now() - lost_at;
  // A dial waits a second for its answer, and longer each time.
  EXPECT_LE(static_cast<double>(dials()), (away.count() + 1) * kWorkers);
  proxy->hold(false);
  EXPECT_TRUE(eventually([&] { return turn() == kWorkers; }, 120s)) << "all come back";
}

}  // namespace
}  // namespace scopa::test
