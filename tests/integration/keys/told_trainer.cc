// A trainer that does what its parameters tell it, and writes down, one JSON document a line, what
// it was given: {"trial", "attempt", "seed", "replicate", "params", "args", "stop"}.
//
//     loss(step) = base + slope * step, for steps 1 ... steps
//     noise          adds noise * (seed % 1000) / 1000
//     bump           adds -bump at step 2: better there than at the end
//     nan_at         logs NaN at this step
//     fail_attempts  attempts 1 ... fail_attempts exit with 1
//     silent         logs nothing
//     pause_ms       takes this long for a step
//     save_ms        takes this long after its last step to write `model` and log "test_loss"
//     deaf           does not ask whether it should stop

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "scopa/scopa.hpp"

namespace {

std::string from_environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

bool write_down(const scopa::Trial& trial, int argc, char** argv) {
  nlohmann::json line = {{"trial", trial.number()},
                         {"attempt", trial.attempt()},
                         {"seed", trial.seed()},
                         {"replicate", from_environment("SCOPA_REPLICATE")},
                         {"params", nlohmann::json::parse(trial.params_json())},
                         {"stop", static_cast<int>(trial.stop_reason())},
                         {"args", nlohmann::json::array()}};
  for (int i = 1; i < argc; ++i) line["args"].push_back(argv[i]);
  const std::string text = line.dump() + "\n";
  const int fd =
      open(from_environment("SCOPA_TEST_RECORD").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const bool written =
      fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (fd >= 0) close(fd);
  return written;
}

void save(scopa::Trial& trial, std::int64_t save_ms) {
  if (save_ms == 0) return;
  std::this_thread::sleep_for(std::chrono::milliseconds(save_ms));
  std::ofstream(std::string(trial.folder()) + "/model") << "model\n";
  trial.log("test_loss", 0, 0.25);
}

}  // namespace

int main(int argc, char** argv) {
  auto trial = scopa::Trial::current();
  const auto steps = trial.param("steps", std::int64_t{3});
  const auto nan_at = trial.param("nan_at", std::int64_t{0});
  const auto pause_ms = trial.param("pause_ms", std::int64_t{0});
  const double noise = trial.param("noise", 0.0) * static_cast<double>(trial.seed() % 1000) / 1000;
  const double base = trial.param("base", 1.0) + noise;
  const double slope = trial.param("slope", 0.0);
  const bool silent = trial.param("silent", false);
  const scopa::Metric loss = trial.metric("loss");
  const bool deaf = trial.param("deaf", false);
  for (std::int64_t step = 1; step <= steps && (deaf || !trial.should_stop()); ++step) {
    double value = base + slope * static_cast<double>(step);
    if (step == 2) value -= trial.param("bump", 0.0);
    if (step == nan_at) value = std::nan("");
    if (!silent) loss.log(step, value);
    // The pace of training, not a wait for anything.
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
  }
  save(trial, trial.param("save_ms", std::int64_t{0}));
  if (!write_down(trial, argc, argv)) return 3;
  trial.finish();
  return trial.attempt() <= trial.param("fail_attempts", 0U) ? 1 : 0;
}
