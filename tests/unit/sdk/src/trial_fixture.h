#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scopa/scopa.hpp"
#include "sdk/base/environment.h"
#include "sdk/journal/journal.h"
#include "tests/support/temp_folder.h"

namespace scopa {

inline std::vector<std::string> points_of(journal::Journal& journal) {
  PointBlock block;
  journal.read(0, 100'000, true, &block);
  std::vector<std::string> points;
  for (std::size_t i = 0; i < block.size(); ++i) {
    points.push_back(block.metrics[block.metric[i]] + "@" + std::to_string(block.step[i]) + "=" +
                     to_text(Value(block.value[i])));
  }
  return points;
}

// Runs each test in a folder and with an environment of its own.
class TrialTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::current_path(temp_.path());
    ::unsetenv(environment::kJournal);
    ::unsetenv(environment::kRankLog);
    for (const char* variable : environment::kRanks) ::unsetenv(variable);
  }
  void TearDown() override { std::filesystem::current_path("/"); }

  journal::Journal& start_in_sweep(Params params = {}, std::int64_t resume_step = -1) {
    journal::TrialHeader header;
    header.sweep = "k3v9q2ha";
    header.trial = 17;
    header.attempt = 2;
    header.seed = 42;
    header.metric = "val_loss";
    header.folder = temp_ / "trial";
    header.params = std::move(params);
    header.checkpoint = temp_ / (resume_step < 0 ? "trial/checkpoint" : "kept/checkpoint");
    header.resume_step = resume_step;
    journal_ = std::move(*journal::Journal::create(temp_ / "journal", header));
    ::setenv(environment::kJournal, journal_->folder().c_str(), 1);
    return *journal_;
  }
  Trial with_arguments(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "trainer");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    return Trial::current(static_cast<int>(arguments.size()), argv.data());
  }
  std::string standalone_journal() {
    for (const auto& entry : std::filesystem::directory_iterator(".scopa/standalone")) {
      return entry.path().string();
    }
    return {};
  }

  TempFolder temp_;
  std::unique_ptr<journal::Journal> journal_;
};

}  // namespace scopa
