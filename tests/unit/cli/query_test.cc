#include "cli/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "sdk/wire/points.h"

namespace scopa::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Answers by a function.
class ToldLink : public Link {
 public:
  explicit ToldLink(std::function<wire::Message(const wire::Message&)> answer)
      : answer_(std::move(answer)) {}
  Result<wire::Message> request(wire::Message message, std::chrono::milliseconds) override {
    ++asked;
    return answer_(message);
  }
  const std::string& place() const override { return place_; }
  bool is_broker() const override { return true; }

  int asked = 0;

 private:
  std::function<wire::Message(const wire::Message&)> answer_;
  std::string place_ = "here";
};

std::string steps_block(const std::string& metric, const std::vector<std::int64_t>& steps) {
  PointBlock block;
  block.metrics = {metric};
  for (const std::int64_t step : steps) {
    block.metric.push_back(0);
    block.step.push_back(step);
    block.value.push_back(static_cast<double>(step) / 2);
    block.time_us.push_back(step);
  }
  std::string bytes;
  wire::encode_points(block, &bytes);
  return bytes;
}

wire::PointsReply points_page(std::uint32_t attempt, std::vector<std::string> blocks,
                              std::uint64_t next_offset, std::int64_t step_max,
                              std::uint32_t next_attempt) {
  return {1, attempt, std::move(blocks), next_offset, step_max, next_attempt};
}

/// A broker with `count` sweeps "0", "1" ..., of which a page has three at most.
wire::Message told_sweeps(const wire::Message& message, std::uint64_t count) {
  const auto& query = std::get<wire::ListSweeps>(message);
  wire::Sweeps reply;
  reply.total = count;
  const std::uint64_t limit = std::min<std::uint64_t>(query.limit, 3);
  for (std::uint64_t i = query.offset; i < count && reply.sweeps.size() < limit; ++i) {
    reply.sweeps.emplace_back().id = std::to_string(query.newest_first ? count - 1 - i : i);
  }
  return reply;
}

std::vector<std::string> ids_of(const SweepList& list) {
  std::vector<std::string> ids;
  for (const wire::SweepInfo& each : list.sweeps) ids.push_back(each.id);
  return ids;
}

TEST(QueryTest, ACurveOfSeveralAttemptsIsReadPieceByPieceAndCut) {
  ToldLink link([](const wire::Message& message) -> wire::Message {
    const auto& get = std::get<wire::GetPoints>(message);
    EXPECT_EQ(get.trial, 7u);
    if (get.attempt == 0) return points_page(1, {steps_block("loss", {0, 1})}, 2, 3, 3);
    if (get.attempt == 1 && get.offset == 2) {
      return points_page(1, {steps_block("loss", {2, 3, 4}), steps_block("lr", {3, 4})}, 7, 3, 3);
    }
    // What came late.
    if (get.attempt == 1) return points_page(1, {steps_block("loss", {1})}, 0, INT64_MIN, 3);
    EXPECT_EQ(get.attempt, 3u);
    EXPECT_EQ(get.offset, 0u);
    return points_page(3, {steps_block("lr", {4}), steps_block("loss", {4, 5})}, 0, INT64_MAX, 0);
  });
  const auto curve = get_points(link, "s", 7);
  ASSERT_TRUE(curve) << curve.status().to_string();
  ASSERT_EQ(curve->size(), 2u);
  EXPECT_EQ((*curve)[0].attempt, 1u);
  EXPECT_THAT((*curve)[0].points.step, ElementsAre(0, 1, 2, 3, 3));
  EXPECT_EQ((*curve)[1].attempt, 3u);
  EXPECT_THAT((*curve)[1].points.step, ElementsAre(4, 4, 5));
  const PointBlock all = joined(*curve);
  EXPECT_THAT(all.metrics, ElementsAre("loss", "lr"));
  EXPECT_THAT(all.metric, ElementsAre(0, 0, 0, 0, 1, 1, 0, 0));
  EXPECT_THAT(all.step, ElementsAre(0, 1, 2, 3, 3, 4, 4, 5));
  EXPECT_THAT(all.value, ElementsAre(0, 0.5, 1, 1.5, 1.5, 2, 2, 2.5));
  EXPECT_THAT(all.time_us, ElementsAre(0, 1, 2, 3, 3, 4, 4, 5));
}

