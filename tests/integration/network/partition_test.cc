// Real workers and a real broker, whose network is taken away in all the ways in which that
// happens.

#include <algorithm>
#include <random>

#include "tests/integration/network/network_fixture.h"

namespace scopa::test {
namespace {

using Way = TcpProxy::Way;

std::size_t attempts_started(const StoredSweep& stored) {
  return static_cast<std::size_t>(
      std::count_if(stored.events.begin(), stored.events.end(), [](const core::Event& event) {
        return std::holds_alternative<core::AttemptStarted>(event.body);
      }));
}

TEST_F(NetworkTest, AWorkerCutOffForLongerThanItsLeaseLosesNothingAndBlocksNobody) {
  create(1, 100, 10'000);
  const auto proxy = make_proxy();
  Process cut_off = start_worker("cut-off", proxy->endpoint());
  ASSERT_TRUE(eventually([&] { return has_points(0); }, 60s)) << cut_off.err();
  proxy->hold(true);
  Process other = start_worker("other", endpoint());
  // It gets the trial when the lease is over, and the sweep ends without the one that is away.
  EXPECT_EQ(other.wait(120s), 0) << other.err();
  EXPECT_EQ(info().state, static_cast<std::uint8_t>(SweepState::kFinished));
  proxy->hold(false);
  EXPECT_EQ(cut_off.wait(120s), 0) << cut_off.err();
  const CrashEvidence evidence = expect_all_well(1);
  EXPECT_EQ(attempts_started(evidence.stored), 2u);
  // What the first one logged meanwhile is kept beside the curve, and not in it.
  EXPECT_GT(evidence.stored.attempts.at({0, 1}).points.size(), 0u);
  for (const auto& point : evidence.curves.at(0)) {
    if (point.metric == "attempt") {
      EXPECT_EQ(point.value, ledger_attempt(2, point.step));
    }
  }
}

TEST_F(NetworkTest, ATrialThatNobodyTookGoesOnUnderItsAttemptWhenItsWorkerIsBack) {
  create(1, 100, 10'000);
  const auto proxy = make_proxy();
  Process worker = start_worker("worker", proxy->endpoint());
  ASSERT_TRUE(eventually([&] { return has_points(0); }, 60s)) << worker.err();
  proxy->hold(true);
  EXPECT_TRUE(eventually([&] { return info().counts.queued == 1; }, 60s)) << "never given up";
  proxy->hold(false);
  EXPECT_EQ(worker.wait(120s), 0) << worker.err();
  const CrashEvidence evidence = expect_all_well(1);
  EXPECT_EQ(attempts_started(evidence.stored), 1u);
}

TEST_F(NetworkTest, AWorkerThatIsNotHeardAnyMoreIsGivenUpAndComesBack) {
  create(4, 60, 10'000);
  const auto proxy = make_proxy();
  Process worker = start_worker("worker", proxy->endpoint(), 2);
  ASSERT_TRUE(eventually([&] { return has_points(0); }, 60s)) << worker.err();
  proxy->hold(Way::kUp, true);
  EXPECT_TRUE(eventually([&] { return info().counts.queued > 0; }, 60s)) << "never given up";
  proxy->hold(Way::kUp, false);
  EXPECT_EQ(worker.wait(120s), 0) << worker.err();
  (void)expect_all_well(4);
}

TEST_F(NetworkTest, AWorkerThatHearsNothingDialsAnewWhileItsTrialsAreItsOwn) {
  create(4, 150, 10'000);
  const auto proxy = make_proxy();
  Process worker = start_worker("worker", proxy->endpoint(), 2);
  ASSERT_TRUE(eventually([&] { return has_points(0); }, 60s)) << worker.err();
  const std::uint64_t before = proxy->accepted();
  proxy->hold(Way::kDown, true);
  // The worker's own connection; its command line has another one, which may be dialled anew, too.
  EXPECT_TRUE(eventually([&] { return proxy->accepted() >= before + 2; }, 60s));
  proxy->hold(Way::kDown, false);
  EXPECT_EQ(worker.wait(120s), 0) << worker.err();
  (void)expect_all_well(4);
}

TEST_F(NetworkTest, AHalfOpenConnectionIsNoticedByItsWorkerAndDialledAnew) {
  create(1, 300, 10'000);
  const auto proxy = make_proxy();
  Process worker = start_worker("worker", proxy->endpoint());
  ASSERT_TRUE(eventually([&] { return has_points(0); }, 60s)) << worker.err();
  const std::uint64_t before = proxy->accepted();
  proxy->forget_connections();
  // Two heartbeats and two seconds, which is 2.5 s here; a loaded machine may take longer.
  EXPECT_TRUE(eventually([&] { return proxy->accepted() > before; }, 60s));
  EXPECT_EQ(worker.wait(120s), 0) << worker.err();
  (void)expect_all_well(1);
}

TEST_F(NetworkTest, ConnectionsCutInTheMiddleOfFramesLoseAndDoubleNothing) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("SCOPA_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  create(12, 40, 10'000);
  const auto proxy = make_proxy();
  Process worker = start_worker("worker", proxy->endpoint(), 2);
  int cuts = 0;
  while (!worker.wait(0ms) && cuts < 200) {
    const std::uint64_t before = proxy->accepted();
    proxy->cut_after(random() % 4 == 0 ? Way::kDown : Way::kUp, 1 + random() % 3000);
    cuts += eventually([&] { return proxy->accepted() > before || worker.wait(0ms); }, 60s) ? 1 : 0;
  }
  EXPECT_EQ(worker.wait(120s), 0) << worker.err();
  EXPECT_GE(cuts, 5);
  (void)expect_all_well(12);
}

TEST_F(NetworkTest, ASlowLineWithDelayDeliversEverythingOnce) {
  create(4, 60, 5'000);
  const auto proxy = make_proxy();
  proxy->slow_down(60ms, 40'000);
  Process worker = start_worker("worker", proxy->endpoint(), 2);
  EXPECT_EQ(worker.wait(120s), 0) << worker.err();
  (void)expect_all_well(4);
}

TEST_F(NetworkTest, ACommandLineWhoseConnectionIsDeadAsksAgainOnANewOne) {
  create(1, 1, 1);
  const auto proxy = make_proxy();
  auto client = session::Client::connect(proxy->endpoint(), 60s);
  ASSERT_TRUE(client) << client.status().to_string();
  ASSERT_TRUE((*client)->request(wire::ListSweeps{}, 60s));
  proxy->forget_connections();
  const auto lost = (*client)->request(wire::ListSweeps{}, 300ms);
  EXPECT_EQ(lost.status().code(), Code::kDeadlineExceeded);
  const auto again = (*client)->request(wire::ListSweeps{}, 60s);
  EXPECT_TRUE(again) << again.status().to_string();
}

}  // namespace
}  // namespace scopa::test
