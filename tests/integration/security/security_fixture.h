#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "sdk/session/client_keys.h"
#include "sdk/session/curve.h"
#include "sdk/session/keys.h"
#include "tests/integration/broker/broker_fixture.h"

namespace scopa::server {

using session::ClientKeysPtr;
using session::Role;

/// Polls `holds` until it is true; whether it became so in time.
inline bool soon(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// A folder with the keys of a broker, in which a RunningBroker then asks for keys.
class KeyedFolder {
 public:
  KeyedFolder() {
    session::PublicKey who;
    who.name = "broker";
    who.is_server = true;
    const auto pair = session::make_key_pair(who);
    EXPECT_TRUE(pair);
    const Status written =
        session::write_key_files(*pair, folder_ / "keys/server.key", folder_ / "keys/server.pub");
    EXPECT_TRUE(written) << written.to_string();
    EXPECT_EQ(mkdir(authorized("").c_str(), 0700), 0);
  }
  const std::string& path() const { return folder_.path(); }
  std::string authorized(const std::string& file) const {
    return folder_ / ("authorized_keys.d/" + file);
  }
  std::string server_file() const { return folder_ / "keys/server.pub"; }

  /// A key that nobody has authorized; its files are `file`.key and .pub.
  ClientKeysPtr key(const std::string& name, Role role, std::string file = {}) {
    if (file.empty()) file = name;
    session::PublicKey who;
    who.name = name;
    who.role = role;
    const auto pair = session::make_key_pair(who);
    EXPECT_TRUE(pair);
    const std::string path = folder_ / ("clients/" + file + ".key");
    const Status written = session::write_key_files(*pair, path, session::public_path_of(path));
    EXPECT_TRUE(written) << written.to_string();
    auto keys = session::find_client_keys("tcp://head:1", {path, server_file()},
                                          [](std::string_view) { return std::nullopt; });
    EXPECT_TRUE(keys) << keys.status().to_string();
    return keys ? *keys : nullptr;
  }
  /// As an administrator does: the file appears whole.
  void authorize(const session::PublicKey& key, const std::string& file) const {
    const std::string draft = authorized(file + ".draft");
    std::ofstream(draft) << session::public_text(key);
    ASSERT_EQ(chmod(draft.c_str(), 0644), 0);
    ASSERT_EQ(rename(draft.c_str(), authorized(file + ".pub").c_str()), 0);
  }
  ClientKeysPtr authorized_key(const std::string& name, Role role, std::string file = {}) {
    if (file.empty()) file = name;
    ClientKeysPtr keys = key(name, role, file);
    authorize(keys->own.open, file);
    return keys;
  }

 private:
  TempFolder folder_;
};

inline std::unique_ptr<session::Client> connect(const std::string& endpoint, ClientKeysPtr keys) {
  auto client = session::Client::connect(endpoint, kPatience, std::move(keys));
  EXPECT_TRUE(client) << client.status().to_string();
  return client ? std::move(*client) : nullptr;
}

inline Status refusal(const std::string& endpoint, ClientKeysPtr keys) {
  return session::Client::connect(endpoint, kPatience, std::move(keys)).status();
}

}  // namespace scopa::server
