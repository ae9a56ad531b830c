#include "cli/args.h"

#include <gmock/gmock.h>

#include <string>

namespace scopa::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitListsTest, CommasAndRepeatedFlagsGiveOneList) {
  EXPECT_THAT(split_lists({"0,1", "2"}), ElementsAre("0", "1", "2"));
  EXPECT_THAT(split_lists({}), IsEmpty());
}

TEST(NumberTest, TheRangeIsSaid) {
  EXPECT_EQ(fault_of_number("1", {1, 9}), "");
  EXPECT_EQ(fault_of_number("009", {1, 9}), "");
  EXPECT_EQ(fault_of_number("0", {1, 9}), "`0` must be 1 or more");
  EXPECT_EQ(fault_of_number("-1", {0, 9}), "`-1` must be 0 or more");
  EXPECT_EQ(fault_of_number("-99999999999999999999999", {1, 9}),
            "`-99999999999999999999999` must be 1 or more");
  EXPECT_EQ(fault_of_number("10", {1, 9}), "`10` is too large: at most 9");
  EXPECT_EQ(fault_of_number("99999999999999999999", {1, 9}),
            "`99999999999999999999` is too large: at most 9");
  EXPECT_EQ(fault_of_number("9223372036854775807", {}), "");
}

TEST(NumberTest, WhatIsNoWholeNumberIsSaid) {
  for (const char* text : {"", "-", "1.5", "1e3", "+1", " 1", "x", "--1"}) {
    EXPECT_EQ(fault_of_number(text, {}), "`" + std::string(text) + "` is not a whole number");
  }
}

TEST(SplitListsTest, AnEmptyItemStaysForTheCommandToRefuse) {
  EXPECT_THAT(split_lists({"0,,1"}), ElementsAre("0", "", "1"));
}

}  // namespace
}  // namespace scopa::cli
