#include "sdk/base/text.h"

#include <gtest/gtest.h>

namespace scopa {
namespace {

TEST(TextTest, TheClosestCandidateIsSuggested) {
  EXPECT_EQ(closest_match("fxo-12", {"ant-1", "fox-12"}), "fox-12");
  EXPECT_EQ(closest_match("learning_rate", {"batch_size", "learn_rate"}), "learn_rate");
}

TEST(TextTest, SwappedNeighboursAreOneSlip) {
  EXPECT_EQ(closest_match("valeu", {"min", "value"}), "value");
  EXPECT_EQ(closest_match("gird", {"grid", "bayes"}), "grid");
}

TEST(TextTest, NothingIsSuggestedWhereNothingIsClose) {
  EXPECT_EQ(closest_match("lr", {"dropout", "momentum"}), "");
}

TEST(TextTest, ControlCharactersAndBrokenUtf8AreReplaced) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a?[31mb");
  EXPECT_EQ(printable("ok \xff"), "ok ?");
  EXPECT_EQ(printable("größe"), "größe");
}

TEST(TextTest, LongTextIsCut) { EXPECT_EQ(printable("abcdef", 3), "abc..."); }

}  // namespace
}  // namespace scopa
