#include "worker/process_group.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "sdk/session/process_stat.h"

namespace scopa::worker {

namespace {

struct SpawnSetup {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  int prepare(const ProcessSpec& spec) {
    int error = 0;
    const auto step = [&](int result) {
      if (error == 0) error = result;
    };
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    step(posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    step(posix_spawnattr_setpgroup(&attributes, 0));
    step(posix_spawnattr_setsigmask(&attributes, &none));
    step(posix_spawnattr_setsigdefault(&attributes, &all));
    step(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0));
    step(posix_spawn_file_actions_addopen(&actions, 1, spec.output_file.c_str(),
                                          O_WRONLY | O_CREAT | O_APPEND, 0644));
    step(posix_spawn_file_actions_adddup2(&actions, 1, 2));
    step(posix_spawn_file_actions_addchdir_np(&actions, spec.folder.c_str()));
    step(posix_spawn_file_actions_addclosefrom_np(&actions, 3));
    if (!spec.held_pipe.empty()) {
      step(posix_spawn_file_actions_addopen(&actions, kHeldPipe, spec.held_pipe.c_str(),
                                            O_RDWR | O_NONBLOCK, 0));
    }
    return error;
  }
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

/// posix_spawn tells an errno and not which of its steps failed.
Status explain(const ProcessSpec& spec, int error) {
  const std::string& program = spec.argv[0];
  if (error == ENAMETOOLONG || error == E2BIG) {
    // No machine could start it.
    const std::string name = program.size() <= 80 ? program : program.substr(0, 80) + "...";
    return {Code::kInvalidArgument,
            error == E2BIG
                ? "`" + name + "` has more arguments and environment than the kernel takes"
                : "the name of the program is too long (" + std::to_string(program.size()) +
                      " bytes): `" + name + "`"};
  }
  struct stat info {};
  if (stat(spec.folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return {Code::kNotFound,
            "there is no folder " + spec.folder + " to start `" + program + "` in"};
  }
  const bool has_slash = program.find('/') != std::string::npos;
  const std::string path = program[0] == '/' ? program : spec.folder + "/" + program;
  const bool is_there = stat(path.c_str(), &info) == 0;
  if (error == ENOENT && !has_slash) {
    return {Code::kNotFound,
            "there is no program `" + program + "` in PATH" +
                (is_there ? "; the one in " + spec.folder + " is `./" + program + "`" : "")};
  }
  if ((error == ENOENT || error == ENOTDIR || error == ELOOP) && !is_there) {
    return {Code::kNotFound, "there is no program `" + program + "` in " + spec.folder};
  }
  if (error == ENOENT) {
    return {Code::kNotFound, "`" + path + "` names an interpreter or loader that is not there"};
  }
  if (error == EACCES) {
    return {Code::kInvalidArgument, "`" + path + "` may not be executed; try `chmod +x`"};
  }
  if (error == ENOEXEC) {
    return {Code::kInvalidArgument,
            "`" + path + "` is no program: a script begins with a line such as #!/bin/sh"};
  }
  return {Code::kResource,
          "`" + program + "` cannot be started in " + spec.folder + ": " + std::strerror(error)};
}

}  // namespace

Result<std::unique_ptr<ProcessGroup>> ProcessGroup::spawn(const ProcessSpec& spec) {
  if (spec.argv.empty() || spec.argv[0].empty()) {
    return Status{Code::kInvalidArgument, "the sweep's command is empty"};
  }
  SpawnSetup setup;
  int error = setup.prepare(spec);
  pid_t pid = 0;
  if (error == 0) {
    error = posix_spawnp(&pid, spec.argv[0].c_str(), &setup.actions, &setup.attributes,
                         pointers(spec.argv).data(), pointers(spec.environment).data());
  }
  if (error != 0) return explain(spec, error);
  // Not reaped by anyone else, so the number is still this process's. Where there are no pidfds
  // (an old kernel, a sandbox) the end is seen at the next look instead.
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  return std::unique_ptr<ProcessGroup>(new ProcessGroup(pid, pidfd));
}

std::unique_ptr<ProcessGroup> ProcessGroup::adopt(pid_t leader, std::uint64_t start) {
  // First the descriptor, then the look: what it names has this number until the look is over.
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, leader, 0));
  std::unique_ptr<ProcessGroup> group(new ProcessGroup(leader, pidfd));
  group->is_child_ = false;
  group->start_ = start;
  if (session::start_ticks(leader) != start) {
    if (pidfd >= 0) close(pidfd);
    group->pidfd_ = -1;
    group->end_ = LeaderEnd{false, 255, false};
  }
  return group;
}

ProcessGroup::~ProcessGroup() {
  if (!reaped_ && is_child_) {
    signal(SIGKILL);
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(leader_), &info, WEXITED) != 0 && errno == EINTR) {
    }
  } else if (!reaped_ && has_living_members()) {
    signal(SIGKILL);
  }
  if (pidfd_ >= 0) close(pidfd_);
}

std::optional<LeaderEnd> ProcessGroup::leader_end() {
  if (end_) return end_;
  if (!is_child_) {
    if (adopted_leader_is_over()) end_ = LeaderEnd{false, 255, false};
    return end_;
  }
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(leader_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    // Somebody else in this process has reaped it; how it ended is not known any more.
    if (errno == ECHILD) {
      reaped_ = true;
      end_ = LeaderEnd{false, 255};
    }
    return end_;
  }
  if (info.si_pid == leader_) end_ = LeaderEnd{info.si_code != CLD_EXITED, info.si_status};
  return end_;
}

bool ProcessGroup::adopted_leader_is_over() const {
  if (pidfd_ >= 0) {
    pollfd item{pidfd_, POLLIN, 0};
    return poll(&item, 1, 0) > 0;
  }
  const auto stat = session::read_process_stat(std::to_string(leader_));
  return !stat || stat->start != start_ || stat->state == 'Z' || stat->state == 'X';
}

bool ProcessGroup::has_living_members() const {
  if (kill(-leader_, 0) != 0 && errno == ESRCH) return false;
  // Zombies answer signals too: the leader, which waits for reap(), and others where no init
  // collects them.
  DIR* processes = opendir("/proc");
  if (processes == nullptr) return false;
  bool found = false;
  while (const dirent* entry = found ? nullptr : readdir(processes)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    const auto stat = session::read_process_stat(entry->d_name);
    found = stat && stat->group == leader_ && stat->state != 'Z' && stat->state != 'X';
  }
  closedir(processes);
  return found;
}

void ProcessGroup::signal(int number) const {
  if (!reaped_) kill(-leader_, number);
}

void ProcessGroup::reap() {
  if (reaped_ || !end_) return;
  if (!is_child_) {
    reaped_ = true;
    return;
  }
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(leader_), &info, WEXITED) != 0 && errno == EINTR) {
  }
  reaped_ = true;
}

}  // namespace scopa::worker
