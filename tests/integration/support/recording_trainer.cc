// A trainer whose every metric can be told beforehand. It writes down outside of Scopa what it
// logged, one line an attempt, so that a test can hold the store against it:
//
//     TRIAL ATTEMPT POINTS SLOWEST_LOG_US
//
// Points: metrics "loss" and "aux" at steps 0 .. steps-1, value = trial * 1e6 + step (+ 0.5 for
// aux).

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "scopa/scopa.hpp"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  auto trial = scopa::Trial::current(argc, argv);
  const auto steps = trial.param("steps", std::int64_t{100});
  const auto step_us = trial.param("step_us", std::int64_t{1000});
  const auto fail_every = trial.param("fail_every", std::int64_t{0});
  const auto number = static_cast<std::int64_t>(trial.number());
  const scopa::Metric loss = trial.metric("loss");
  const scopa::Metric aux = trial.metric("aux");
  std::int64_t points = 0;
  auto slowest = Clock::duration::zero();
  for (std::int64_t step = 0; step < steps && !trial.should_stop(); ++step) {
    const double value = static_cast<double>(number) * 1e6 + static_cast<double>(step);
    const auto before = Clock::now();
    loss.log(step, value);
    aux.log(step, value + 0.5);
    slowest = std::max(slowest, Clock::now() - before);
    points += 2;
    // The pace of training, not a wait for anything.
    std::this_thread::sleep_for(std::chrono::microseconds(step_us));
  }
  if (const char* path = std::getenv("SCOPA_TEST_RECORD")) {
    const std::string line =
        std::to_string(trial.number()) + " " + std::to_string(trial.attempt()) + " " +
        std::to_string(points) + " " +
        std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(slowest).count()) +
        "\n";
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    const bool written =
        fd >= 0 && write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (fd >= 0) close(fd);
    if (!written) return 3;
  }
  trial.finish();
  return fail_every > 0 && number % fail_every == fail_every - 1 ? 1 : 0;
}
