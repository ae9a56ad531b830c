#include "broker/store/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "broker/core/event.h"
#include "broker/store/keys.h"
#include "broker/store/log_store.h"
#include "sdk/base/point_block.h"
#include "sdk/wire/points.h"
#include "tests/support/memory_engine.h"

namespace scopa::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kVerified = "k3v9q2ha";

std::string block_of(std::size_t points) {
  PointBlock block;
  block.metrics = {"loss"};
  for (std::size_t i = 0; i < points; ++i) {
    block.metric.push_back(0);
    block.step.push_back(static_cast<std::int64_t>(i));
    block.value.push_back(0.5);
    block.time_us.push_back(1);
  }
  std::string bytes;
  wire::encode_points(block, &bytes);
  return bytes;
}

/// A sound store of one sweep with a trial and two reports, and what one does to it.
class VerifyTest : public testing::Test {
 protected:
  VerifyTest() {
    engine_ = *MemoryEngine::open(std::make_shared<MemoryDisk>(1));
    const auto batch = engine_->make_batch();
    for (const auto& [key, value] :
         {std::pair("schema", "2"), {"software", "scopa 0.1.0"}, {"created_us", "1"}}) {
      EXPECT_TRUE(batch->put(kMeta, key, value));
    }
    EXPECT_TRUE(engine_->write(*batch, true));
    put_event(1, core::SweepCreated{.spec = "method: random\n"
                                            "metric: {name: loss}\n"
                                            "parameters: {x: {min: 0.0, max: 1.0}}\n"});
    core::TrialCreated created;
    created.params = {{"x", 0.5}};
    put_event(2, created);
    put_event(3, core::AttemptStarted{.trial = 0, .attempt = 1, .worker = "w"});
    put_report(4, 0, 3);
    put_report(5, 3, 5);
    put_progress(5);
    core::AttemptEnded ended;
    ended.attempt = 1;
    ended.state = static_cast<std::uint8_t>(TrialState::kCompleted);
    ended.points = 5;
    put_event(6, ended);
  }

  void put(Family family, const std::string& key, const std::string& value) {
    const auto batch = engine_->make_batch();
    ASSERT_TRUE(batch->put(family, key, value));
    ASSERT_TRUE(engine_->write(*batch, true));
  }
  void remove(Family family, const std::string& key) {
    const auto batch = engine_->make_batch();
    ASSERT_TRUE(batch->remove(family, key));
    ASSERT_TRUE(engine_->write(*batch, true));
  }
  static std::string event_at(std::uint64_t seq, std::string_view sweep = kVerified) {
    std::string key;
    event_key(sweep, seq, &key);
    return key;
  }
  static std::string report_at(std::uint64_t from) {
    std::string key;
    series_key({kVerified, 0, 1}, from, &key);
    return key;
  }
  static std::string offset_of_attempt() {
    std::string key;
    attempt_key({kVerified, 0, 1}, &key);
    return key;
  }
  void put_event(std::uint64_t seq, core::EventBody body) {
    put(kEvents, event_at(seq), core::encode_event({seq, 1, kVerified, std::move(body)}));
  }
  void put_report(std::uint64_t seq, std::uint64_t from, std::uint64_t to) {
    std::string value;
    append_u64(seq, &value);
    append_u64(to, &value);
    put(kSeries, report_at(from), value + block_of(to - from));
  }
  void put_progress(std::uint64_t to) {
    std::string value;
    append_u64(to, &value);
    put(kProgress, offset_of_attempt(), value);
  }

  Verified verified() {
    const auto found = verify(*engine_);
    EXPECT_TRUE(found) << found.status().to_string();
    return found ? *found : Verified{};
  }
  std::vector<std::string> problems() {
    std::vector<std::string> texts;
    for (const Problem& each : verified().problems) {
      texts.push_back(each.family + " " + each.key + " " + each.text);
    }
    return texts;
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(VerifyTest, ASoundStoreIsCounted) {
  const Verified found = verified();
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_EQ(found.sweeps, 1U);
  EXPECT_EQ(found.trials, 1U);
  EXPECT_EQ(found.attempts, 1U);
  EXPECT_EQ(found.events, 4U);
  EXPECT_EQ(found.reports, 2U);
  EXPECT_EQ(found.points, 5U);
  EXPECT_EQ(found.last_seq, 6U);
  EXPECT_EQ(found.schema, 2U);
}

TEST_F(VerifyTest, AnEventThatCannotBeReadIsNamedByItsKey) {
  put(kEvents, event_at(6), "rubbish");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("events " + hex(event_at(6)))));
}

