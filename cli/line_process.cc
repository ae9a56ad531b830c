#include "cli/line_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include "cli/format.h"
#include "cli/interrupt.h"
#include "sdk/base/limits.h"

extern char** environ;

namespace scopa::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLook{100};
constexpr milliseconds kPollEnd{5};

Status no_process(const std::string& command, int error) {
  return {Code::kResource, "cannot start `" + command + "`: " + std::strerror(error)};
}

struct Pipe {
  std::array<int, 2> ends = {-1, -1};
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) close(end);
    }
  }
  bool open() { return pipe2(ends.data(), O_CLOEXEC) == 0; }
  int take(std::size_t end) { return std::exchange(ends[end], -1); }
};

int spawn_shell(const std::string& command, const Pipe& input, const Pipe& output, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  int error = posix_spawn_file_actions_adddup2(&actions, input.ends[0], 0);
  if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, output.ends[1], 1);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string text = command;
  const std::array<char*, 4> argv = {shell.data(), flag.data(), text.data(), nullptr};
  if (error == 0) {
    error = posix_spawn(pid, "/bin/sh", &actions, &attributes, argv.data(), environ);
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

Result<std::unique_ptr<LineProcess>> LineProcess::start(const std::string& command) {
  survive_broken_pipes();
  Pipe input;
  Pipe output;
  if (!input.open() || !output.open()) return no_process(command, errno);
  for (const int end : {input.ends[1], output.ends[0]}) {
    fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK);
  }
  pid_t pid = -1;
  if (const int error = spawn_shell(command, input, output, &pid); error != 0) {
    return no_process(command, error);
  }
  return std::unique_ptr<LineProcess>(new LineProcess(pid, input.take(1), output.take(0)));
}

LineProcess::~LineProcess() {
  close(input_);
  close(output_);
  has_ended(limits::kEvaluatorLeave);
  // The leader is not reaped yet, so the number is still this group's.
  kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool LineProcess::has_ended(milliseconds patience) const {
  const auto deadline = Clock::now() + patience;
  while (true) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == pid_) {
      return true;
    }
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPollEnd);
  }
}

Status LineProcess::how_it_ended() {
  if (!has_ended(limits::kEvaluatorLeave)) {
    return {Code::kConflict, "it has closed its output"};
  }
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  const std::string how =
      (info.si_code == CLD_EXITED ? "exit " : "signal ") + std::to_string(info.si_status);
  return {Code::kConflict, "it ended (" + how + ") without an answer"};
}

Status LineProcess::send_some(std::string_view* rest) {
  const ssize_t sent = write(input_, rest->data(), rest->size());
  if (sent >= 0) {
    rest->remove_prefix(static_cast<std::size_t>(sent));
    return Status::ok();
  }
  if (errno == EAGAIN || errno == EINTR) return Status::ok();
  return errno == EPIPE
             ? how_it_ended()
             : Status(Code::kConflict, std::string("cannot write to it: ") + std::strerror(errno));
}

Status LineProcess::receive_some(bool* ended) {
  std::array<char, 1 << 16> buffer{};
  const ssize_t got = read(output_, buffer.data(), buffer.size());
  if (got < 0) {
    return errno == EAGAIN || errno == EINTR
               ? Status::ok()
               : Status(Code::kConflict,
                        std::string("cannot read from it: ") + std::strerror(errno));
  }
  *ended = got == 0;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return Status::ok();
}

Result<std::string> LineProcess::ask(const std::string& line, milliseconds patience,
                                     const std::function<bool()>& leave) {
  const std::string text = line + "\n";
  std::string_view rest = text;
  const auto deadline = Clock::now() + patience;
  while (true) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos && rest.empty()) {
      std::string answer = received_.substr(0, end);
      received_.erase(0, end + 1);
      return answer;
    }
    if (received_.size() > limits::kEvaluatorLineBytesMax) {
      return Status{Code::kCorruption, "its answer is longer than " +
                                           std::to_string(limits::kEvaluatorLineBytesMax >> 20) +
                                           " MiB"};
    }
    if (leave()) return Status{Code::kUnavailable, "interrupted"};
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      return Status{
          Code::kDeadlineExceeded,
          "no answer within " + short_duration(std::chrono::duration<double>(patience).count())};
    }
    std::array<pollfd, 2> fds = {{{output_, POLLIN, 0}, {rest.empty() ? -1 : input_, POLLOUT, 0}}};
    poll(fds.data(), fds.size(), static_cast<int>(std::min(left, kLook).count()));
    bool ended = false;
    if (fds[0].revents != 0) SCOPA_RETURN_IF_ERROR(receive_some(&ended));
    if (ended && received_.find('\n') == std::string::npos) return how_it_ended();
    if (fds[1].revents != 0) SCOPA_RETURN_IF_ERROR(send_some(&rest));
  }
}

}  // namespace scopa::cli
