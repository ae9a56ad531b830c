#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "sdk/base/status.h"
#include "sdk/session/environment.h"

namespace scopa::session {

/// Whose a place is: what a later worker must know to take it over.
struct PlaceOwner {
  std::string endpoint;             ///< of the broker
  std::string device;               ///< on which the trainer runs, for records
  pid_t trainer = 0;                ///< leader of its process group; 0: none is known
  std::uint64_t trainer_start = 0;  ///< start_ticks() of it
  std::string space;                ///< of process numbers: they mean nothing in another container
  /// That the trial has when it is told to stop (Assign::grace_ms); 0: limits::kGraceDefault.
  std::chrono::milliseconds grace{};
};

/// The folder of one attempt's journal and metrics pipe: in memory (/dev/shm) where there is room,
/// else in the trial's folder. It is locked as long as this object lives, by the kernel; what a
/// dead worker left is not, and so it is found (leftovers.h) and nobody else takes it too.
class JournalPlace {
 public:
  /// Makes the folder `name`, under `memory_root` when that is usable and has 64 MiB free, else
  /// under `fallback_root`, with a link to it in `memory_root` where that can be made.
  /// Errors: kResource.
  static Result<JournalPlace> make(const std::string& memory_root, const std::string& fallback_root,
                                   const std::string& name, PlaceOwner owner = {});
  /// Takes over one that is there.
  /// Errors: kConflict when somebody has it, kNotFound when it is none or gone, kResource.
  static Result<JournalPlace> take(const std::string& memory_root, const std::string& name);

  JournalPlace(JournalPlace&& other) noexcept { *this = std::move(other); }
  JournalPlace& operator=(JournalPlace&& other) noexcept;
  ~JournalPlace();

  const std::string& folder() const { return folder_; }
  std::string journal() const { return folder_ + "/journal"; }
  std::string pipe() const { return folder_ + "/metrics"; }
  const PlaceOwner& owner() const { return owner_; }
  /// Notes the trainer's process group.
  Status note_trainer(pid_t leader);
  /// Notes how the trainer has ended, `text` as somebody else will want to read it.
  Status note_end(const std::string& text) const;
  /// What note_end() noted; empty: nothing.
  std::string noted_end() const;
  /// Removes the folder.
  void remove() const;

 private:
  JournalPlace() = default;
  Status write_owner() const;
  bool read_owner();

  std::string folder_;
  std::string link_;  // to the folder; empty: none
  int lock_ = -1;
  PlaceOwner owner_;
};

/// Where journals in memory are: SCOPA_MEMORY, else /dev/shm/scopa-UID.
std::string memory_root(const Environment& env);

/// Of this process; process numbers mean nothing outside of it.
std::string process_space();

}  // namespace scopa::session
