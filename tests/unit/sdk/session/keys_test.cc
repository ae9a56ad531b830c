#include "sdk/session/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <type_traits>

#include "sdk/session/client_keys.h"
#include "tests/support/temp_folder.h"

namespace scopa::session {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

PublicKey client(Role role = Role::kWorker) {
  PublicKey who;
  who.name = "gpu-lab";
  who.role = role;
  return who;
}

PublicKey broker() {
  PublicKey who;
  who.name = "head";
  who.is_server = true;
  return who;
}

std::string text_of(const std::string& path) { return TempFolder::text_of(path); }

void write_text(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream(path) << text;
  ASSERT_EQ(chmod(path.c_str(), mode), 0);
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

class KeyFileTest : public ::testing::Test {
 protected:
  std::string make(const PublicKey& who, const std::string& name) {
    auto pair = make_key_pair(who);
    EXPECT_TRUE(pair) << pair.status().to_string();
    const std::string path = folder_ / name;
    const Status written = write_key_files(*pair, path, public_path_of(path));
    EXPECT_TRUE(written) << written.to_string();
    secret_ = pair->secret.text();
    return path;
  }
  void expect_no_secret_in(const Status& status) {
    EXPECT_THAT(status.to_string(), Not(HasSubstr(secret_)));
    EXPECT_THAT(status.to_string(), Not(HasSubstr(secret_.substr(0, 10))));
  }

  TempFolder folder_;
  std::string secret_;  // of the latest key
};

TEST_F(KeyFileTest, WhatIsWrittenIsReadBackAndOnlyTheOwnerCanReadTheSecret) {
  const std::string path = make(client(Role::kAdmin), "keys/anna.key");
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(mode_of(folder_ / "keys"), 0700U);
  EXPECT_EQ(mode_of(folder_ / "keys/anna.pub"), 0644U);
  const auto pair = read_secret_file(path);
  ASSERT_TRUE(pair) << pair.status().to_string();
  EXPECT_EQ(pair->secret.text(), secret_);
  EXPECT_EQ(pair->open.role, Role::kAdmin);
  const auto open = read_public_file(folder_ / "keys/anna.pub", Writers::kTrusted);
  ASSERT_TRUE(open) << open.status().to_string();
  EXPECT_EQ(open->key, pair->open.key);
  EXPECT_EQ(open->name, "gpu-lab");
  EXPECT_THAT(text_of(folder_ / "keys/anna.pub"), Not(HasSubstr(secret_)));
}

TEST_F(KeyFileTest, AKeyIsNeverReplaced) {
  const std::string path = make(client(), "a.key");
  const std::string before = text_of(path);
  auto other = make_key_pair(client());
  ASSERT_TRUE(other);
  EXPECT_EQ(write_key_files(*other, path, folder_ / "new.pub").code(), Code::kConflict);
  EXPECT_EQ(write_key_files(*other, folder_ / "new.key", folder_ / "a.pub").code(),
            Code::kConflict);
  EXPECT_EQ(text_of(path), before);
  EXPECT_NE(access((folder_ / "new.key").c_str(), F_OK), 0);
  EXPECT_NE(access((folder_ / "new.pub").c_str(), F_OK), 0);
}

TEST_F(KeyFileTest, ASecretThatOthersCanReadIsRefusedWithTheRemedy) {
  const std::string path = make(client(), "a.key");
  for (const mode_t mode : {0640U, 0604U, 0620U, 0660U, 0644U}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    const auto read = read_secret_file(path);
    EXPECT_EQ(read.status().code(), Code::kDenied) << mode;
    EXPECT_THAT(read.status().help(), HasSubstr("chmod 600 " + path));
    expect_no_secret_in(read.status());
  }
  ASSERT_EQ(chmod(path.c_str(), 0400), 0);
  EXPECT_TRUE(read_secret_file(path));
}

TEST_F(KeyFileTest, ASecretOfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
  const std::string path = make(client(), "a.key");
  ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
  const auto read = read_secret_file(path);
  EXPECT_EQ(read.status().code(), Code::kDenied);
  EXPECT_THAT(read.status().message(), HasSubstr("belongs to user 12345"));
}

TEST_F(KeyFileTest, WhatRootMakesInAServicesFolderBelongsToTheService) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
  ASSERT_EQ(chown(folder_.path().c_str(), 12345, 12346), 0);
  make(broker(), "keys/server.key");
  for (const char* file : {"keys", "keys/server.key", "keys/server.pub"}) {
    struct stat info {};
    ASSERT_EQ(stat((folder_ / file).c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, 12345U) << file;
    EXPECT_EQ(info.st_gid, 12346U) << file;
  }
}

TEST_F(KeyFileTest, FoldersInWhichOthersCouldExchangeAKeyAreRefused) {
  ASSERT_EQ(mkdir((folder_ / "open").c_str(), 0700), 0);
  ASSERT_EQ(chmod((folder_ / "open").c_str(), 0777), 0);
  auto pair = make_key_pair(client());
  ASSERT_TRUE(pair);
  EXPECT_EQ(write_key_files(*pair, folder_ / "open/a.key", folder_ / "open/a.pub").code(),
            Code::kDenied);
}

TEST_F(KeyFileTest, APublicFileThatOthersCanWriteIsNotTrusted) {
  make(client(), "a.key");
  const std::string path = folder_ / "a.pub";
  ASSERT_EQ(chmod(path.c_str(), 0664), 0);
  EXPECT_EQ(read_public_file(path, Writers::kTrusted).status().code(), Code::kDenied);
  EXPECT_TRUE(read_public_file(path, Writers::kAny));
}

TEST_F(KeyFileTest, ASecretFileWhereAPublicOneBelongsIsRefusedAndNotShown) {
  const std::string path = make(client(), "a.key");
  const auto read = read_public_file(path, Writers::kTrusted);
  EXPECT_EQ(read.status().code(), Code::kInvalidArgument);
  expect_no_secret_in(read.status());
  EXPECT_EQ(read_secret_file(folder_ / "a.pub").status().code(), Code::kDenied);  // its mode
}

TEST_F(KeyFileTest, BrokenFilesAreRefusedWithTheLineAndWithoutWhatItHolds) {
  const std::string sound = text_of(make(client(), "a.key"));
  const std::string path = folder_ / "b.key";
  const std::string cut = sound.substr(0, sound.size() - 5);  // the secret's end is missing
  const std::string renamed = std::string(sound).replace(sound.find("secret: "), 8, "secert: ");
  auto other = make_key_pair(client());
  ASSERT_TRUE(other);
  std::string mixed = sound;
  mixed.replace(mixed.find("public: ") + 8, kKeyChars, other->open.key);
  const std::map<std::string, std::string> broken = {
      {cut, ":5: this is not a key"},
      {renamed, ":5: the field is none of"},
      {mixed, "do not fit"},
      {secret_, ":1: this is not"},
      {"", "has no line"},
      {std::string(5000, '#'), "too long"},
      {"name: ../x\n", ":1: a name"},
      {"role: root\n", ":1: the role is none of"},
  };
  for (const auto& [text, expected] : broken) {
    write_text(path, text, 0600);
    const auto read = read_secret_file(path);
    EXPECT_EQ(read.status().code(), Code::kInvalidArgument) << text;
    EXPECT_THAT(read.status().message(), HasSubstr(expected));
    expect_no_secret_in(read.status());
  }
}

TEST_F(KeyFileTest, ASecretCannotBeCopiedAndIsWipedWhereItWasMovedFrom) {
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  Secret one(std::string(kKeyChars, 'x'));
  const Secret two = std::move(one);
  EXPECT_TRUE(one.is_empty());  // NOLINT(bugprone-use-after-move): that is the claim
  EXPECT_EQ(two.text(), std::string(kKeyChars, 'x'));
}

TEST_F(KeyFileTest, OnlyWhatZ85CanReadIsAKey) {
  auto pair = make_key_pair(client());
  ASSERT_TRUE(pair);
  EXPECT_TRUE(is_key(pair->open.key));
  EXPECT_FALSE(is_key(pair->open.key.substr(1)));
  EXPECT_FALSE(is_key(std::string(kKeyChars, ' ')));
  EXPECT_FALSE(is_key(std::string(kKeyChars, '#')));  // more than 32 bits in five characters
  EXPECT_FALSE(is_key(std::string(kKeyChars, '\xff')));
}

class ClientKeysTest : public KeyFileTest {
 protected:
  ClientKeysTest() { variables_["HOME"] = folder_.path(); }
  Result<ClientKeysPtr> find(const KeyChoice& choice = {},
                             const std::string& endpoint = "tcp://head:7654") {
    return find_client_keys(endpoint, choice,
                            [this](std::string_view name) -> std::optional<std::string> {
                              const auto found = variables_.find(std::string(name));
                              if (found == variables_.end()) return std::nullopt;
                              return found->second;
                            });
  }
  void make_defaults() {
    ASSERT_EQ(mkdir((folder_ / ".config").c_str(), 0700), 0);
    make(broker(), ".config/scopa/server.key");
    make(client(), ".config/scopa/client.key");
  }
  std::map<std::string, std::string> variables_;
};

TEST_F(ClientKeysTest, WithoutAnyKeyAConnectionIsPlain) {
  const auto keys = find();
  ASSERT_TRUE(keys) << keys.status().to_string();
  EXPECT_EQ(*keys, nullptr);
}

TEST_F(ClientKeysTest, TheDefaultPlaceCountsWhenItIsWhole) {
  make_defaults();
  const auto keys = find();
  ASSERT_TRUE(keys) << keys.status().to_string();
  ASSERT_NE(*keys, nullptr);
  EXPECT_EQ((*keys)->own.secret.text(), secret_);
  ASSERT_EQ(unlink((folder_ / ".config/scopa/server.pub").c_str()), 0);
  const auto half = find();
  ASSERT_TRUE(half);
  EXPECT_EQ(*half, nullptr);
}

TEST_F(ClientKeysTest, TheHalfThatIsMissingIsKnown) {
  const auto missing = [this] {
    return missing_half([this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables_.find(std::string(name));
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    });
  };
  EXPECT_EQ(missing(), "") << "nobody has begun";
  make_defaults();
  EXPECT_EQ(missing(), "") << "both are there";
  const std::string server = folder_ / ".config/scopa/server.pub";
  ASSERT_EQ(rename(server.c_str(), (folder_ / "aside").c_str()), 0);
  EXPECT_EQ(missing(), server);
  ASSERT_EQ(rename((folder_ / "aside").c_str(), server.c_str()), 0);
  const std::string key = folder_ / ".config/scopa/client.key";
  ASSERT_EQ(unlink(key.c_str()), 0);
  EXPECT_EQ(missing(), key);
}

TEST_F(ClientKeysTest, AUnixSocketNeedsNoKeysAndNoneTurnsThemOff) {
  make_defaults();
  EXPECT_EQ(*find({}, "ipc:///run/broker.sock"), nullptr);
  EXPECT_EQ(*find({"none", ""}), nullptr);
  variables_["SCOPA_KEY"] = "none";
  EXPECT_EQ(*find(), nullptr);
}

TEST_F(ClientKeysTest, WhatIsNamedOnTheCommandLineGoesBeforeTheEnvironment) {
  const std::string server = public_path_of(make(broker(), "server.key"));
  const std::string one = make(client(), "one.key");
  const std::string two = make(client(), "two.key");
  variables_["SCOPA_KEY"] = one;
  variables_["SCOPA_SERVER_KEY"] = server;
  EXPECT_EQ((*find())->own_path, one);
  EXPECT_EQ((*find({two, ""}))->own_path, two);
  const std::string z85 = (*find())->server;
  EXPECT_EQ((*find({two, z85}))->server, z85);
}

TEST_F(ClientKeysTest, AHalfThatIsMissingOrOfTheWrongKindIsAnError) {
  const std::string server = make(broker(), "server.key");
  const std::string own = make(client(), "own.key");
  EXPECT_EQ(find({own, ""}).status().code(), Code::kNotFound);
  EXPECT_THAT(find({own, ""}).status().help(), HasSubstr("keys/server.pub"));
  EXPECT_EQ(find({folder_ / "no.key", public_path_of(server)}).status().code(), Code::kNotFound);
  EXPECT_EQ(find({own, public_path_of(own)}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(find({server, public_path_of(server)}).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace scopa::session
