// The least a trainer needs to be part of a sweep: read parameters, log a metric, stop when told.
#include <cmath>
#include <scopa/scopa.hpp>

int main(int argc, char** argv) {
  auto trial = scopa::Trial::current(argc, argv);
  const double rate = trial.param("learning_rate", 0.1);
  const double momentum = trial.param("momentum", 0.0);

  const scopa::Metric loss = trial.metric("loss");
  double weight = 5, velocity = 0;
  for (int step = 1; step <= 20 && !trial.should_stop(); ++step) {
    velocity = momentum * velocity - rate * 2 * (weight - 1);
    weight += velocity;
    loss.log(step, std::pow(weight - 1, 2));
  }
}
