#include <cmath>
#include <cstdio>
#include <string>

#include "scopa/scopa.hpp"

int main(int argc, char** argv) {
  scopa::Trial trial = scopa::Trial::current(argc, argv);
  const double rate = trial.param("lr", 0.1);
  const int epochs = trial.param("epochs", 5);
  const std::string optimizer = trial.param("optimizer", "sgd");

  const scopa::Metric loss = trial.metric("loss");
  double x = 1.0;
  int epoch = 0;
  for (; epoch < epochs && !trial.should_stop(); ++epoch) {
    x -= rate * 2 * x;
    loss.log(epoch, x * x);
  }
  std::printf("%s %s lr=%g epochs=%d dropped=%d\n", trial.id().c_str(), optimizer.c_str(), rate,
              epoch, static_cast<int>(trial.dropped()));
  return 0;
}
