#pragma once

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/support/process.h"

namespace scopa::test {

using Json = nlohmann::json;

/// What came of a sweep.
struct Swept {
  int exit = 0;
  Json sweep;                ///< as `scopa status --json` shows it
  std::vector<Json> trials;  ///< by number, as `scopa trials --json` shows them
  std::vector<Json> told;    ///< what each attempt was given, as told_trainer wrote it down
  std::string err;

  std::vector<std::string> states() const;
  /// Of all trials with the parameter, by number.
  std::vector<Json> param(const std::string& name) const;
  std::vector<Json> args() const { return told.at(0).at("args"); }
};

/// Runs the sweep files of the folder `sweeps` with real processes: `scopa run`, its broker and
/// worker, and told_trainer as ./train.
class KeysTest : public ::testing::Test {
 protected:
  KeysTest();

  using Replacements = std::vector<std::pair<std::string, std::string>>;
  /// One slot, so that trials come one after the other.
  Swept sweep(const std::string& name, const Replacements& replacements = {},
              const std::vector<std::string>& arguments = {});
  Finished scopa(std::vector<std::string> arguments);
  /// Puts the file into the folder, and returns its path.
  std::string place(const std::string& name, const Replacements& replacements = {});

  TempFolder folder_;
  std::vector<std::string> environment_;
};

}  // namespace scopa::test
