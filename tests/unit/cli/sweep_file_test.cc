#include "cli/sweep_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tests/support/temp_folder.h"

namespace scopa::cli {
namespace {

using std::chrono::milliseconds;

TEST(SweepFileTest, AFileIsRead) {
  const TempFolder folder;
  std::ofstream(folder / "a.yaml") << std::string(50'000, 'x');
  const auto text = read_text(folder / "a.yaml");
  ASSERT_TRUE(text) << text.status().to_string();
  EXPECT_EQ(text->size(), 50'000U);
  EXPECT_EQ(read_text(folder / "none").status().code(), Code::kNotFound);
  EXPECT_EQ(read_text(folder.path()).status().code(), Code::kResource);
}

TEST(SweepFileTest, APipeThatNobodyWritesIntoIsNotWaitedForForEver) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  const auto text = read_text(folder / "pipe", milliseconds(50));
  EXPECT_EQ(text.status().code(), Code::kResource);
  EXPECT_THAT(text.status().message(), testing::HasSubstr("nobody writes into this pipe"));
}

TEST(SweepFileTest, APipeIsReadToItsEndHoweverItsBytesCome) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::thread writer([&folder] {
    const int pipe = open((folder / "pipe").c_str(), O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < 200; ++i) EXPECT_EQ(write(pipe, "0123456789", 10), 10);
    close(pipe);
  });
  const auto text = read_text(folder / "pipe", std::chrono::minutes(1));
  writer.join();
  ASSERT_TRUE(text) << text.status().to_string();
  EXPECT_EQ(text->size(), 2000U);
}

}  // namespace
}  // namespace scopa::cli
