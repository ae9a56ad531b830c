#include "tests/integration/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>
#include <utility>

#include "sdk/base/limits.h"

namespace scopa::test {
namespace {

std::vector<std::string> environment_with(std::vector<std::string> extra) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string name = std::string(*each).substr(0, std::string(*each).find('=') + 1);
    const bool replaced = std::any_of(extra.begin(), extra.end(),
                                      [&](const std::string& e) { return e.rfind(name, 0) == 0; });
    if (!replaced) all.emplace_back(*each);
  }
  for (std::string& each : extra) all.push_back(std::move(each));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

Process::Process(const std::string& name, std::vector<std::string> command,
                 const std::string& folder, std::vector<std::string> environment)
    : out_path_(folder + "/" + name + ".out"), err_path_(folder + "/" + name + ".err") {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  constexpr int kMode = 0600;
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, out_path_.c_str(), kFlags, kMode);
  posix_spawn_file_actions_addopen(&files, 2, err_path_.c_str(), kFlags, kMode);
  posix_spawn_file_actions_addchdir_np(&files, folder.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> variables = environment_with(std::move(environment));
  const auto argv = pointers(command);
  const auto envp = pointers(variables);
  if (posix_spawnp(&pid_, argv[0], &files, &attributes, argv.data(), envp.data()) != 0) {
    pid_ = -1;
    status_ = 127;
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
    status_ = std::move(other.status_);
    out_path_ = std::move(other.out_path_);
    err_path_ = std::move(other.err_path_);
  }
  return *this;
}

Process::~Process() { end(); }

void Process::end() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  if (!status_) kill_hard();
}

void Process::signal(int number) const {
  if (pid_ > 0 && !status_) ::kill(pid_, number);
}

void Process::signal_again(int number) const {
  std::this_thread::sleep_for(limits::kOneSignal + std::chrono::milliseconds(200));
  signal(number);
}

void Process::kill_hard() {
  signal(SIGKILL);
  (void)wait(std::chrono::seconds(10));
}

std::optional<int> Process::wait(std::chrono::milliseconds timeout) {
  if (status_) return status_;
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (fd >= 0) {
    pollfd ready{fd, POLLIN, 0};
    const int count = poll(&ready, 1, static_cast<int>(timeout.count()));
    close(fd);
    if (count <= 0) return std::nullopt;
  }
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return std::nullopt;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return status_;
}

std::string Process::out() const { return read_file(out_path_); }
std::string Process::err() const { return read_file(err_path_); }

Finished run(std::vector<std::string> command, const std::string& folder,
             std::vector<std::string> environment, std::chrono::milliseconds timeout) {
  static int count = 0;
  const std::string name = "run-" + std::to_string(getpid()) + "-" + std::to_string(count++);
  Process process(name, std::move(command), folder, std::move(environment));
  Finished finished;
  finished.status = process.wait(timeout).value_or(-1);
  finished.out = process.out();
  finished.err = process.err();
  return finished;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

std::uint64_t test_seed() {
  if (const char* given = std::getenv("SCOPA_TEST_SEED")) return std::strtoull(given, nullptr, 10);
  return std::random_device{}();
}

}  // namespace scopa::test
