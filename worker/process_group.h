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
  std::string held_pipe;  ///< a FIFO that the program holds open itself (kHeldPipe); empty: none
};

/// The descriptor of ProcessSpec::held_pipe: as long as the program has it, writing into the FIFO
/// neither blocks at once nor raises SIGPIPE, also when the worker is gone. High, so that no script
/// uses it.
inline constexpr int kHeldPipe = 197;

struct LeaderEnd {
  bool by_signal = false;
  int code = 0;       ///< the signal, or the exit code
  bool known = true;  ///< false: it was not ours to wait for
};

/// A program as a process group of its own: ended as a whole and confirmed dead. One thread.
///
/// The leader of a spawned group stays a zombie until reap(), so its number names this group and no
/// other, however long that takes. That of an adopted group names it as long as one of its
/// processes lives.
class ProcessGroup {
 public:
  /// Errors: kNotFound for a program or folder that is not there, kInvalidArgument for one that
  /// cannot be executed, kResource; the message names program and folder.
  static Result<std::unique_ptr<ProcessGroup>> spawn(const ProcessSpec& spec);
  /// The group of a leader that somebody else has started, told from another process of its number
  /// by its start time (session::start_ticks()). The leader may have ended; then something else of
  /// the group must live.
  static std::unique_ptr<ProcessGroup> adopt(pid_t leader, std::uint64_t start);
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
  bool adopted_leader_is_over() const;

  pid_t leader_;
  int pidfd_;
  bool is_child_ = true;
  std::uint64_t start_ = 0;  // of an adopted leader
  std::optional<LeaderEnd> end_;
  bool reaped_ = false;
};

}  // namespace scopa::worker
