#include "broker/server/authorized_keys.h"

#include <dirent.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/log_text.h"

namespace scopa::server {
namespace {

constexpr std::string_view kEnding = ".pub";

std::string signature_of(const struct stat& info) {
  return fmt::format("{} {} {} {}.{} {}.{} {:o} {}", info.st_dev, info.st_ino, info.st_size,
                     info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec,
                     info.st_ctim.tv_nsec, info.st_mode, info.st_uid);
}

}  // namespace

Result<std::unique_ptr<AuthorizedKeys>> AuthorizedKeys::open(const std::string& folder) {
  auto keys = std::unique_ptr<AuthorizedKeys>(new AuthorizedKeys(folder));
  Signature signature;
  SCOPA_RETURN_IF_ERROR(keys->look(&signature));
  keys->clients_ = keys->read(signature);
  keys->signature_ = std::move(signature);
  return keys;
}

std::optional<AuthorizedKeys::Client> AuthorizedKeys::find(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(key);
  if (found == clients_.end()) return std::nullopt;
  return found->second;
}

std::size_t AuthorizedKeys::size() const {
  const std::lock_guard lock(mutex_);
  return clients_.size();
}

void AuthorizedKeys::reload(std::chrono::steady_clock::time_point now) {
  Signature signature;
  const Status looked = look(&signature);
  if (!looked) {
    if (std::exchange(trouble_, looked.message()) != looked.message()) {
      spdlog::error("authorized keys trouble={} help={}", in_quotes(looked.message()),
                    in_quotes(looked.help()));
    }
    // Somebody else may have written what lies there; a folder that merely cannot be read says
    // nothing new.
    if (looked.code() == Code::kDenied) replace({});
    signature_.clear();
    due_.reset();
    return;
  }
  trouble_.clear();
  if (signature == signature_) {
    if (due_ && now >= due_at_) replace(*std::exchange(due_, std::nullopt));
    return;
  }
  Clients all = read(signature);
  signature_ = std::move(signature);
  due_ = all;
  due_at_ = now + limits::kKeysPoll;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, client] : clients_) all.emplace(key, client);
  }
  replace(std::move(all));
}

void AuthorizedKeys::reload_if_files_changed(std::chrono::steady_clock::time_point now) {
  if (files_changed()) reload(now);
}

bool AuthorizedKeys::files_changed() const {
  struct stat info {};
  if (stat(folder_.c_str(), &info) != 0) return false;
  return is_racy_ || info.st_mtim.tv_sec != folder_time_.tv_sec ||
         info.st_mtim.tv_nsec != folder_time_.tv_nsec;
}

void AuthorizedKeys::replace(Clients clients) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, client] : clients) {
    const auto old = clients_.find(key);
    if (old != clients_.end() && old->second == client) continue;
    spdlog::info("key authorized name={} role={} key={}", client.name, name_of(client.role), key);
  }
  for (const auto& [key, client] : clients_) {
    if (!clients.contains(key)) spdlog::info("key revoked name={} key={}", client.name, key);
  }
  clients_ = std::move(clients);
}

Status AuthorizedKeys::look(Signature* signature) {
  DIR* folder = opendir(folder_.c_str());
  if (folder == nullptr && errno == ENOENT) return Status::ok();
  if (folder == nullptr) {
    return {Code::kResource, "cannot read the folder `" + folder_ + "`: " + std::strerror(errno)};
  }
  struct stat info {};
  Status status;
  if (fstat(dirfd(folder), &info) != 0) {
    status = {Code::kResource, "cannot look at `" + folder_ + "`: " + std::strerror(errno)};
  } else if ((info.st_mode & 0022) != 0 || (info.st_uid != geteuid() && info.st_uid != 0)) {
    status = {Code::kDenied,
              "others can write to the folder `" + folder_ + "`, and so let anybody in",
              "chown it to the user of the broker, and chmod go-w " + folder_};
  }
  // Two changes in one tick of the file system's clock look like one.
  timespec clock{};
  clock_gettime(CLOCK_REALTIME, &clock);
  folder_time_ = info.st_mtim;
  is_racy_ = clock.tv_sec - info.st_mtim.tv_sec <= 1;
  while (status) {
    const dirent* entry = readdir(folder);
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name.front() == '.' || !name.ends_with(kEnding)) continue;
    if (fstatat(dirfd(folder), name.c_str(), &info, 0) != 0) continue;
    if (signature->size() == limits::kAuthorizedKeysMax) break;
    (*signature)[name] = signature_of(info);
  }
  closedir(folder);
  return status;
}

AuthorizedKeys::Clients AuthorizedKeys::read(const Signature& signature) const {
  Clients clients;
  for (const auto& [name, ignored] : signature) {
    const auto key = session::read_public_file(folder_ + "/" + name, session::Writers::kTrusted);
    if (!key) {
      spdlog::warn("authorized key left out file={} error={} help={}", in_quotes(name),
                   in_quotes(key.status().message()), in_quotes(key.status().help()));
    } else if (key->is_server) {
      spdlog::warn("authorized key left out file={} error=\"it is a broker's\"", in_quotes(name));
    } else if (const auto [there, is_new] =
                   clients.try_emplace(key->key, Client{key->name, key->role});
               !is_new) {
      // Whichever was meant, the lesser can do less harm.
      there->second.role = std::min(there->second.role, key->role);
      spdlog::warn("authorized key twice file={} name={}", in_quotes(name), key->name);
    }
  }
  return clients;
}

}  // namespace scopa::server
