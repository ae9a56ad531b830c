#include "sdk/base/log_text.h"

#include <gtest/gtest.h>

namespace scopa {
namespace {

TEST(LogTextTest, AFieldIsInQuotesAndStaysOne) {
  EXPECT_EQ(in_quotes("gpu-0"), R"("gpu-0")");
  EXPECT_EQ(in_quotes("a\" state=\"ok"), R"("a\" state=\"ok")");
  EXPECT_EQ(in_quotes("boom\n[2026-01-01] [error] forged"),
            R"("boom\n[2026-01-01] [error] forged")");
  EXPECT_EQ(in_quotes("a\\\"b"), R"("a\\\"b")");
  EXPECT_EQ(in_quotes("\x1b[31m\r\xff"), R"("?[31m??")");
}

TEST(LogTextTest, AFieldIsCut) { EXPECT_EQ(in_quotes("abcdef", 3), R"("abc...")"); }

TEST(LogTextTest, ALineIsOne) { EXPECT_EQ(on_one_line("a\nb\rc"), R"(a\nb\rc)"); }

}  // namespace
}  // namespace scopa
