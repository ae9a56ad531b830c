#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/integration/support/process.h"

namespace scopa::test {

/// A folder with a shell trainer and a sweep file in it, and the real program run there.
class CliTest : public ::testing::Test {
 protected:
  CliTest();
  /// Of a test that failed: what its commands and its broker said.
  void TearDown() override;

  /// `scopa ARGS` in the folder, to its end.
  Finished scopa(std::vector<std::string> args,
                 std::chrono::milliseconds timeout = std::chrono::seconds(60));
  /// The same, left running.
  Process start(const std::string& name, std::vector<std::string> args);

  /// A sweep file of `trials` trials, maximizing `metric` over x in 1..1000; `extra` is appended.
  std::string sweep_text(int trials, const std::string& metric = "score",
                         const std::string& extra = "");
  void write_sweep(int trials, const std::string& metric = "score", const std::string& extra = "");
  /// Replaces the trainer: a POSIX shell script, its `x` set to the parameter.
  void write_trainer(const std::string& body);

  /// A broker on a free port, in the folder's .scopa; ready when this returns.
  void start_broker();
  const std::string& url() const { return url_; }
  void stop_broker();

  /// `scopa ARGS --json`, its one document; fails the test unless it exits with `exit`.
  nlohmann::json json(std::vector<std::string> args, int exit = 0);
  /// The document on stderr of a command that fails with `exit`.
  nlohmann::json json_error(std::vector<std::string> args, int exit);
  nlohmann::json counts(const std::string& sweep);
  std::string state(const std::string& sweep);

  TempFolder folder_;

 private:
  std::unique_ptr<Process> broker_;
  std::string url_;
  std::string said_;  // each command, and its stderr
};

/// The text's lines, without their ends.
std::vector<std::string> lines_of(const std::string& text);

}  // namespace scopa::test
