#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace scopa {

/// The test that makes one, run once more in a process of its own, where self_argument() tells it
/// to be the victim. A new program rather than a fork, which would inherit the state of threads
/// that it does not have.
class SelfProcess {
 public:
  /// File descriptors without O_CLOEXEC stay open in it.
  explicit SelfProcess(const std::string& argument) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string filter =
        std::string("--gtest_filter=") + test->test_suite_name() + "." + test->name();
    char self[] = "/proc/self/exe";
    char* arguments[] = {self, filter.data(), nullptr};
    setenv(kVariable, argument.c_str(), 1);
    EXPECT_EQ(posix_spawn(&child_, self, nullptr, nullptr, arguments, environ), 0);
    unsetenv(kVariable);
  }
  SelfProcess(const SelfProcess&) = delete;
  SelfProcess& operator=(const SelfProcess&) = delete;
  ~SelfProcess() { kill_and_wait(); }

  void kill_and_wait() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = 0;
  }

  /// In the child: what the parent said; null in any other process.
  static const char* self_argument() { return getenv(kVariable); }

 private:
  static constexpr const char* kVariable = "SCOPA_TEST_SELF";
  pid_t child_ = 0;
};

}  // namespace scopa
