#include "cli/progress_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/terminal.h"

namespace scopa::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

wire::SweepInfo running_sweep() {
  wire::SweepInfo s;
  s.id = "k3v9q2ha";
  s.name = "fox-12";
  s.metric = "val_acc";
  s.run_cap = 30;
  s.counts.completed = 11;
  s.counts.pruned = 7;
  s.counts.running = 2;
  s.has_best = true;
  s.best_trial = 15;
  s.best_value = 0.86121;
  return s;
}

const analysis::Remaining kLeft{42, 33, 52};

TEST(ProgressLineTest, SaysItAllWhereThereIsRoom) {
  EXPECT_EQ(
      progress_line(running_sweep(), kLeft, 200, false),
      "fox-12  ██████████████░░░░░░░░░░  18/30  2 running  7 pruned · best val_acc 0.8612 #15 "
      "(4 ago) · 42s left (33s-52s)");
}

TEST(ProgressLineTest, FitsEveryWidth) {
  for (std::size_t width = 1; width <= 160; ++width) {
    EXPECT_LE(display_width(progress_line(running_sweep(), kLeft, width, true)), width);
  }
}

TEST(ProgressLineTest, EightyColumnsKeepTheBestAndTheEstimate) {
  const std::string line = progress_line(running_sweep(), kLeft, 79, false);
  EXPECT_THAT(line, HasSubstr("best 0.8612 #15"));
  EXPECT_THAT(line, HasSubstr("██"));
  EXPECT_THAT(line, HasSubstr("42s left"));
  EXPECT_THAT(line, Not(HasSubstr("…")));
}

TEST(ProgressLineTest, WithoutACapThereIsNoBar) {
  wire::SweepInfo s = running_sweep();
  s.run_cap = 0;
  EXPECT_THAT(progress_line(s, std::nullopt, 100, false),
              HasSubstr("fox-12  18 trials  2 running"));
}

TEST(ProgressLineTest, AStateOtherThanRunningIsNamed) {
  wire::SweepInfo s = running_sweep();
  s.state = static_cast<std::uint8_t>(SweepState::kPaused);
  EXPECT_THAT(progress_line(s, std::nullopt, 100, false), HasSubstr("paused"));
}

TEST(ProgressLineTest, TrialsLeftIsNeverNegative) {
  wire::SweepInfo s = running_sweep();
  EXPECT_EQ(trials_left(s), 12u);
  s.run_cap = 5;
  EXPECT_EQ(trials_left(s), 0u);
}

TEST(ProgressLineTest, NothingIsExpectedOfASpaceThatIsUsedUp) {
  wire::SweepInfo s = running_sweep();
  s.counts.running = s.counts.queued = 0;
  s.space_used_up = true;
  s.state = static_cast<std::uint8_t>(SweepState::kFinished);
  EXPECT_EQ(expected_trials(s), s.counts.total());
  EXPECT_EQ(trials_left(s), 0u);
  s.state = static_cast<std::uint8_t>(SweepState::kRunning);
  EXPECT_EQ(expected_trials(s), s.run_cap);
}

TEST(ProgressLineTest, ConfigurationsToComeAreTakenToNeedAsManyRunsAsThoseSoFar) {
  wire::SweepInfo s = running_sweep();  // 20 trials
  s.replicates = 3;
  s.configurations = 10;
  EXPECT_EQ(expected_trials(s), 20u + 2 * 20);
  EXPECT_EQ(trials_left(s), 42u);
  EXPECT_THAT(progress_line(s, std::nullopt, 200, false), HasSubstr("18/~60 runs"));
  s.configurations = 40;
  EXPECT_EQ(expected_trials(s), 20u);
}

}  // namespace
}  // namespace scopa::cli
