#include "broker/server/authorized_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "sdk/base/limits.h"
#include "tests/support/temp_folder.h"

namespace scopa::server {
namespace {

using namespace std::chrono_literals;
using session::PublicKey;
using session::Role;

constexpr std::chrono::steady_clock::time_point kStart{std::chrono::hours(1)};

class AuthorizedKeysTest : public ::testing::Test {
 protected:
  AuthorizedKeysTest() { EXPECT_EQ(mkdir(path("").c_str(), 0700), 0); }
  std::string path(const std::string& file) const { return folder_ / ("authorized/" + file); }
  static PublicKey key(const std::string& name, Role role = Role::kWorker) {
    PublicKey who;
    who.name = name;
    who.role = role;
    const auto pair = session::make_key_pair(who);
    EXPECT_TRUE(pair);
    return pair->open;
  }
  void write(const std::string& file, const std::string& text, mode_t mode = 0644) const {
    std::ofstream(path(file)) << text;
    ASSERT_EQ(chmod(path(file).c_str(), mode), 0);
  }
  std::unique_ptr<AuthorizedKeys> open() const {
    auto keys = AuthorizedKeys::open(path(""));
    EXPECT_TRUE(keys) << keys.status().to_string();
    return std::move(keys).value();
  }
  TempFolder folder_;
};

TEST_F(AuthorizedKeysTest, EachPublicFileIsAClient) {
  const PublicKey anna = key("anna", Role::kAdmin);
  write("anna.pub", session::public_text(anna));
  write("readme.txt", "not a key");
  write(".hidden.pub", "not a key");
  const auto keys = open();
  EXPECT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->find(anna.key), (AuthorizedKeys::Client{"anna", Role::kAdmin}));
  EXPECT_EQ(keys->find(key("mallory").key), std::nullopt);
}

TEST_F(AuthorizedKeysTest, AFolderThatIsNotThereIsEmptyAndMayCome) {
  const auto keys = AuthorizedKeys::open(folder_ / "none");
  ASSERT_TRUE(keys) << keys.status().to_string();
  EXPECT_EQ((*keys)->size(), 0U);
}

TEST_F(AuthorizedKeysTest, WhatIsNewCountsAtOnceAndWhatIsGoneForAWhileMore) {
  const PublicKey anna = key("anna");
  const PublicKey bert = key("bert");
  write("anna.pub", session::public_text(anna));
  const auto keys = open();
  write("bert.pub", session::public_text(bert));
  ASSERT_EQ(unlink(path("anna.pub").c_str()), 0);
  keys->reload(kStart);
  EXPECT_TRUE(keys->find(bert.key));
  EXPECT_TRUE(keys->find(anna.key));
  keys->reload(kStart + limits::kKeysPoll - 1ms);
  EXPECT_TRUE(keys->find(anna.key));
  keys->reload(kStart + limits::kKeysPoll);
  EXPECT_FALSE(keys->find(anna.key));
  EXPECT_TRUE(keys->find(bert.key));
}

TEST_F(AuthorizedKeysTest, AFileThatComesIsSeenWheneverItIsAskedFor) {
  const auto keys = open();
  for (int i = 0; i < 20; ++i) {
    const PublicKey next = key("k" + std::to_string(i));
    keys->reload_if_files_changed(kStart);
    write("k" + std::to_string(i) + ".pub", session::public_text(next));
    keys->reload_if_files_changed(kStart);
    EXPECT_TRUE(keys->find(next.key)) << i;
  }
}

TEST_F(AuthorizedKeysTest, AFileThatIsJustBeingWrittenAnewTakesNobodysKey) {
  const PublicKey anna = key("anna");
  write("anna.pub", session::public_text(anna));
  const auto keys = open();
  write("anna.pub", "name: an");
  keys->reload(kStart);
  EXPECT_TRUE(keys->find(anna.key));
  write("anna.pub", session::public_text(anna));
  for (auto time = 0ms; time < 5s; time += 500ms) keys->reload(kStart + time);
  EXPECT_TRUE(keys->find(anna.key));
}

TEST_F(AuthorizedKeysTest, ARoleThatIsChangedCountsAtOnce) {
  PublicKey anna = key("anna", Role::kAdmin);
  write("anna.pub", session::public_text(anna));
  const auto keys = open();
  anna.role = Role::kViewer;
  write("anna.pub", session::public_text(anna));
  keys->reload(kStart);
  EXPECT_EQ(keys->find(anna.key)->role, Role::kViewer);
}

TEST_F(AuthorizedKeysTest, OfTwoFilesWithOneKeyTheLesserRoleCounts) {
  PublicKey anna = key("anna", Role::kAdmin);
  write("a.pub", session::public_text(anna));
  anna.role = Role::kViewer;
  write("b.pub", session::public_text(anna));
  EXPECT_EQ(open()->find(anna.key)->role, Role::kViewer);
}

TEST_F(AuthorizedKeysTest, FilesThatCannotBeTrustedAreLeftOut) {
  const PublicKey open_to_all = key("open");
  write("open.pub", session::public_text(open_to_all), 0666);
  PublicKey server = key("broker");
  server.is_server = true;
  server.role = Role::kNone;
  write("broker.pub", session::public_text(server));
  write("junk.pub", std::string(100'000, 'x'));
  ASSERT_EQ(mkdir(path("folder.pub").c_str(), 0700), 0);
  ASSERT_EQ(mkfifo(path("pipe.pub").c_str(), 0600), 0);
  const PublicKey anna = key("anna");
  write("anna.pub", session::public_text(anna));
  const auto keys = open();
  EXPECT_EQ(keys->size(), 1U);
  EXPECT_TRUE(keys->find(anna.key));
}

TEST_F(AuthorizedKeysTest, AFolderThatOthersCanWriteToLetsNobodyIn) {
  const PublicKey anna = key("anna");
  write("anna.pub", session::public_text(anna));
  const auto keys = open();
  ASSERT_EQ(chmod(path("").c_str(), 0777), 0);
  EXPECT_EQ(AuthorizedKeys::open(path("")).status().code(), Code::kDenied);
  keys->reload(kStart);
  EXPECT_FALSE(keys->find(anna.key));
  ASSERT_EQ(chmod(path("").c_str(), 0700), 0);
  keys->reload(kStart + 1s);
  EXPECT_TRUE(keys->find(anna.key));
}

}  // namespace
}  // namespace scopa::server
