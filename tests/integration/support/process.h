#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_folder.h"

namespace scopa::test {

/// A child process with its output in files; killed with its process group when it goes out of
/// scope.
class Process {
 public:
  /// Starts `command` in `folder`; output goes to folder/NAME.out and folder/NAME.err.
  /// `environment` holds "NAME=value" on top of the test's own.
  Process(const std::string& name, std::vector<std::string> command, const std::string& folder,
          std::vector<std::string> environment = {});
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Once more, so much later that it does not pass for the same one (limits::kOneSignal).
  void signal_again(int number) const;
  /// kill -9 of this process alone, and waits until it is gone.
  void kill_hard();
  /// Its exit status as a shell shows it (128 + signal), or nothing when it runs still after
  /// `timeout`.
  std::optional<int> wait(std::chrono::milliseconds timeout);
  std::string out() const;
  std::string err() const;

 private:
  void end();

  pid_t pid_ = -1;
  std::optional<int> status_;
  std::string out_path_, err_path_;
};

/// What a command that ends by itself printed.
struct Finished {
  int status = -1;  ///< -1: it did not end in time
  std::string out, err;
};
Finished run(std::vector<std::string> command, const std::string& folder,
             std::vector<std::string> environment = {},
             std::chrono::milliseconds timeout = std::chrono::seconds(60));

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

/// Polls `holds` until it is true or `timeout` has passed; returns whether it became true.
bool eventually(const std::function<bool()>& holds,
                std::chrono::milliseconds timeout = std::chrono::seconds(30));

/// The seed of this run: SCOPA_TEST_SEED, else drawn anew. Print it with every failure.
std::uint64_t test_seed();

}  // namespace scopa::test
