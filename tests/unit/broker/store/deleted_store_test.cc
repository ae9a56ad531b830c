// A store whose folder somebody takes away while it is in use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "store_fixture.h"

namespace scopa::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DeletedStoreTest : public testing::Test {
 protected:
  DeletedStoreTest() { EXPECT_TRUE(commit_event(*store_, noticed("aaaaaaaa", 1))); }

  /// It says so, takes nothing and begins nothing anew, but can be read.
  void expect_refused() {
    const Status found = store_->look();
    EXPECT_EQ(found.code(), Code::kResource);
    EXPECT_THAT(found.message(), HasSubstr("deleted, moved or replaced"));
    EXPECT_EQ(commit_event(*store_, noticed("aaaaaaaa", 2)).code(), Code::kResource);
    EXPECT_EQ(store_->probe().code(), Code::kResource);
    EXPECT_EQ(store_->recover().code(), Code::kResource);
    EXPECT_EQ(events_of(*store_).size(), 1U);
  }

  const TempFolder folder_;
  std::unique_ptr<Store> store_ = open_store(folder_.path());
};

TEST_F(DeletedStoreTest, OneThatIsWhereItWasTakesWrites) {
  EXPECT_TRUE(store_->look());
  EXPECT_TRUE(commit_event(*store_, noticed("aaaaaaaa", 2)));
}

TEST_F(DeletedStoreTest, TheWholeFolderIsGone) {
  fs::remove_all(folder_.path());
  expect_refused();
  fs::create_directory(folder_.path());
}

TEST_F(DeletedStoreTest, TheDatabaseIsGone) {
  fs::remove_all(folder_ / "store");
  expect_refused();
  EXPECT_FALSE(fs::exists(folder_ / "store"));
}

TEST_F(DeletedStoreTest, ItsFilesAreGone) {
  for (const auto& entry : fs::directory_iterator(folder_ / "store")) fs::remove(entry.path());
  expect_refused();
}

TEST_F(DeletedStoreTest, AnotherIsInItsPlace) {
  fs::rename(folder_ / "store", folder_ / "moved");
  const TempFolder other;
  open_store(other.path()).reset();
  fs::copy(other / "store", folder_ / "store");
  expect_refused();
}

TEST_F(DeletedStoreTest, MovedBackItGoesOn) {
  fs::rename(folder_ / "store", folder_ / "moved");
  expect_refused();
  fs::rename(folder_ / "moved", folder_ / "store");
  EXPECT_TRUE(store_->probe());
  ASSERT_TRUE(store_->recover());
  EXPECT_TRUE(commit_event(*store_, noticed("aaaaaaaa", 2)));
  EXPECT_EQ(events_of(*store_).size(), 2U);
}

}  // namespace
}  // namespace scopa::store
