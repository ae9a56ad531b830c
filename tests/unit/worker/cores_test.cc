#include "worker/cores.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

namespace scopa::worker {
namespace {

std::uint32_t cores_with(std::map<std::string, std::string> variables) {
  return usable_cores(
      [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto at = variables.find(std::string(name));
        if (at == variables.end()) return std::nullopt;
        return at->second;
      });
}

const std::string kJob = "SLURM_JOB_ID";
const std::string kTask = "SLURM_CPUS_PER_TASK";
const std::string kNode = "SLURM_CPUS_ON_NODE";

TEST(CoresTest, SlurmsShareOfATaskCountsEvenWhereNothingBindsItToCores) {
  EXPECT_EQ(cores_with({{kJob, "17"}, {kTask, "1"}}), 1U);
  EXPECT_EQ(cores_with({{kJob, "17"}, {kTask, "1"}, {kNode, "64"}}), 1U);
}

TEST(CoresTest, WithoutAShareOfTheTaskItIsThatOfTheNodeByItsTasks) {
  EXPECT_EQ(cores_with({{kJob, "17"}, {kNode, "1"}}), 1U);
  EXPECT_EQ(cores_with({{kJob, "17"}, {kNode, "4"}, {"SLURM_NTASKS_PER_NODE", "4"}}), 1U);
  EXPECT_EQ(cores_with({{kJob, "17"}, {kNode, "2"}, {"SLURM_NTASKS_PER_NODE", "4"}}), 1U);
}

TEST(CoresTest, WhatIsBoundIsNeverExceeded) {
  const std::uint32_t bound = cores_with({});
  EXPECT_GE(bound, 1U);
  EXPECT_EQ(cores_with({{kJob, "17"}, {kTask, "100000"}}), bound);
}

TEST(CoresTest, OutsideSlurmAndWithNonsenseTheBoundCoresCount) {
  const std::uint32_t bound = cores_with({});
  EXPECT_EQ(cores_with({{kTask, "1"}}), bound) << "left over from another shell";
  for (const char* nonsense : {"", "0", "-1", "2(x3)", "99999999999999"}) {
    EXPECT_EQ(cores_with({{kJob, "17"}, {kTask, nonsense}}), bound) << nonsense;
  }
}

}  // namespace
}  // namespace scopa::worker
