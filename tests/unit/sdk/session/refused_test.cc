// A worker whose key the broker does not take, or no longer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Status kWhy(Code::kDenied, "the broker does not know the key `lab`", "ask");

TEST(RefusedTest, AWorkerThatWasNeverLetInSaysWhyAtOnce) {
  Harness h;
  h.tick();
  h.session.refused(kWhy, h.now, &h.actions);
  EXPECT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kDenied);
  EXPECT_THAT(h.session.status().message(), HasSubstr("the key `lab`"));
}

TEST(RefusedTest, AHelloThatIsDeniedEndsTheWorkerAtOnce) {
  Harness h;
  h.tick();
  h.receive(Harness::error(Code::kDenied));
  EXPECT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kDenied);
}

TEST(RefusedTest, ARevokedKeyIsToldOnceAndTrialsGoOnForAMinute) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  (void)h.take<Tell>();
  for (int i = 0; i < 5; ++i) {
    h.session.refused(kWhy, h.now, &h.actions);
    h.pass(10s);
  }
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  std::size_t told = 0;
  for (const Tell& line : h.take<Tell>()) told += line.text.find("`lab`") != std::string::npos;
  EXPECT_EQ(told, 1U);
  h.pass(11s);
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
  h.end(0);
  h.pass(limits::kPatienceStopped + 1s);
  EXPECT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kDenied);
}

TEST(RefusedTest, AMessageThatIsDeniedCountsAsARefusal) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  for (int i = 0; i < 14; ++i) {
    h.receive(Harness::error(Code::kDenied));
    h.pass(5s);
  }
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
}

TEST(RefusedTest, AKeyThatIsTakenAgainInTimeCostsNothing) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  h.session.refused(kWhy, h.now, &h.actions);
  h.pass(40s);
  h.connect("b1");
  h.receive(Harness::ack(0, 10));
  h.pass(50s);
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  EXPECT_FALSE(h.session.done());
}

}  // namespace
}  // namespace scopa::session
