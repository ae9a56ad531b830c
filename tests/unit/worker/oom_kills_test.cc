#include "worker/oom_kills.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace scopa::worker {
namespace {

class OomKillsTest : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  OomKills read() { return OomKills::read(folder_.path() + "/"); }

  TempFolder folder_;
};

TEST_F(OomKillsTest, TheCgroupTellsOfItself) {
  write("proc/self/cgroup", "0::/user.slice/scopa\n");
  write("proc/vmstat", "nr_free_pages 17\noom_kill 100\n");
  write("sys/fs/cgroup/user.slice/scopa/memory.events", "low 0\nmax 9\noom 2\noom_kill 1\n");
  const OomKills before = read();
  EXPECT_TRUE(before.source().ends_with("scopa/memory.events"));
  write("proc/vmstat", "nr_free_pages 17\noom_kill 101\n");
  EXPECT_FALSE(read().since(before)) << "somebody else's";
  write("sys/fs/cgroup/user.slice/scopa/memory.events", "low 0\nmax 9\noom 3\noom_kill 2\n");
  EXPECT_TRUE(read().since(before));
}

TEST_F(OomKillsTest, AContainersCgroupIsTheRootOfItsMount) {
  write("proc/self/cgroup", "0::/docker/0123\n");
  write("sys/fs/cgroup/memory.events", "oom_kill 3\n");
  EXPECT_TRUE(read().source().ends_with("cgroup/memory.events"));
}

TEST_F(OomKillsTest, WithoutACgroupTheMachineTells) {
  write("proc/self/cgroup", "4:memory:/x\n0::/\n");
  write("proc/vmstat", "nr_free_pages 17\noom_kill 100\n");
  const OomKills before = read();
  EXPECT_FALSE(read().since(before));
  write("proc/vmstat", "nr_free_pages 17\noom_kill 101\n");
  EXPECT_TRUE(read().since(before));
}

TEST_F(OomKillsTest, WhereNothingCanBeReadThereWereNone) {
  const OomKills before = read();
  EXPECT_EQ(before.source(), "");
  EXPECT_FALSE(read().since(before));
  write("proc/vmstat", "oom_kill 1\n");
  EXPECT_FALSE(read().since(before)) << "another source says nothing about the time before";
}

}  // namespace
}  // namespace scopa::worker
