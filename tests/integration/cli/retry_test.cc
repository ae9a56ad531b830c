#include <gmock/gmock.h>

#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class CliRetryTest : public CliTest {
 protected:
  /// Succeeds when the file `fixed` is there.
  void write_broken_trainer() {
    write_trainer(
        "if [ ! -e fixed ]; then echo loading >&2; echo 'no data set' >&2; exit 3; fi\n"
        "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n");
  }
  void fix() { write_file(folder_ / "fixed", ""); }
};

TEST_F(CliRetryTest, FailedTrialsAreTriedAgainAfterTheTrainerHasBeenFixed) {
  write_broken_trainer();
  write_sweep(3);
  scopa({"run", "sweep.yaml"});
  EXPECT_EQ(state("@last"), "paused") << "three of three have failed";
  const Finished status = scopa({"status"});
  EXPECT_THAT(status.out, HasSubstr("3 user_error: no data set"));
  EXPECT_EQ(json({"status"})["failures"][0]["count"], 3);
  const Finished shown = scopa({"show", "@last/1"});
  EXPECT_THAT(shown.out, AllOf(HasSubstr("user_error; not tried again: `retries` is 0"),
                               HasSubstr("no data set")));
  EXPECT_THAT(lines_of(scopa({"trials", "--failed"}).out), SizeIs(4)) << "with the header";
  EXPECT_THAT(json({"trials", "--cause", "oom"})["trials"], SizeIs(0));
  EXPECT_THAT(json({"trials", "--cause", "user_error"})["trials"], SizeIs(3));

  const auto dry = json({"retry", "@last", "--dry-run"});
  EXPECT_EQ(dry["causes"]["user_error"], 3);
  EXPECT_EQ(counts("@last")["failed"], 3);
  const Finished one = scopa({"retry", "@last", "1"});
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("/1\tuser_error\n"));
  EXPECT_THAT(one.err, HasSubstr("the sweep is paused"));
  EXPECT_THAT(scopa({"retry", "@last"}).err, HasSubstr("2 trials back in the queue: 2 user_error"));
  EXPECT_THAT(scopa({"retry", "@last", "--cause", "node"}).err, HasSubstr("nothing to retry"));
  fix();
  const auto done = scopa({"run", "--resume", "@last"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(counts("@last")["completed"], 3);
  EXPECT_THAT(json({"show", "@last/1"})["trial"]["attempts"], SizeIs(2));
  EXPECT_THAT(scopa({"show", "@last/1"}).out, HasSubstr("tried again as attempt 2"));

  EXPECT_EQ(json({"retry", "@last", "0"})["state"], "running") << "a finished sweep goes on";
}

TEST_F(CliRetryTest, WhatCannotBeRetriedIsSaid) {
  write_sweep(1);
  ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
  EXPECT_EQ(json_error({"retry", "@last", "7"}, 3)["message"].get<std::string>().find("no trial 7"),
            0U);
  EXPECT_EQ(scopa({"retry", "@last", "--failed", "0"}).status, 2);
  EXPECT_EQ(scopa({"retry", "@last", "x"}).status, 2);
  EXPECT_EQ(scopa({"retry", "@last", "--cause", "bad_luck"}).status, 2);
  EXPECT_EQ(scopa({"retry"}).status, 2);
  ASSERT_EQ(scopa({"cancel", "@last"}).status, 0);
  EXPECT_THAT(scopa({"retry", "@last", "0"}).err, HasSubstr("create it again from its file"));
}

TEST_F(CliRetryTest, AWorkerThatFailsAloneIsQuarantinedAndItsTrialsAreDoneByAnother) {
  write_trainer(
      "if [ -n \"$BROKEN_MACHINE\" ]; then echo 'disk full' >&2; exit 1; fi\n"
      "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n"
      "while [ ! -e go ]; do sleep 0.02; done\n");
  write_sweep(12);
  start_broker();
  const std::string sweep = lines_of(scopa({"create", "sweep.yaml"}).out).at(0);
  Process good = start("good", {"worker", sweep});
  ASSERT_TRUE(eventually([&] {
    const auto trials = json({"trials", sweep})["trials"];
    return !trials.empty() && trials[0]["values"] == 1;
  })) << good.err();
  Process bad("bad", {SCOPA_EXECUTABLE, "worker", sweep, "--url", url()}, folder_.path(),
              {"BROKEN_MACHINE=1", "CUDA_VISIBLE_DEVICES="});
  const auto left = bad.wait(std::chrono::seconds(60));
  ASSERT_TRUE(left) << bad.err();
  EXPECT_NE(*left, 0);
  EXPECT_THAT(bad.err(), AllOf(HasSubstr("quarantined"), HasSubstr("disk full")));
  const auto out = json({"quarantine", sweep})["quarantined"];
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_THAT(out[0].get<std::string>(), HasSubstr("in a row failed there"));
  EXPECT_THAT(scopa({"status", sweep}).out, HasSubstr("quarantine worker "));
  EXPECT_EQ(counts(sweep)["failed"], 0) << "they wait for another worker";

  write_file(folder_ / "go", "");
  EXPECT_EQ(good.wait(std::chrono::seconds(60)), 0) << good.err();
  EXPECT_EQ(counts(sweep)["completed"], 12);
  EXPECT_EQ(scopa({"quarantine", sweep, "--lift", "nobody"}).status, 3);
  const std::string name = out[0].get<std::string>().substr(7);
  EXPECT_THAT(scopa({"quarantine", sweep, "--lift", name.substr(0, name.find(':'))}).err,
              HasSubstr("nobody is quarantined any more"));
  stop_broker();
}

}  // namespace
}  // namespace scopa::test