TEST(QueryTest, ATrialThatGoesOnWhileItIsReadIsCutWhereItDid) {
  ToldLink link([](const wire::Message& message) -> wire::Message {
    const auto& get = std::get<wire::GetPoints>(message);
    if (get.attempt == 0) return points_page(1, {steps_block("loss", {0, 1, 2})}, 3, INT64_MAX, 0);
    if (get.attempt == 1) return points_page(1, {steps_block("loss", {3})}, 0, 1, 2);
    return points_page(2, {steps_block("loss", {2})}, 0, INT64_MAX, 0);
  });
  const auto curve = get_points(link, "s", 0);
  ASSERT_TRUE(curve);
  EXPECT_THAT(joined(*curve).step, ElementsAre(0, 1, 2));
}

TEST(QueryTest, ATrialWithoutAttemptsHasNoPoints) {
  ToldLink link([](const wire::Message&) -> wire::Message { return wire::PointsReply{}; });
  const auto curve = get_points(link, "s", 0);
  ASSERT_TRUE(curve);
  EXPECT_THAT(*curve, IsEmpty());
}

TEST(QueryTest, AttemptsThatGoInACircleEnd) {
  ToldLink link(
      [](const wire::Message&) -> wire::Message { return points_page(2, {}, 0, INT64_MAX, 2); });
  EXPECT_TRUE(get_points(link, "s", 0));
  EXPECT_EQ(link.asked, 1);
}

TEST(QueryTest, AllSweepsAreReadHoweverManyPagesTheyTake) {
  ToldLink link([](const wire::Message& message) { return told_sweeps(message, 8); });
  const auto list = get_sweeps(link, {});
  ASSERT_TRUE(list);
  EXPECT_EQ(list->total, 8u);
  EXPECT_THAT(ids_of(*list), ElementsAre("7", "6", "5", "4", "3", "2", "1", "0"));
}

TEST(QueryTest, NoMoreSweepsAreReadThanWanted) {
  ToldLink link([](const wire::Message& message) { return told_sweeps(message, 800); });
  const auto list = get_sweeps(link, {.most = 4});
  ASSERT_TRUE(list);
  EXPECT_EQ(list->total, 800u);
  EXPECT_THAT(ids_of(*list), ElementsAre("799", "798", "797", "796"));
  EXPECT_EQ(link.asked, 2);
  EXPECT_THAT(ids_of(*get_sweeps(link, {.most = 0})), IsEmpty());
}

TEST(QueryTest, SweepsThatAreMadeMeanwhileShowNoneTwice) {
  std::uint64_t count = 7;
  ToldLink link([&count](const wire::Message& message) { return told_sweeps(message, count++); });
  const auto list = get_sweeps(link, {});
  ASSERT_TRUE(list);
  EXPECT_THAT(ids_of(*list), ElementsAre("6", "5", "4", "3", "2", "1", "0"));
}

TEST(QueryTest, ABrokerThatKnowsNoPagesIsTakenAtItsWord) {
  ToldLink link([](const wire::Message&) -> wire::Message {
    wire::Sweeps reply;
    for (const char* id : {"a", "b", "c"}) reply.sweeps.emplace_back().id = id;
    return reply;
  });
  const auto list = get_sweeps(link, {});
  ASSERT_TRUE(list);
  EXPECT_EQ(list->total, 3u);
  EXPECT_THAT(ids_of(*list), ElementsAre("c", "b", "a"));
}

TEST(QueryTest, ATrialIsNamedBySweepAndNumber) {
  EXPECT_EQ(split_trial_name("fox-12/17").sweep, "fox-12");
  EXPECT_EQ(split_trial_name("fox-12/17").trial, 17u);
  EXPECT_EQ(split_trial_name("team/fox/3").sweep, "team/fox");
}

TEST(QueryTest, WhatEndsInNoNumberIsASweep) {
  EXPECT_FALSE(split_trial_name("fox-12").trial.has_value());
  EXPECT_EQ(split_trial_name("team/fox").sweep, "team/fox");
  EXPECT_FALSE(split_trial_name("team/fox").trial.has_value());
  EXPECT_FALSE(split_trial_name("fox/").trial.has_value());
  EXPECT_FALSE(split_trial_name("fox/-1").trial.has_value());
  EXPECT_FALSE(split_trial_name("fox/99999999999999999999").trial.has_value());
  EXPECT_FALSE(split_trial_name("/3").trial.has_value());
  EXPECT_FALSE(split_trial_name("").trial.has_value());
}

}  // namespace
}  // namespace scopa::cli
