#include "cli/args.h"

#include <gmock/gmock.h>

namespace scopa::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitListsTest, CommasAndRepeatedFlagsGiveOneList) {
  EXPECT_THAT(split_lists({"0,1", "2"}), ElementsAre("0", "1", "2"));
  EXPECT_THAT(split_lists({}), IsEmpty());
}

TEST(SplitListsTest, AnEmptyItemStaysForTheCommandToRefuse) {
  EXPECT_THAT(split_lists({"0,,1"}), ElementsAre("0", "", "1"));
}

}  // namespace
}  // namespace scopa::cli
