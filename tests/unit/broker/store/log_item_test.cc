#include "broker/store/log_item.h"

#include <gtest/gtest.h>

#include "broker/store/keys.h"

namespace scopa::store {
namespace {

const SweepId kSweep = "k3v9q2ha";

std::string key_of_event(std::uint64_t seq, const SweepId& sweep = kSweep) {
  std::string key;
  event_key(sweep, seq, &key);
  return key;
}

TEST(LogItemTest, AnEventAndAReportComeBackAsTheyWereWritten) {
  const core::Event event{7, 1'700'000'000'000'000, kSweep, core::Noticed{"look"}};
  const auto read = decode_log_item(kSweep, key_of_event(7), core::encode_event(event));
  ASSERT_TRUE(read.is_ok()) << read.status().to_string();
  EXPECT_EQ(std::get<core::Event>(*read), event);

  std::string key;
  series_key({kSweep, 3, 2}, 10, &key);
  std::string value;
  append_u64(8, &value);
  append_u64(14, &value);
  const auto report = decode_log_item(kSweep, key, value + "block");
  ASSERT_TRUE(report.is_ok()) << report.status().to_string();
  const auto& points = std::get<core::PointsAppended>(*report);
  EXPECT_EQ(points.seq, 8u);
  EXPECT_EQ(points.attempt, (wire::AttemptRef{kSweep, 3, 2}));
  EXPECT_EQ(points.from, 10u);
  EXPECT_EQ(points.to, 14u);
  EXPECT_EQ(points.block, "block");
}

TEST(LogItemTest, WhatIsNoEntryOfThisLogIsRefused) {
  const std::string event = core::encode_event({7, 1, kSweep, core::Noticed{"look"}});
  const auto code = [](std::string_view key, std::string_view value) {
    return decode_log_item(kSweep, key, value).status().code();
  };
  EXPECT_EQ(code("", event), Code::kCorruption);
  EXPECT_EQ(code(key_of_event(7).substr(1), event), Code::kCorruption);
  EXPECT_EQ(code(key_of_event(7, "somebody"), event), Code::kCorruption);
  EXPECT_EQ(code(key_of_event(7), ""), Code::kCorruption);
  EXPECT_EQ(code(key_of_event(7), event.substr(2)), Code::kCorruption);
  std::string key;
  series_key({"somebody", 3, 2}, 10, &key);
  EXPECT_EQ(code(key, std::string(16, '\0')), Code::kCorruption);
  series_key({kSweep, 3, 2}, 10, &key);
  EXPECT_EQ(code(key, std::string(15, '\0')), Code::kCorruption);
}

}  // namespace
}  // namespace scopa::store
