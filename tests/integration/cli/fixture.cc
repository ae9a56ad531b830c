#include "tests/integration/cli/fixture.h"

#include <sys/stat.h>

#include <csignal>
#include <iostream>
#include <sstream>

namespace scopa::test {
namespace {

// Workers look in their user's memory for what dead ones left; that of other tests is not theirs.
std::vector<std::string> environment_in(const TempFolder& folder) {
  return {"SCOPA_URL=",
          "SCOPA_KEY=",
          "SCOPA_SERVER_KEY=",
          "SCOPA_MEMORY=" + (folder / "memory"),
          "XDG_CONFIG_HOME=/nonexistent",
          "COLUMNS=",
          "NO_COLOR=",
          "CUDA_VISIBLE_DEVICES="};
}

}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

CliTest::CliTest() {
  write_trainer(
      "for step in 1 2 3; do\n"
      "  echo \"{\\\"step\\\": $step, \\\"score\\\": $x.$step}\" >> \"$SCOPA_METRICS\"\n"
      "done\n"
      "echo trained with $x\n");
  write_sweep(4);
}

std::string CliTest::sweep_text(int trials, const std::string& metric, const std::string& extra) {
  return "name: steps\nprogram: ./train.sh\nmethod: random\nseed: 7\n"
         "command: [\"${program}\", \"${args}\"]\n"
         "metric: {name: " +
         metric +
         ", goal: maximize}\n"
         "run_cap: " +
         std::to_string(trials) + "\n" +
         "parameters:\n  x: {distribution: int_uniform, min: 1, max: 1000}\n" + extra;
}

void CliTest::write_sweep(int trials, const std::string& metric, const std::string& extra) {
  write_file(folder_ / "sweep.yaml", sweep_text(trials, metric, extra));
}

void CliTest::write_trainer(const std::string& body) {
  const std::string path = folder_ / "train.sh";
  write_file(path,
             "#!/bin/sh\nfor a in \"$@\"; do case $a in --x=*) x=${a#--x=};; esac; done\n" + body);
  ASSERT_EQ(chmod(path.c_str(), 0755), 0);
}

Finished CliTest::scopa(std::vector<std::string> args, std::chrono::milliseconds timeout) {
  std::string command = "$ scopa";
  for (const std::string& arg : args) command += " " + arg;
  args.insert(args.begin(), SCOPA_EXECUTABLE);
  Finished done = run(std::move(args), folder_.path(), environment_in(folder_), timeout);
  said_ += command + "\n" + done.err;
  return done;
}

void CliTest::TearDown() {
  if (!HasFailure()) return;
  std::cerr << said_;
  if (broker_) std::cerr << "$ scopa broker\n" << broker_->err();
}

Process CliTest::start(const std::string& name, std::vector<std::string> args) {
  args.insert(args.begin(), SCOPA_EXECUTABLE);
  return Process(name, std::move(args), folder_.path(), environment_in(folder_));
}

void CliTest::start_broker() {
  broker_ = std::make_unique<Process>(
      "broker",
      std::vector<std::string>{SCOPA_EXECUTABLE, "broker", "--listen", "tcp://127.0.0.1:*",
                               "--durability", "process"},
      folder_.path(), environment_in(folder_));
  const auto bound = [this] {
    for (const std::string& line : lines_of(read_file(folder_ / ".scopa/endpoint"))) {
      if (line.rfind("tcp://", 0) == 0) url_ = line;
    }
    return !url_.empty();
  };
  ASSERT_TRUE(eventually(bound)) << broker_->err();
}

void CliTest::stop_broker() {
  ASSERT_TRUE(broker_);
  broker_->signal(SIGTERM);
  EXPECT_EQ(broker_->wait(std::chrono::seconds(20)), 0) << broker_->err();
  said_ += "$ scopa broker\n" + broker_->err();
  broker_.reset();
  url_.clear();
}

nlohmann::json CliTest::json(std::vector<std::string> args, int exit) {
  std::string command;
  for (const std::string& arg : args) command += arg + " ";
  args.emplace_back("--json");
  const Finished done = scopa(std::move(args));
  EXPECT_EQ(done.status, exit) << command << done.err;
  const auto document = nlohmann::json::parse(done.out, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << command << done.out;
  if (document.is_discarded()) return {};
  EXPECT_EQ(document.value("schema_version", 0), 1) << command;
  return document;
}

nlohmann::json CliTest::json_error(std::vector<std::string> args, int exit) {
  args.emplace_back("--json");
  const Finished done = scopa(std::move(args));
  EXPECT_EQ(done.status, exit) << done.err;
  EXPECT_EQ(done.out, "");
  const auto document = nlohmann::json::parse(done.err, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << done.err;
  if (document.is_discarded() || !document.contains("error")) return {};
  return document["error"];
}

nlohmann::json CliTest::counts(const std::string& sweep) {
  return json({"status", sweep}).at("sweep").at("counts");
}

std::string CliTest::state(const std::string& sweep) {
  return json({"status", sweep}).at("sweep").at("state");
}

}  // namespace scopa::test
