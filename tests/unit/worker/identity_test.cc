#include "sdk/session/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace scopa::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

session::Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto at = variables.find(std::string(name));
    if (at == variables.end()) return std::nullopt;
    return at->second;
  };
}

TEST(IdentityTest, TwoWorkersOfOneProcessDiffer) {
  EXPECT_NE(session::worker_id(environment_of({}), 42, 1),
            session::worker_id(environment_of({}), 42, 2));
  EXPECT_THAT(session::worker_id(environment_of({}), 42, 1), HasSubstr("-42-00000001"));
}

TEST(IdentityTest, UnderSlurmItTellsNodeJobAndRestart) {
  const auto env = environment_of({{"SLURMD_NODENAME", "n3"}, {"SLURM_JOB_ID", "71"}});
  EXPECT_THAT(session::worker_id(env, 42, 1), StartsWith("n3-71-0-42-"));
  const auto again = environment_of(
      {{"SLURMD_NODENAME", "n3"}, {"SLURM_JOB_ID", "71"}, {"SLURM_RESTART_COUNT", "2"}});
  EXPECT_THAT(session::worker_id(again, 42, 1), StartsWith("n3-71-2-42-"));
}

TEST(IdentityTest, ItIsFitForAFolderName) {
  const auto env = environment_of({{"SLURMD_NODENAME", "../a b/\n"}});
  EXPECT_THAT(session::worker_id(env, 1, 1), StartsWith("host.._a_b__-1-"));
}

TEST(EnvironmentTest, ListsAreSplitWithoutSpacesAndEmptyParts) {
  EXPECT_THAT(session::split_list(" 0, 1,,GPU-x ,"), ::testing::ElementsAre("0", "1", "GPU-x"));
  EXPECT_THAT(session::split_list(""), ::testing::IsEmpty());
}

}  // namespace
}  // namespace scopa::worker
