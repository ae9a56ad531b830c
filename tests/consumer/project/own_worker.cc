#include <cstdio>
#include <scopa/worker.hpp>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::printf("usage: own_worker SWEEP\n");
    return 0;
  }
  scopa::WorkerOptions options;
  options.sweep = argv[1];
  options.count = 5;
  const scopa::WorkerResult result = scopa::run_worker(options, [](scopa::Trial& trial) {
    const double rate = trial.param("lr", 0.1);
    double x = 1.0;
    for (int epoch = 0; epoch < 5 && !trial.should_stop(); ++epoch) {
      x -= rate * 2 * x;
      trial.log("loss", epoch, x * x);
    }
  });
  std::printf("trials=%d %s\n", static_cast<int>(result.trials), result.error.c_str());
  return result ? 0 : 1;
}
