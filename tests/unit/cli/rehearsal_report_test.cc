#include "cli/rehearsal_report.h"

#include <gtest/gtest.h>

namespace scopa::cli {
namespace {

using rehearsal::Unit;

TEST(RehearsalReportTest, AnIntervalIsToldToTwoDigitsOfItsUncertainty) {
  EXPECT_EQ(interval_text({0.912345, 0.911145, 0.913545, 20}, Unit::kValue), "0.9123 ± 0.0012");
  EXPECT_EQ(interval_text({123.456, 103.456, 143.456, 20}, Unit::kValue), "123 ± 20");
  EXPECT_EQ(interval_text({-1.5, -2.75, -0.25, 20}, Unit::kValue), "-1.5 ± 1.2");
  EXPECT_EQ(interval_text({5e12, 4e12, 6e12, 20}, Unit::kValue), "5e12 ± 1e12");
  EXPECT_EQ(interval_text({0.5, 0.5, 0.5, 20}, Unit::kValue), "0.5 ± 0");
  EXPECT_EQ(interval_text({0.5, 0.5, 0.5, 1}, Unit::kValue), "0.5");
  EXPECT_EQ(interval_text({4320, 4220, 4420, 20}, Unit::kSeconds), "1h12m ± 1m40s");
  EXPECT_EQ(interval_text({0.41, 0.39, 0.43, 20}, Unit::kShare), "41.0 ± 2.0 %");
  EXPECT_EQ(interval_text({23.4, 22.2, 24.6, 20}, Unit::kCount), "23.4 ± 1.2");
  EXPECT_EQ(interval_text({30, 30, 30, 20}, Unit::kCount), "30 ± 0");
}

}  // namespace
}  // namespace scopa::cli
