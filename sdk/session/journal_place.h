#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "sdk/base/status.h"

namespace scopa::session {

/// The folder of one attempt's journal and metrics pipe: in memory (/dev/shm) where there is room,
/// else in the trial's folder. It remembers whose it is, so that what a dead worker left is found
/// and cleared away.
class JournalPlace {
 public:
  /// Makes the folder `name`, under `memory_root` when that is usable and has 64 MiB free, else
  /// under `fallback_root`.
  /// Errors: kResource.
  static Result<JournalPlace> make(const std::string& memory_root, const std::string& fallback_root,
                                   const std::string& name);

  const std::string& folder() const { return folder_; }
  std::string journal() const { return folder_ + "/journal"; }
  std::string pipe() const { return folder_ + "/metrics"; }
  /// Notes the trainer's process group, for clear_leftovers() of a later worker.
  Status note_trainer(pid_t leader) const;
  /// Removes the folder.
  void remove() const;

 private:
  explicit JournalPlace(std::string folder) : folder_(std::move(folder)) {}
  Status write_owner(pid_t leader) const;
  std::string folder_;
};

/// Ends trainers whose worker is dead and removes what it left under `memory_root`: their leases
/// are lost or will be, and a second worker must not share a GPU with them. What belongs to a
/// living worker, or to another container, is left alone. Returns how many trainers were ended.
std::uint64_t clear_leftovers(const std::string& memory_root);

}  // namespace scopa::session
