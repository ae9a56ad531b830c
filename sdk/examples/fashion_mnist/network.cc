#include "network.h"

#include <Eigen/Core>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "random.h"

namespace fashion {
namespace {

using Matrix = Eigen::MatrixXf;
using Vector = Eigen::VectorXf;
using ConstImages = Eigen::Map<const Matrix>;

ConstImages columns_of(const Images& images, std::size_t first, std::size_t count) {
  return {images.pixels.data() + (first * kPixels), kPixels, static_cast<Eigen::Index>(count)};
}

// One layer's weights with their velocities.
struct Layer {
  Matrix weights, weights_velocity;
  Vector bias, bias_velocity;

  Layer(Eigen::Index outputs, Eigen::Index inputs, Random& random)
      : weights(outputs, inputs),
        weights_velocity(Matrix::Zero(outputs, inputs)),
        bias(Vector::Zero(outputs)),
        bias_velocity(Vector::Zero(outputs)) {
    const float deviation = std::sqrt(2.0F / static_cast<float>(inputs));  // He et al. 2015
    for (Eigen::Index i = 0; i < weights.size(); ++i) {
      weights.data()[i] = deviation * random.normal();
    }
  }

  void step(const Matrix& gradient, const Vector& bias_gradient, double learning_rate,
            const Hyperparameters& chosen) {
    const auto rate = static_cast<float>(learning_rate);
    const auto momentum = static_cast<float>(chosen.momentum);
    const auto decay = static_cast<float>(chosen.weight_decay);
    weights_velocity = (momentum * weights_velocity) - (rate * (gradient + decay * weights));
    bias_velocity = (momentum * bias_velocity) - (rate * bias_gradient);
    weights += weights_velocity;
    bias += bias_velocity;
  }
};

// Turns scores into probabilities column by column; returns the summed cross entropy.
double softmax(Matrix& scores, const std::vector<std::uint8_t>& labels) {
  double loss = 0;
  for (Eigen::Index i = 0; i < scores.cols(); ++i) {
    auto column = scores.col(i);
    const float largest = column.maxCoeff();
    const float score = column(labels[static_cast<std::size_t>(i)]) - largest;
    column = (column.array() - largest).exp();
    const float sum = column.sum();
    column /= sum;
    loss += std::log(static_cast<double>(sum)) - static_cast<double>(score);
  }
  return loss;
}

}  // namespace

struct Network::Weights {
  Hyperparameters chosen;
  double learning_rate = 0;  // of the current epoch
  Random random;
  Layer hidden, output;
  Matrix inputs, activations, mask, scores;
  Matrix hidden_gradient, output_gradient, backward;
  std::vector<std::uint8_t> labels;

  Weights(const Hyperparameters& hyperparameters, std::uint64_t seed)
      : chosen(hyperparameters),
        random(seed),
        hidden(chosen.hidden_units, kPixels, random),
        output(kClasses, chosen.hidden_units, random) {}

  double train_batch(const Images& images, const std::uint32_t* order, std::size_t count);
  void draw_dropout();
};

void Network::Weights::draw_dropout() {
  const auto left_out = static_cast<float>(chosen.dropout);
  const float kept_scale = 1 / (1 - left_out);
  mask.resize(activations.rows(), activations.cols());
  for (Eigen::Index i = 0; i < mask.size(); ++i) {
    mask.data()[i] = random.uniform() < left_out ? 0 : kept_scale;
  }
}

double Network::Weights::train_batch(const Images& images, const std::uint32_t* order,
                                     std::size_t count) {
  const auto columns = static_cast<Eigen::Index>(count);
  inputs.resize(kPixels, columns);
  labels.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    inputs.col(static_cast<Eigen::Index>(i)) = columns_of(images, order[i], 1);
    labels[i] = images.labels[order[i]];
  }

  activations.noalias() = hidden.weights * inputs;
  activations = (activations.colwise() + hidden.bias).cwiseMax(0.0F);
  if (chosen.dropout > 0) {
    draw_dropout();
    activations.array() *= mask.array();
  }
  scores.noalias() = output.weights * activations;
  scores.colwise() += output.bias;
  const double loss = softmax(scores, labels);

  for (Eigen::Index i = 0; i < columns; ++i) scores(labels[static_cast<std::size_t>(i)], i) -= 1;
  scores /= static_cast<float>(count);
  backward.noalias() = output.weights.transpose() * scores;
  backward.array() *= (activations.array() > 0).cast<float>();
  if (chosen.dropout > 0) backward.array() *= mask.array();
  output_gradient.noalias() = scores * activations.transpose();
  hidden_gradient.noalias() = backward * inputs.transpose();
  output.step(output_gradient, scores.rowwise().sum(), learning_rate, chosen);
  hidden.step(hidden_gradient, backward.rowwise().sum(), learning_rate, chosen);
  return loss;
}

Network::Network(const Hyperparameters& chosen, std::uint64_t seed)
    : weights_(std::make_unique<Weights>(chosen, seed)) {}
Network::~Network() = default;

double Network::train_epoch(const Images& images, double rate_share) {
  weights_->learning_rate = rate_share * weights_->chosen.learning_rate;
  std::vector<std::uint32_t> order(images.count());
  std::iota(order.begin(), order.end(), 0);
  for (auto left = static_cast<std::uint32_t>(order.size()); left > 1; --left) {
    std::swap(order[left - 1], order[weights_->random.below(left)]);
  }
  const auto batch = static_cast<std::size_t>(weights_->chosen.batch_size);
  double loss = 0;
  for (std::size_t first = 0; first < order.size(); first += batch) {
    loss +=
        weights_->train_batch(images, order.data() + first, std::min(batch, order.size() - first));
  }
  return loss / static_cast<double>(images.count());
}

Evaluation Network::evaluate(const Images& images) const {
  const ConstImages inputs = columns_of(images, 0, images.count());
  Matrix activations = weights_->hidden.weights * inputs;
  activations = (activations.colwise() + weights_->hidden.bias).cwiseMax(0.0F);
  Matrix scores = weights_->output.weights * activations;
  scores.colwise() += weights_->output.bias;

  std::size_t right = 0;
  for (std::size_t i = 0; i < images.count(); ++i) {
    Eigen::Index best = 0;
    scores.col(static_cast<Eigen::Index>(i)).maxCoeff(&best);
    right += best == images.labels[i] ? 1 : 0;
  }
  const auto count = static_cast<double>(images.count());
  return {softmax(scores, images.labels) / count, static_cast<double>(right) / count};
}

}  // namespace fashion