TEST_F(VerifyTest, KeysOfAWrongLengthAreNamed) {
  put(kEvents, "short", "");
  put(kSeries, "short", "");
  put(kProgress, "short", "");
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("events " + hex("short")), HasSubstr("series " + hex("short")),
                          HasSubstr("progress " + hex("short"))));
}

TEST_F(VerifyTest, AReportThatIsGoneLeavesAHole) {
  remove(kSeries, report_at(0));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("points [3, 5) of attempt 1 of trial 0 follow"),
                                      HasSubstr("number 4 is missing")));
}

TEST_F(VerifyTest, ProgressIsWhereThePointsEnd) {
  put_progress(3);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("has progress 3, its points end at 5")));
  remove(kProgress, offset_of_attempt());
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("has no progress, its points end at 5")));
}

TEST_F(VerifyTest, ABlockThatCannotBeReadIsNamed) {
  std::string value;
  append_u64(5, &value);
  append_u64(5, &value);
  put(kSeries, report_at(3), value + "rubbish");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the block of points")));
}

TEST_F(VerifyTest, ANumberIsUsedOnceAndNoneIsLeftOut) {
  put_report(3, 5, 6);
  put_progress(6);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("ended with 5 points, stored are 6"),
                                      HasSubstr("number 3 is there twice")));
  put_report(9, 5, 6);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("numbers 7 to 8 are missing")));
}

TEST_F(VerifyTest, PointsOfASweepThatNothingCreatedAreFound) {
  std::string key;
  series_key({"zzzzzzzz", 0, 1}, 0, &key);
  std::string value;
  append_u64(7, &value);
  append_u64(1, &value);
  put(kSeries, key, value + block_of(1));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("names trial 0, of which there is none"),
                                      HasSubstr("nothing creates the sweep")));
}

TEST_F(VerifyTest, ASpecThatDoesNotParseIsFoundByRebuilding) {
  put_event(1, core::SweepCreated{.spec = "method: none of them\n"});
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("the state cannot be rebuilt")));
}

TEST_F(VerifyTest, MetaIsComplete) {
  put(kMeta, "created_us", "yesterday");
  remove(kMeta, "software");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("meta created_us is no number: `yesterday`"),
                                      HasSubstr("meta software is not there")));
}

TEST_F(VerifyTest, NumbersMayBeMissingThatWentWithWhatWasRemoved) {
  remove(kSeries, report_at(0));
  remove(kSeries, report_at(3));
  remove(kProgress, offset_of_attempt());
  put_event(7, core::TrialRemoved{.trial = 0, .reports = 2});
  EXPECT_THAT(problems(), IsEmpty());
  put_event(7, core::TrialRemoved{.trial = 0, .reports = 1});
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("2 numbers are missing, and 1 went with what was removed")));
}

TEST_F(VerifyTest, PointsOfATrialWhosePointsWereRemovedAreFound) {
  put_event(7, core::TrialRemoved{.trial = 0});
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("points were removed"), HasSubstr("points were removed")));
}

TEST_F(VerifyTest, OfARemovedSweepThereIsOneEventAndNothingElse) {
  for (std::uint64_t seq : {1, 2, 3, 6}) remove(kEvents, event_at(seq));
  put_event(7, core::SweepRemoved{.name = "fox", .entries = 6});
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("names trial 0, of which there is none")));
  remove(kSeries, report_at(0));
  remove(kSeries, report_at(3));
  remove(kProgress, offset_of_attempt());
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_EQ(verified().sweeps, 0U);
  EXPECT_EQ(verified().removed, 1U);
  put_event(8, core::Noticed{.text = "after"});
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("comes after the sweep was removed")));
}

TEST_F(VerifyTest, OnlySoManyProblemsAreListedAndAllAreCounted) {
  for (std::uint64_t i = 0; i < 2 * limits::kStoreProblemsMax; ++i) {
    put(kProgress, std::to_string(i), "");
  }
  const Verified found = verified();
  EXPECT_EQ(found.problem_count, 2 * limits::kStoreProblemsMax);
  EXPECT_EQ(found.problems.size(), limits::kStoreProblemsMax);
}

}  // namespace
}  // namespace scopa::store
