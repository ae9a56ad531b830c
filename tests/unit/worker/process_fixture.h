#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sdk/journal/writer.h"
#include "sdk/session/environment.h"
#include "tests/support/monotonic.h"
#include "tests/support/temp_folder.h"
#include "worker/process_execution.h"
#include "worker/process_runner.h"

namespace scopa::worker {

using namespace std::chrono_literals;
using session::TrialEnd;

/// Whether a process lives; a zombie that nobody collects does not.
inline bool lives(pid_t pid) {
  const std::string stat = TempFolder::text_of("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && stat[name_end + 2] != 'Z';
}

class ProcessTest : public ::testing::Test {
 protected:
  RunnerOptions options() {
    RunnerOptions o;
    o.worker = "w1";
    o.folder = folder_ / "store";
    o.program_folder = folder_.path();
    o.memory_root = folder_ / "memory";
    o.slots = {SlotDevice{}};
    o.environment = session::process_environment();
    o.variables = session::process_variables();
    return o;
  }
  wire::Assign assignment(std::vector<std::string> command) {
    wire::Assign m;
    m.sweep = "k3v9q2ha";
    m.trial = 17;
    m.attempt = 2;
    m.params = {{"lr", 0.1}, {"layers", std::int64_t{3}}};
    m.command = std::move(command);
    m.program = "./train";
    m.seed = 99;
    m.metric = "loss";
    m.grace_ms = grace_.count();
    return m;
  }
  /// What a trainer with the SDK does first.
  static std::unique_ptr<journal::Writer> attach_to(session::Execution& execution) {
    auto writer = journal::Writer::open(execution.journal().folder());
    EXPECT_TRUE(writer) << writer.status().to_string();
    if (writer) (*writer)->attach();
    return writer ? std::move(*writer) : nullptr;
  }
  std::unique_ptr<session::Execution> start(const std::string& script, RunnerOptions o) {
    folder_.script("train", script);
    ProcessRunner runner(std::move(o));
    auto execution = runner.start(0, assignment({"${program}"}), monotonic());
    EXPECT_TRUE(execution) << execution.status().to_string();
    return execution ? std::move(*execution) : nullptr;
  }
  std::unique_ptr<session::Execution> start(const std::string& script) {
    return start(script, options());
  }
  /// Does what the worker's loop does, until the end.
  TrialEnd wait_for_end(session::Execution& execution) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (auto end = execution.poll(monotonic())) return *end;
      std::vector<int> fds;
      execution.wait_fds(&fds);
      std::vector<pollfd> items;
      for (const int fd : fds) items.push_back({fd, POLLIN, 0});
      ::poll(items.data(), items.size(), 5);
    }
    ADD_FAILURE() << "the trainer does not end";
    return {};
  }
  /// Waits until the trainer has written `name`; looks after it meanwhile.
  void wait_for_file(session::Execution& execution, const std::string& name) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!std::filesystem::exists(folder_ / name)) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "no " << name;
      ASSERT_FALSE(execution.poll(monotonic()).has_value());
      std::this_thread::sleep_for(1ms);
    }
  }
  PointBlock points(session::Execution& execution) {
    PointBlock block;
    execution.journal().read(0, 100'000, true, &block);
    return block;
  }
  std::string trial_folder() { return folder_ / "store/trials/k3v9q2ha/17"; }

  TempFolder folder_;
  std::chrono::milliseconds grace_{};  ///< of the sweep; 0: the default
  static constexpr auto kNoCut = std::chrono::microseconds::max();
};

}  // namespace scopa::worker
