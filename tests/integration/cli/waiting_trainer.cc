// The trainer of sdk/examples/checkpoint, but that its first attempt stands still after epoch 13
// until it is told to stop, and saves when it is asked to: it cannot be over before that.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <scopa/scopa.hpp>
#include <string>
#include <thread>

namespace {

constexpr std::int64_t kWaitsAfter = 13;

struct Model {
  double weight = 5, velocity = 0;

  double train_epoch() {
    velocity = 0.5 * velocity - 0.05 * 2 * (weight - 1);
    weight += velocity;
    return std::pow(weight - 1, 2);
  }
};

bool save(const Model& model, const std::string& path) {
  std::ofstream out(path);
  out.precision(17);
  out << model.weight << ' ' << model.velocity << '\n';
  out.close();
  return out.good();
}

}  // namespace

int main(int argc, char** argv) {
  auto trial = scopa::Trial::current(argc, argv);
  const std::int64_t epochs = trial.param("epochs", std::int64_t{60});
  Model model;
  std::int64_t epoch = 0;
  const char* attempt = std::getenv("SCOPA_ATTEMPT");
  const bool waits = attempt != nullptr && std::string(attempt) == "1";
  if (trial.resume_step() >= 0) {
    std::ifstream in(trial.checkpoint_path());
    if (in >> model.weight >> model.velocity) {
      epoch = trial.resume_step() + 1;
    } else {
      trial.start_over();
    }
  }
  std::printf("starting with epoch %lld\n", static_cast<long long>(epoch));
  std::fflush(stdout);
  const scopa::Metric loss = trial.metric("loss");
  for (; epoch < epochs && !trial.should_stop(); ++epoch) {
    loss.log(epoch, model.train_epoch());
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (waits && epoch == kWaitsAfter && !trial.should_stop() &&
           std::chrono::steady_clock::now() < until) {
      if (trial.checkpoint_requested() && save(model, trial.checkpoint_path())) {
        trial.checkpoint_saved(epoch);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}
