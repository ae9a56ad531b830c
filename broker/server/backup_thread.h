#pragma once

#include <functional>
#include <string>
#include <thread>

#include "broker/store/store.h"
#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::server {

/// Copies the store to `folder` (absolute, not there yet or empty), verifies the copy, and says
/// what is in it. Of one that fails nothing is left. From any thread, beside commits, not beside
/// Store::recover(). Errors: those of Store::backup, kInvalidArgument, kCorruption.
Result<wire::BackedUp> make_backup(const store::Store& store, const std::string& folder);

/// The thread that makes backups, one at a time, so that nobody else waits for one.
class BackupThread {
 public:
  using Done = std::function<void(Result<wire::BackedUp>)>;

  explicit BackupThread(const store::Store& store) : store_(store) {}
  BackupThread(const BackupThread&) = delete;
  BackupThread& operator=(const BackupThread&) = delete;
  /// Finishes the one under way.
  ~BackupThread();

  /// Only when no other is under way. `done` is called in the backup's thread.
  void start(std::string folder, Done done);

 private:
  const store::Store& store_;
  std::thread thread_;
};

}  // namespace scopa::server
