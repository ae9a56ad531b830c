// Logs `points` values 0, 1, 2 … of "loss", one each `pause_us`; leaves when told to, and then
// writes into `stopped` of its folder how long the way back took.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "scopa/scopa.hpp"

int main(int argc, char** argv) {
  scopa::Trial trial = scopa::Trial::current(argc, argv);
  const auto points = trial.param("points", std::int64_t{100});
  const auto pause = std::chrono::microseconds(trial.param("pause_us", std::int64_t{0}));
  const bool deaf = trial.param("deaf", false);
  std::printf("%s: %lld points\n", trial.id().c_str(), static_cast<long long>(points));
  std::fflush(stdout);
  for (std::int64_t i = 0; i < points; ++i) {
    if (!deaf && trial.should_stop()) {
      std::ofstream(trial.folder() + std::string("/stopped")) << i << "\n";
      return 0;
    }
    trial.log("loss", i, static_cast<double>(i));
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
  }
  return 0;
}
