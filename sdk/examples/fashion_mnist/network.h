#pragma once

#include <cstdint>
#include <memory>

#include "dataset.h"

namespace fashion {

struct Hyperparameters {
  double learning_rate = 0.01;
  double weight_decay = 1e-4;
  double dropout = 0.1;  ///< share of hidden units left out of each step, in [0, 1)
  double momentum = 0.9;
  std::int64_t batch_size = 64;
  std::int64_t hidden_units = 128;
};

struct Evaluation {
  double loss = 0;  ///< mean cross entropy; not finite once training has diverged
  double accuracy = 0;
};

/// 784 inputs, one hidden layer (ReLU, dropout), ten classes (softmax), trained by stochastic
/// gradient descent with momentum. One thread; the same seed gives the same weights.
class Network {
 public:
  Network(const Hyperparameters& chosen, std::uint64_t seed);
  ~Network();

  /// One pass over the images in a new random order, in steps of `rate_share` times the learning
  /// rate. Returns the mean training loss.
  double train_epoch(const Images& images, double rate_share = 1);
  Evaluation evaluate(const Images& images) const;

 private:
  struct Weights;
  std::unique_ptr<Weights> weights_;
};

}  // namespace fashion
