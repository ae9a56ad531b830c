// A trainer that can be interrupted: it saves a checkpoint every tenth epoch and when it is asked
// to, and goes on from it. Preempt its worker (SIGTERM) and start another one: the curve has no
// seam.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <scopa/scopa.hpp>
#include <string>
#include <thread>

namespace {

/// Gradient descent with momentum on (weight - 1)^2: all that a checkpoint must hold.
struct Model {
  double weight = 5, velocity = 0;

  double train_epoch(double rate, double momentum) {
    velocity = momentum * velocity - rate * 2 * (weight - 1);
    weight += velocity;
    return std::pow(weight - 1, 2);
  }
};

/// Written beside and renamed, so that a whole one is there whenever the machine goes away.
bool save(const Model& model, const std::string& path) {
  const std::string beside = path + ".new";
  std::ofstream out(beside);
  out << std::hexfloat << model.weight << ' ' << model.velocity << '\n';
  out.close();
  return out && std::rename(beside.c_str(), path.c_str()) == 0;
}

bool load(Model* model, const std::string& path) {
  std::ifstream in(path);
  std::string weight, velocity;
  if (!(in >> weight >> velocity)) return false;
  *model = {std::strtod(weight.c_str(), nullptr), std::strtod(velocity.c_str(), nullptr)};
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  auto trial = scopa::Trial::current(argc, argv);
  const double rate = trial.param("learning_rate", 0.05);
  const double momentum = trial.param("momentum", 0.5);
  const std::int64_t epochs = trial.param("epochs", 100);
  const std::chrono::milliseconds pause(trial.param("epoch_ms", 20));

  Model model;
  std::int64_t epoch = 0;
  if (trial.resume_step() >= 0) {
    if (load(&model, trial.checkpoint_path())) {
      epoch = trial.resume_step() + 1;
    } else {
      trial.start_over();
    }
  }
  std::printf("starting with epoch %lld\n", static_cast<long long>(epoch));
  std::fflush(stdout);

  const scopa::Metric loss = trial.metric("loss");
  for (; epoch < epochs && !trial.should_stop(); ++epoch) {
    loss.log(epoch, model.train_epoch(rate, momentum));
    std::this_thread::sleep_for(pause);  // this is where yours takes its time
    if (epoch % 10 == 9 || trial.checkpoint_requested()) {
      if (save(model, trial.checkpoint_path())) trial.checkpoint_saved(epoch);
    }
  }
}
