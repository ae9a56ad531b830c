#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/status.h"

namespace scopa::worker {

struct ProcessSpec {
  std::vector<std::string> argv;         ///< argv[0] is looked up in PATH unless it has a slash
  std::vector<std::string> environment;  ///< NAME=value
  std::string folder;                    ///< where it starts; relative programs are looked up there
  std::string output_file;               ///< appended to by stdout and stderr
};

struct LeaderEnd {
  bool by_signal = false;
  int code = 0;  ///< the signal, or the exit code
};

/// A program as a process group of its own: ended as a whole and confirmed dead. One thread.
///
/// The leader stays a zombie until reap(), so its number names this group and no other, however
/// long that takes.
class ProcessGroup {
 public:
  /// Errors: kNotFound for a program or folder that is not there, kInvalidArgument for one that
  /// cannot be executed, kResource; the message names program and folder.
  static Result<std::unique_ptr<ProcessGroup>> spawn(const ProcessSpec& spec);
  /// Kills what still runs.
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  pid_t leader() const { return leader_; }
  /// Readable once the leader has ended; -1 where the kernel offers no such descriptor.
  int fd() const { return pidfd_; }
  /// How the leader ended; none while it runs.
  std::optional<LeaderEnd> leader_end();
  /// Whether a process of the group lives, besides a leader that has ended.
  bool has_living_members() const;
  void signal(int number) const;
  /// Once the leader has ended: lets go of its number.
  void reap();

 private:
  ProcessGroup(pid_t leader, int pidfd) : leader_(leader), pidfd_(pidfd) {}

  pid_t leader_;
  int pidfd_;
  std::optional<LeaderEnd> end_;
  bool reaped_ = false;
};

}  // namespace scopa::worker
