#include "broker/store/lock_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temp_folder.h"

namespace scopa::store {
namespace {

TEST(LockFileTest, AStaleFileIsNoLock) {
  const TempFolder folder;
  std::ofstream(folder / "pid") << "1\n";
  EXPECT_TRUE(LockFile::acquire(folder / "pid"));
}

TEST(LockFileTest, AFileWithoutAPidNamesAnotherProcess) {
  const TempFolder folder;
  const auto lock = LockFile::acquire(folder / "pid");
  ASSERT_TRUE(lock);
  std::ofstream(folder / "pid") << "\x1b[31mrubbish\n";
  const auto second = LockFile::acquire(folder / "pid");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.status().message(), ::testing::HasSubstr("another process"));
}

TEST(LockFileTest, AChildProcessDoesNotKeepTheLock) {
  const TempFolder folder;
  auto lock = LockFile::acquire(folder / "pid");
  ASSERT_TRUE(lock);
  // A child that lives as long as its standard input, our pipe, stays open.
  int pipe_ends[2];
  ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[0], 0);
  char name[] = "cat";
  char* arguments[] = {name, nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawnp(&child, name, &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  { const LockFile released = std::move(*lock); }
  EXPECT_TRUE(LockFile::acquire(folder / "pid"));
  close(pipe_ends[1]);
  close(pipe_ends[0]);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
}

}  // namespace
}  // namespace scopa::store
