#include "broker/store/keys.h"

#include <gtest/gtest.h>

namespace scopa::store {
namespace {

TEST(KeysTest, TheBytesAreThoseOfTheStorageDocument) {
  std::string key;
  event_key("k3v9q2ha", 0x0102, &key);
  EXPECT_EQ(hex(key),
            "6b33763971326861"
            "0000000000000102");
  const wire::AttemptRef attempt{.sweep = "k3v9q2ha", .trial = 17, .attempt = 2};
  attempt_key(attempt, &key);
  EXPECT_EQ(hex(key),
            "6b33763971326861"
            "0000000000000011"
            "00000002");
  series_key(attempt, 300, &key);
  EXPECT_EQ(hex(key),
            "6b33763971326861"
            "0000000000000011"
            "00000002"
            "000000000000012c");
}

TEST(KeysTest, KeysSortAsTheirNumbersDo) {
  const wire::AttemptRef attempt{.sweep = "k3v9q2ha", .trial = 255, .attempt = 1};
  std::string low, high;
  series_key(attempt, 255, &low);
  series_key(attempt, 256, &high);
  EXPECT_LT(low, high);
}

TEST(KeysTest, WhatIsWrittenIsRead) {
  const wire::AttemptRef attempt{.sweep = "k3v9q2ha", .trial = UINT64_MAX, .attempt = UINT32_MAX};
  std::string key;
  series_key(attempt, UINT64_MAX - 1, &key);
  const auto series = parse_series_key(key);
  ASSERT_TRUE(series);
  EXPECT_EQ(series->attempt, attempt);
  EXPECT_EQ(series->from, UINT64_MAX - 1);
  EXPECT_FALSE(parse_series_key(key + "x"));
  EXPECT_FALSE(parse_event_key(key));
}

}  // namespace
}  // namespace scopa::store
