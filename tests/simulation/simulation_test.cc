#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "tests/simulation/cluster.h"

namespace scopa::sim {
namespace {

std::string hashes_of_another_process(const std::string& seeds) {
  const std::string command = std::string(SCOPA_SIMULATE) + " --hash --seeds " + seeds;
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> buffer{};
  while (pipe != nullptr && fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
    text += buffer.data();
  }
  if (pipe != nullptr) pclose(pipe);
  return text;
}

TEST(SimulationTest, ASeedIsOneRun) {
  const Outcome once = simulate(7);
  const Outcome twice = simulate(7);
  EXPECT_EQ(once.hash, twice.hash);
  EXPECT_EQ(once.steps, twice.steps);
  EXPECT_NE(once.hash, simulate(8).hash);
}

TEST(SimulationTest, WordsForPeopleChangeNothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(simulate(seed).hash, simulate(seed, true).hash) << "seed " << seed;
  }
}

TEST(SimulationTest, AnotherProcessRunsASeedAlike) {
  std::string here;
  for (std::uint64_t seed = 11; seed <= 30; ++seed) {
    std::array<char, 64> line{};
    std::snprintf(line.data(), line.size(), "%llu %016llx\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(simulate(seed).hash));
    here += line.data();
  }
  EXPECT_EQ(hashes_of_another_process("11..30"), here);
}

}  // namespace
}  // namespace scopa::sim
