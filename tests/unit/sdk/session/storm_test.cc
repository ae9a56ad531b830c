#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

TEST(StormTest, AHundredWorkersThatLoseTheirBrokerInTheSameInstantSpreadOut) {
  constexpr int kWorkers = 100;
  std::vector<int> dials_in(58);  // by second since the loss; an idle worker gives up after 60
  for (std::uint64_t worker = 0; worker < kWorkers; ++worker) {
    SessionOptions options = Harness::options(1, 0);
    options.seed = worker;
    Instant now = from_unix_us(0);
    Session session(options, now);
    Actions actions;
    session.tick(now, &actions);
    wire::Welcome welcome;
    welcome.version = 1;
    welcome.heartbeat_ms = 5000;
    session.receive(welcome, now, &actions);
    while (to_unix_us(now += 10ms) < 58'000'000) {
      actions.clear();
      session.tick(now, &actions);
      for (const Action& action : actions) {
        if (!std::holds_alternative<Connect>(action)) continue;
        ++dials_in[static_cast<std::size_t>(to_unix_us(now) / 1'000'000)];
      }
    }
  }
  EXPECT_EQ(dials_in[12], kWorkers) << "all notice the silence together";
  const auto later = dials_in.begin() + 30;
  EXPECT_LE(*std::max_element(later, dials_in.end()), kWorkers * 4 / 10);
  EXPECT_GE(std::count_if(later, dials_in.end(), [](int dials) { return dials > 0; }), 25);
}

}  // namespace
}  // namespace scopa::session
