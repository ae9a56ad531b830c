// Trains a small network on Fashion-MNIST: one trial of a sweep under `scopa run` or `scopa
// worker`, and an ordinary program on its own:
//
//     fashion_mnist --learning_rate=0.01 --batch_size=64 --epochs=10

#include <cstdint>
#include <cstdio>
#include <string>
#include <variant>

#include "dataset.h"
#include "network.h"
#include "scopa/scopa.hpp"

namespace {

using fashion::Dataset;
using fashion::Hyperparameters;

constexpr std::size_t kTrainImages = 6000;
constexpr std::size_t kValidationImages = 4000;

Hyperparameters chosen_by(const scopa::Trial& trial) {
  Hyperparameters chosen;
  chosen.learning_rate = trial.param("learning_rate", chosen.learning_rate);
  chosen.batch_size = trial.param("batch_size", chosen.batch_size);
  chosen.weight_decay = trial.param("weight_decay", chosen.weight_decay);
  chosen.hidden_units = trial.param("hidden_units", chosen.hidden_units);
  chosen.dropout = trial.param("dropout", chosen.dropout);
  chosen.momentum = trial.param("momentum", chosen.momentum);
  return chosen;
}

// What is wrong with them; empty when nothing is. Written so that NaN is wrong.
std::string fault_of(const Hyperparameters& chosen) {
  if (!(chosen.learning_rate > 0)) return "learning_rate must be above 0";
  if (!(chosen.weight_decay >= 0)) return "weight_decay must not be below 0";
  if (!(chosen.dropout >= 0 && chosen.dropout < 1)) return "dropout must be in [0, 1)";
  if (!(chosen.momentum >= 0 && chosen.momentum < 1)) return "momentum must be in [0, 1)";
  if (chosen.batch_size < 1 || chosen.batch_size > static_cast<std::int64_t>(kTrainImages)) {
    return "batch_size must be from 1 to " + std::to_string(kTrainImages);
  }
  if (chosen.hidden_units < 1 || chosen.hidden_units > 4096) {
    return "hidden_units must be from 1 to 4096";
  }
  return "";
}

void train(scopa::Trial& trial, const Dataset& data, const Hyperparameters& chosen,
           std::int64_t epochs) {
  fashion::Network network(chosen, trial.seed());
  for (std::int64_t epoch = 1; epoch <= epochs && !trial.should_stop(); ++epoch) {
    // Falls to a tenth, or the last steps are so large that luck says where a training ends.
    const double rate_share = static_cast<double>(epochs - epoch + 1) / static_cast<double>(epochs);
    const double train_loss = network.train_epoch(data.train, rate_share);
    const fashion::Evaluation validation = network.evaluate(data.validation);
    trial.log(epoch, {{"train_loss", train_loss},
                      {"val_loss", validation.loss},
                      {"val_accuracy", validation.accuracy}});
    std::printf("epoch %lld: train_loss %.4f val_loss %.4f val_accuracy %.4f\n",
                static_cast<long long>(epoch), train_loss, validation.loss, validation.accuracy);
    std::fflush(stdout);
  }
}

int fail(const std::string& reason) {
  std::fprintf(stderr, "fashion_mnist: %s\n", reason.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  auto trial = scopa::Trial::current(argc, argv);
  const Hyperparameters chosen = chosen_by(trial);
  const auto epochs = trial.param("epochs", std::int64_t{10});
  if (!trial.error().empty()) return fail(trial.error());
  if (const std::string fault = fault_of(chosen); !fault.empty()) return fail(fault);

  const auto loaded = fashion::load_dataset(kTrainImages, kValidationImages);
  if (const auto* error = std::get_if<std::string>(&loaded)) return fail(*error);
  const auto& data = std::get<Dataset>(loaded);
  if (data.stand_in) {
    std::fputs(
        "fashion_mnist: WARNING: Fashion-MNIST is not on this machine (package "
        "dataset-fashion-mnist, or name its folder in SCOPA_FASHION_MNIST).\n"
        "fashion_mnist: WARNING: training on GENERATED STAND-IN SHAPES: the accuracies below "
        "say nothing about Fashion-MNIST.\n",
        stderr);
  }
  train(trial, data, chosen, epochs);
  return 0;
}
