#include "broker/core/wording.h"

#include <gtest/gtest.h>

namespace scopa::core {
namespace {

using namespace std::chrono_literals;

TEST(WordingTest, DurationsReadAsPeopleWriteThem) {
  EXPECT_EQ(duration_text(12h), "12h");
  EXPECT_EQ(duration_text(48h), "2d");
  EXPECT_EQ(duration_text(90min), "1h30m");
  EXPECT_EQ(duration_text(24h + 45s), "1d45s");
  EXPECT_EQ(duration_text(1500ms), "1.5s");
  EXPECT_EQ(duration_text(250us), "0.00025s");
  EXPECT_EQ(duration_text(0s), "0s");
}

}  // namespace
}  // namespace scopa::core
