#include "tests/integration/keys/fixture.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace scopa::test {
namespace {

std::vector<Json> documents(const std::string& text) {
  std::vector<Json> documents;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) documents.push_back(Json::parse(line));
  }
  return documents;
}

}  // namespace

std::vector<std::string> Swept::states() const {
  std::vector<std::string> states;
  for (const Json& trial : trials) states.push_back(trial.at("state"));
  return states;
}

std::vector<Json> Swept::param(const std::string& name) const {
  std::vector<Json> values;
  for (const Json& trial : trials) {
    if (trial.at("params").contains(name)) values.push_back(trial.at("params").at(name));
  }
  return values;
}

KeysTest::KeysTest() {
  std::filesystem::create_symlink(TOLD_TRAINER, folder_ / "train");
  environment_ = {"SCOPA_URL=",
                  "SCOPA_MEMORY=" + (folder_ / "memory"),
                  "COLUMNS=",
                  "NO_COLOR=",
                  "CUDA_VISIBLE_DEVICES=",
                  "SCOPA_TEST_RECORD=" + (folder_ / "told"),
                  "TOLD_DATA=/data"};
}

std::string KeysTest::place(const std::string& name, const Replacements& replacements) {
  std::string text = read_file(std::string(SWEEPS) + "/" + name + ".yaml");
  for (const auto& [what, with] : replacements) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << name << " has no " << what;
    if (at != std::string::npos) text.replace(at, what.size(), with);
  }
  const std::string path = folder_ / (name + ".yaml");
  write_file(path, text);
  return path;
}

Finished KeysTest::scopa(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SCOPA_EXECUTABLE);
  return run(std::move(arguments), folder_.path(), environment_, std::chrono::seconds(120));
}

Swept KeysTest::sweep(const std::string& name, const Replacements& replacements,
                      const std::vector<std::string>& arguments) {
  std::filesystem::remove_all(folder_ / ".scopa");
  std::filesystem::remove(folder_ / "told");
  std::vector<std::string> command = {"run", place(name, replacements), "--slots", "1"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Finished done = scopa(command);
  Swept swept;
  swept.exit = done.status;
  swept.err = done.err;
  const Finished status = scopa({"status", "@last", "--json"});
  EXPECT_EQ(status.status, 0) << done.err << status.err;
  if (status.status != 0) return swept;
  swept.sweep = Json::parse(status.out).at("sweep");
  const Finished trials = scopa({"trials", "@last", "--json"});
  EXPECT_EQ(trials.status, 0) << trials.err;
  swept.trials = Json::parse(trials.out).at("trials").get<std::vector<Json>>();
  std::sort(swept.trials.begin(), swept.trials.end(),
            [](const Json& a, const Json& b) { return a.at("trial") < b.at("trial"); });
  if (std::filesystem::exists(folder_ / "told")) {
    swept.told = documents(read_file(folder_ / "told"));
  }
  return swept;
}

}  // namespace scopa::test
