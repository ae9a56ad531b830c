#include "analysis/export.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace scopa::analysis {
namespace {

TEST(ExportTest, PointsKeepWhatIsNotFinite) {
  PointBlock block;
  block.metrics = {"val/loss", "odd,name"};
  block.metric = {0, 1};
  block.step = {1, -2};
  block.value = {0.5, std::numeric_limits<double>::quiet_NaN()};
  block.time_us = {1'000'000, 2'000'000};
  EXPECT_EQ(csv_points(3, 1, block),
            "3,1,val/loss,1,0.5,1970-01-01T00:00:01.000Z\n"
            "3,1,\"odd,name\",-2,nan,1970-01-01T00:00:02.000Z\n");
  const std::string lines = jsonl_points(3, 1, block);
  const auto second = nlohmann::json::parse(lines.substr(lines.find('\n') + 1));
  EXPECT_EQ(second["value"], "nan");
}

}  // namespace
}  // namespace scopa::analysis
