#pragma once

#include <chrono>
#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/base/status.h"
#include "sdk/session/keys.h"

namespace scopa::server {

/// Who may connect: the public files in FOLDER/authorized_keys.d, `*.pub`, each the key of one
/// client. Files that are no such file, or that others can write, are left out, with a line in the
/// log. Any thread may ask; reload() is for one.
class AuthorizedKeys {
 public:
  struct Client {
    std::string name;
    session::Role role = session::Role::kNone;
    bool operator==(const Client&) const = default;
  };

  /// Errors: kDenied for a folder that others can write to; kResource. One that is not there is
  /// empty.
  static Result<std::unique_ptr<AuthorizedKeys>> open(const std::string& folder);

  /// Nothing for a key that is not there, or not any more.
  std::optional<Client> find(std::string_view key) const;
  std::size_t size() const;

  /// Reads the files again when one has changed. What is new counts at once; what is gone counts
  /// for limits::kKeysPoll more, since an editor may just be writing a file anew.
  void reload(std::chrono::steady_clock::time_point now);
  /// The same, but only when files have come or gone since the last time: one system call where
  /// none have, so that strangers may knock as fast as they like.
  void reload_if_files_changed(std::chrono::steady_clock::time_point now);

 private:
  using Clients = std::map<std::string, Client, std::less<>>;
  /// Name → what changes when its content does.
  using Signature = std::map<std::string, std::string>;

  explicit AuthorizedKeys(std::string folder) : folder_(std::move(folder)) {}
  Status look(Signature* signature);
  bool files_changed() const;
  Clients read(const Signature& signature) const;
  void replace(Clients clients);

  const std::string folder_;
  Signature signature_;         // of what was read last
  std::optional<Clients> due_;  // what counts from due_at_ on
  std::chrono::steady_clock::time_point due_at_{};
  struct timespec folder_time_ {};  // of its last change, when it was looked at
  bool is_racy_ = false;            // it had just changed then: more may have come unseen
  std::string trouble_;             // with the folder, as the log knows it

  mutable std::mutex mutex_;
  Clients clients_;  // guarded by mutex_
};

}  // namespace scopa::server
