// What trainers get of the time that their machine leaves.
#include "sdk/session/notice.h"

#include <gtest/gtest.h>

#include <string>

#include "sdk/base/limits.h"

namespace scopa::session {
namespace {

using namespace std::chrono_literals;

TEST(NoticeTest, OfWhatIsLeftMostIsForTheCheckpoint) {
  const NoticeTimes usual = times_of(limits::kNoticeLong);
  EXPECT_EQ(usual.checkpoint, 60s);
  EXPECT_EQ(usual.end, 70s);
  const NoticeTimes slurm = times_of(limits::kNoticeShort);
  EXPECT_EQ(slurm.checkpoint, 10s);
  EXPECT_EQ(slurm.end, 20s);
  EXPECT_EQ(times_of(1h).checkpoint, limits::kCheckpointGrace);
}

TEST(NoticeTest, ItAllFitsIntoWhatIsLeft) {
  for (auto left = 0us; left < 100s; left += 777'777us) {
    const NoticeTimes times = times_of(left);
    EXPECT_GE(times.checkpoint, 0us);
    EXPECT_LE(times.checkpoint, times.end);
    EXPECT_LE(times.end, left);
    EXPECT_GE(times.checkpoint, left > 30s ? 10s : left / 3 - 1us) << left.count();
  }
  EXPECT_EQ(times_of(-5s).end, 0us);
}

std::optional<std::chrono::microseconds> left_by(const std::string& end) {
  const Environment env = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "SLURM_JOB_END_TIME") return end;
    return std::nullopt;
  };
  return time_of_job_left(env, from_unix_us(1'000'000'000));
}

TEST(NoticeTest, SlurmTellsWhenTheJobEnds) {
  EXPECT_EQ(left_by("1010"), 10s);
  EXPECT_EQ(left_by("900"), 0us) << "it is over";
  for (const char* none : {"", "soon", "10 10", "-5", "0", "99999999999999999999"}) {
    EXPECT_EQ(left_by(none), std::nullopt) << none;
  }
  const Environment nothing = [](std::string_view) { return std::nullopt; };
  EXPECT_EQ(time_of_job_left(nothing, from_unix_us(0)), std::nullopt);
}

}  // namespace
}  // namespace scopa::session
