// Bytes of the database's tables that have changed are told as what they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "broker/store/verify.h"
#include "store_fixture.h"

namespace scopa::store {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DamagedTablesTest : public testing::Test {
 protected:
  DamagedTablesTest() {
    const wire::AttemptRef attempt{.sweep = "aaaaaaaa", .trial = 0, .attempt = 1};
    auto store = open_store(folder_.path());
    for (std::uint64_t i = 0; i < 300; ++i) {
      // Texts that do not compress, so that the events fill several blocks.
      std::string text;
      for (std::uint64_t n = 0; n < 40; ++n) {
        text += std::to_string((i * 40 + n + 1) * 0x9e3779b97f4a7c15);
      }
      EXPECT_TRUE(commit_event(*store, noticed(i % 2 == 0 ? "aaaaaaaa" : "bbbbbbbb", 2 * i, text)));
      EXPECT_TRUE(commit_report(
          *store, report(attempt, 2 * i + 1, i, i + 1, std::to_string(i * 0x9e3779b97f4a7c15))));
    }
    store.reset();
    open_store(folder_.path()).reset();  // writes the log out into tables
  }

  std::vector<std::string> tables() const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(folder_ / "store")) {
      if (entry.path().extension() == ".sst") paths.push_back(entry.path());
    }
    return paths;
  }
  /// What a broker would meet first.
  Status opened_and_read() {
    auto store = Store::open(folder_.path(), OpenMode::kReadWrite, Durability::kProcess);
    if (!store) return store.status();
    std::size_t events = 0, reports = 0;
    SCOPA_RETURN_IF_ERROR((*store)->each_event([&events](const core::Event&) {
      ++events;
      return Status::ok();
    }));
    SCOPA_RETURN_IF_ERROR((*store)->each_points([&reports](const Store::StoredPoints&) {
      ++reports;
      return Status::ok();
    }));
    EXPECT_EQ(events, 300U);
    EXPECT_EQ(reports, 300U);
    return Status::ok();
  }

  const TempFolder folder_;
};

TEST_F(DamagedTablesTest, ABrokerDoesNotStartOnThemAndNamesTheChecksum) {
  ASSERT_TRUE(opened_and_read());
  const std::vector<std::string> all = tables();
  ASSERT_GE(all.size(), 3U);
  for (const std::string& path : all) {
    const std::string before = TempFolder::text_of(path);
    for (std::size_t at = 20; at < before.size();
         at += std::max<std::size_t>(before.size() / 8, 64)) {
      std::string bytes = before;
      for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
        bytes[at + i] = static_cast<char>(~bytes[at + i]);
      }
      std::ofstream(path, std::ios::binary) << bytes;
      const std::string where =
          path + " at " + std::to_string(at) + " of " + std::to_string(before.size()) + ": ";
      const Status found = opened_and_read();
      EXPECT_EQ(found.code(), Code::kCorruption) << where << found.to_string();
      EXPECT_THAT(found.message(), Not(HasSubstr("no event created"))) << where;
      const auto verified = verify_folder(folder_.path());
      EXPECT_FALSE(verified) << where << verified->problem_count << " problems, the first: "
                             << (verified->problems.empty() ? "" : verified->problems[0].text);
      std::ofstream(path, std::ios::binary) << before;
    }
  }
  EXPECT_TRUE(opened_and_read());
}

}  // namespace
}  // namespace scopa::store
