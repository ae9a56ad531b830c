#include "cli/quiet_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "tests/support/temp_folder.h"

namespace scopa::cli {
namespace {

TEST(QuietLogsTest, AMessageIsOneLineWhateverIsInIt) {
  const TempFolder folder;
  const auto before = spdlog::default_logger();
  quiet_logs(folder.path(), "run.log");
  spdlog::info("trial ended reason=boom\n[2026-01-01 00:00:00.000] [error] forged");
  spdlog::info("next");
  spdlog::set_default_logger(before);
  const std::string text = TempFolder::text_of(folder / "run.log");
  EXPECT_THAT(text, testing::HasSubstr("reason=boom\\n[2026-01-01"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

}  // namespace
}  // namespace scopa::cli
