#include "cli/format.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scopa::cli {
namespace {

TEST(FormatTest, NumbersHaveFourDigits) {
  EXPECT_EQ(short_number(0.861234), "0.8612");
  EXPECT_EQ(short_number(0.00001234), "1.234e-5");
  EXPECT_EQ(short_number(12345), "12345");
  EXPECT_EQ(short_number(2.5e12), "2.5e12");
  EXPECT_EQ(short_number(1e-10), "1e-10");
  EXPECT_EQ(short_number(0.85, 4, true), "0.8500");
  EXPECT_EQ(short_number(37, 4, true), "37");
  EXPECT_EQ(short_number(0.000912345, 3), "0.000912");
  EXPECT_EQ(short_number(-3), "-3");
  EXPECT_EQ(short_number(NAN), "nan");
  EXPECT_EQ(short_number(-INFINITY), "-inf");
}

TEST(FormatTest, DurationsUseTheUnitsThatMatter) {
  EXPECT_EQ(short_duration(0.04), "0.0s");
  EXPECT_EQ(short_duration(8.24), "8.2s");
  EXPECT_EQ(short_duration(59.96), "1m00s");
  EXPECT_EQ(short_duration(72), "1m12s");
  EXPECT_EQ(short_duration(3 * 3600 + 300), "3h05m");
  EXPECT_EQ(short_duration(2 * 86400 + 4 * 3600), "2d04h");
  EXPECT_EQ(short_duration(-1), "?");
  EXPECT_EQ(short_duration(1e300), "?");
}

TEST(FormatTest, SizesHaveTheirUnit) {
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(1), "1 byte");
  EXPECT_EQ(size_text(1023), "1023 bytes");
  EXPECT_EQ(size_text(1536), "1.50 KiB");
  EXPECT_EQ(size_text(std::uint64_t{3} << 30), "3 GiB");
}

TEST(FormatTest, AgesAreCoarse) {
  EXPECT_EQ(ago(1'000'000, 1'500'000), "now");
  EXPECT_EQ(ago(1'000'000, 13'000'000), "12s ago");
  EXPECT_EQ(ago(1'000'000, 301'000'000), "5m ago");
  EXPECT_EQ(ago(0, 5), "never");
  EXPECT_EQ(ago(9'000'000, 1'000'000), "now");  // another machine's clock
}

TEST(FormatTest, BarsAreFullOnlyAtTheEnd) {
  EXPECT_EQ(bar(0, 10, 4), "░░░░");
  EXPECT_EQ(bar(5, 10, 4), "██░░");
  EXPECT_EQ(bar(99, 100, 4), "███░");
  EXPECT_EQ(bar(100, 100, 4), "████");
  EXPECT_EQ(bar(12, 10, 4), "████");
  EXPECT_EQ(bar(0, 0, 2), "░░");
}

TEST(FormatTest, SparklinesFollowFiniteValues) {
  EXPECT_EQ(sparkline({0, 1}, 10), "▁█");
  EXPECT_EQ(sparkline({3, 3, 3}, 10), "▅▅▅");
  EXPECT_EQ(sparkline({0, NAN, 1}, 10), "▁ █");
  EXPECT_EQ(sparkline({0, 0, 1, 1}, 2), "▁█");
  EXPECT_EQ(sparkline({}, 10), "");
  EXPECT_EQ(sparkline({NAN, INFINITY}, 10), "");
}

TEST(FormatTest, OneIsSingular) {
  EXPECT_EQ(count_of(1, "trial"), "1 trial");
  EXPECT_EQ(count_of(0, "trial"), "0 trials");
}

TEST(FormatTest, AMeanShowsItsSpreadToAsManyDecimals) {
  EXPECT_EQ(mean_text(0.912, 0, 1), "0.9120");
  EXPECT_EQ(mean_text(0.912, 0.0041, 3), "0.9120 ± 0.0041 (3)");
  EXPECT_EQ(mean_text(12.3, 0.456, 2), "12.30 ± 0.46 (2)");
  EXPECT_EQ(mean_text(0.912, 1e-7, 3), "0.9120 ± 1e-7 (3)");
  EXPECT_EQ(mean_text(0.912, 0, 3), "0.9120 ± 0.0000 (3)");
  EXPECT_EQ(mean_text(3, 1.5, 2), "3 ± 1.5 (2)");
}

}  // namespace
}  // namespace scopa::cli
