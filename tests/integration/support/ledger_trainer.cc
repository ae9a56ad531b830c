// A trainer that keeps a ledger of what it logs (ledger.h), step by step, in the folder
// SCOPA_TEST_LEDGER. Parameters: steps, step_us, checkpoint_every (0: never).

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "scopa/scopa.hpp"
#include "tests/integration/support/ledger.h"

namespace {

class Ledger {
 public:
  explicit Ledger(const scopa::Trial& trial) {
    const char* folder = std::getenv("SCOPA_TEST_LEDGER");
    if (folder == nullptr) return;
    const std::string path = std::string(folder) + "/" + std::to_string(trial.number()) + "-" +
                             std::to_string(trial.attempt()) + "-" + std::to_string(getpid());
    fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  ~Ledger() {
    if (fd_ >= 0) close(fd_);
  }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  void note(const std::string& line) const {
    const std::string text = line + "\n";
    if (fd_ >= 0 && write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      std::exit(3);
    }
  }

 private:
  int fd_ = -1;
};

bool save(const std::string& path, std::uint64_t trial, std::int64_t step) {
  const std::string beside = path + ".new";
  std::ofstream file(beside);
  file << trial << ' ' << step << '\n';
  file.close();
  return file && std::rename(beside.c_str(), path.c_str()) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  auto trial = scopa::Trial::current(argc, argv);
  const auto steps = trial.param("steps", std::int64_t{100});
  const std::chrono::microseconds pace(trial.param("step_us", std::int64_t{1000}));
  const auto checkpoint_every = trial.param("checkpoint_every", std::int64_t{0});
  const Ledger ledger(trial);
  std::int64_t step = 0;
  if (checkpoint_every > 0 && trial.resume_step() >= 0) {
    std::uint64_t of = 0;
    std::int64_t saved = -1;
    std::ifstream(trial.checkpoint_path()) >> of >> saved;
    step = trial.resume_step() + 1;
    if (of != trial.number() || saved < trial.resume_step()) {
      ledger.note("complaint told to go on after step " + std::to_string(trial.resume_step()) +
                  ", its checkpoint is of trial " + std::to_string(of) + " after step " +
                  std::to_string(saved));
      return 4;
    }
  }
  ledger.note("first " + std::to_string(step));
  const scopa::Metric loss = trial.metric("loss");
  const scopa::Metric attempt = trial.metric("attempt");
  for (; step < steps && !trial.should_stop(); ++step) {
    loss.log(step, scopa::test::ledger_loss(trial.number(), step));
    attempt.log(step, scopa::test::ledger_attempt(trial.attempt(), step));
    ledger.note("step " + std::to_string(step));
    if (checkpoint_every > 0 &&
        (step % checkpoint_every == checkpoint_every - 1 || trial.checkpoint_requested())) {
      if (!save(trial.checkpoint_path(), trial.number(), step)) return 5;
      ledger.note("checkpoint " + std::to_string(step));
      trial.checkpoint_saved(step);
    }
    // The pace of training, not a wait for anything.
    std::this_thread::sleep_for(pace);
  }
  if (trial.dropped() > 0) ledger.note("complaint points were dropped");
  if (trial.should_stop()) ledger.note("stopped");
  ledger.note("end");
  trial.finish();
  return 0;
}
