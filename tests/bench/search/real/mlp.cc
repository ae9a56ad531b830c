// Small networks, trained by backpropagation: a new draw of weights and batches in each trial.
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "tests/bench/search/real/training.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using Floats2 = Eigen::MatrixXf;  // a row of data is a column

struct NetData {
  Floats2 train, valid;
  std::vector<Eigen::Index> train_class, valid_class;
  Eigen::Index classes = 2;
  std::uint64_t epochs = 1;
  bool by_errors = false;  // else by the log of the probability
};

std::vector<Eigen::Index> classes_of(const Table& table) {
  std::vector<Eigen::Index> classes;
  for (const double y : table.y) classes.push_back(static_cast<Eigen::Index>(y));
  return classes;
}

enum class Bend : std::uint8_t { kRelu, kTanh, kSigmoid, kSine };

Bend bend_of(const std::string& name) {
  if (name == "relu") return Bend::kRelu;
  if (name == "tanh") return Bend::kTanh;
  return name == "sine" ? Bend::kSine : Bend::kSigmoid;
}

Floats2 bent(Bend bend, const Floats2& in) {
  switch (bend) {
    case Bend::kRelu:
      return in.cwiseMax(0.0F);
    case Bend::kTanh:
      return in.array().tanh();
    case Bend::kSigmoid:
      return (1 + (-in.array()).exp()).inverse();
    case Bend::kSine:
      break;
  }
  return in.array().sin();
}

Floats2 slope(Bend bend, const Floats2& in, const Floats2& out) {
  switch (bend) {
    case Bend::kRelu:
      return (in.array() > 0).cast<float>();
    case Bend::kTanh:
      return 1 - out.array().square();
    case Bend::kSigmoid:
      return out.array() * (1 - out.array());
    case Bend::kSine:
      break;
  }
  return in.array().cos();
}

/// Weights with what their optimiser remembers of them. The bias is the last column.
struct Layer {
  Floats2 weights, first, second;
};

class Net {
 public:
  Net(const NetData& data, const Config& config, Random* random)
      : bend_(bend_of(config.text("activation"))),
        rate_(static_cast<float>(config.number("lr"))),
        decay_(static_cast<float>(config.number("decay"))),
        momentum_(static_cast<float>(config.number("momentum"))),
        beta2_(static_cast<float>(config.number("beta2"))),
        is_adam_(config.is("optimizer", "adam")) {
    Eigen::Index in = data.train.rows();
    const auto width = static_cast<Eigen::Index>(config.number("width"));
    const std::size_t hidden = config.count("layers");
    for (std::size_t k = 0; k <= hidden; ++k) {
      const Eigen::Index out = k == hidden ? data.classes : width;
      const double scale = config.number("init") / std::sqrt(static_cast<double>(in));
      Layer layer{Floats2::Zero(out, in + 1), Floats2::Zero(out, in + 1),
                  Floats2::Zero(out, in + 1)};
      for (Eigen::Index i = 0; i < in * out; ++i) {
        layer.weights(i % out, i / out) = static_cast<float>(scale * random->normal());
      }
      layers_.push_back(std::move(layer));
      in = out;
    }
  }

  /// The probabilities of the classes.
  Floats2 told(const Floats2& x) {
    ins_.clear();
    outs_.assign(1, x);
    for (std::size_t k = 0; k < layers_.size(); ++k) {
      const Floats2& w = layers_[k].weights;
      Floats2 in = w.leftCols(w.cols() - 1) * outs_.back();
      in.colwise() += w.col(w.cols() - 1);
      if (k + 1 < layers_.size()) outs_.push_back(bent(bend_, in));
      ins_.push_back(std::move(in));
    }
    Floats2 p = ins_.back();
    p.rowwise() -= p.colwise().maxCoeff().eval();
    p = p.array().exp();
    p.array().rowwise() /= p.colwise().sum().array().eval();
    return p;
  }

  void step(const Floats2& x, const std::vector<Eigen::Index>& classes) {
    Floats2 error = told(x);
    for (Eigen::Index i = 0; i < x.cols(); ++i) error(classes[static_cast<std::size_t>(i)], i) -= 1;
    error /= static_cast<float>(x.cols());
    ++steps_;
    for (std::size_t k = layers_.size(); k-- > 0;) {
      const Floats2& w = layers_[k].weights;
      Floats2 gradient(w.rows(), w.cols());
      gradient.leftCols(w.cols() - 1) = error * outs_[k].transpose();
      gradient.col(w.cols() - 1) = error.rowwise().sum();
      if (k > 0) {
        const Floats2 back = w.leftCols(w.cols() - 1).transpose() * error;
        error = back.cwiseProduct(slope(bend_, ins_[k - 1], outs_[k]));
      }
      move(&layers_[k], gradient);
    }
  }

 private:
  void move(Layer* layer, const Floats2& gradient) const {
    layer->weights *= 1 - std::min(1.0F, rate_ * decay_);
    if (!is_adam_) {
      layer->first = momentum_ * layer->first + gradient;
      layer->weights -= rate_ * layer->first;
      return;
    }
    constexpr float kBeta1 = 0.9F;
    layer->first = kBeta1 * layer->first + (1 - kBeta1) * gradient;
    layer->second = beta2_ * layer->second + (1 - beta2_) * gradient.cwiseAbs2();
    const float steps = static_cast<float>(steps_);
    const float unbiased = std::sqrt(1 - std::pow(beta2_, steps)) / (1 - std::pow(kBeta1, steps));
    layer->weights.array() -=
        rate_ * unbiased * layer->first.array() / (layer->second.array().sqrt() + 1e-8F);
  }

  Bend bend_;
  float rate_, decay_, momentum_, beta2_;
  bool is_adam_;
  std::uint64_t steps_ = 0;
  std::vector<Layer> layers_;
  std::vector<Floats2> ins_, outs_;
};

double loss_on_valid(const NetData& data, Net* net) {
  const Floats2 told = net->told(data.valid);
  double sum = 0;
  for (Eigen::Index i = 0; i < told.cols(); ++i) {
    const Eigen::Index truth = data.valid_class[static_cast<std::size_t>(i)];
    Eigen::Index most = 0;
    if (!std::isfinite(told.col(i).maxCoeff(&most))) return NAN;
    const double p = std::max(told(truth, i), 1e-6F);
    sum += data.by_errors ? (most == truth ? 0 : 1) : -std::log(p);
  }
  return sum / static_cast<double>(told.cols());
}

// Virtual seconds: multiplications, and what each batch costs whatever its size.
double epoch_seconds(const NetData& data, const Config& config) {
  const double width = config.number("width");
  const double weights = static_cast<double>(data.train.rows() + data.classes) * width +
                         (config.number("layers") - 1) * width * width;
  const double rows = static_cast<double>(data.train.cols());
  return 1e-6 * (3 * rows * weights + rows / config.number("batch") * (3 * weights + 5000));
}

Trained trained_net(const NetData& data, const Config& config, std::uint64_t seed) {
  Random random(seed, "net");
  Net net(data, config, &random);
  Trained made;
  made.step_seconds = epoch_seconds(data, config);
  const std::size_t rows = data.train_class.size();
  const std::size_t batch = std::min(config.count("batch"), rows);
  for (std::uint64_t epoch = 0; epoch < data.epochs; ++epoch) {
    const auto order = random.shuffled(rows);
    for (std::size_t first = 0; first + batch <= rows; first += batch) {
      Floats2 x(data.train.rows(), static_cast<Eigen::Index>(batch));
      std::vector<Eigen::Index> classes(batch);
      for (std::size_t i = 0; i < batch; ++i) {
        x.col(static_cast<Eigen::Index>(i)) =
            data.train.col(static_cast<Eigen::Index>(order[first + i]));
        classes[i] = data.train_class[order[first + i]];
      }
      net.step(x, classes);
    }
    made.curve.push_back(loss_on_valid(data, &net));
    if (std::isfinite(made.curve.back())) continue;
    made.failed = true;
    made.curve.pop_back();
    break;
  }
  return made;
}

NetData net_data(const Split& split, Eigen::Index classes, std::uint64_t epochs, bool by_errors) {
  return {split.train.x.transpose().cast<float>(),
          split.valid.x.transpose().cast<float>(),
          classes_of(split.train),
          classes_of(split.valid),
          classes,
          epochs,
          by_errors};
}

Trainer net_trainer(const std::string& name, NetData data) {
  const Json parameters = {{"optimizer", one_of({"sgd", "adam"})},
                           {"lr", log_range(1e-4, 10)},
                           {"momentum", real_range(0, 0.99)},
                           {"beta2", one_of({0.9, 0.99, 0.999})},
                           {"layers", int_range(1, 3)},
                           {"width", log_int_range(3, 48)},
                           {"batch", one_of({8, 16, 32, 64})},
                           {"activation", one_of({"relu", "tanh", "sigmoid", "sine"})},
                           {"decay", log_range(1e-6, 1)},
                           {"init", log_range(0.02, 20)}};
  const Json conditions = {active_if("momentum", "optimizer", {"sgd"}),
                           active_if("beta2", "optimizer", {"adam"})};
  const std::uint64_t epochs = data.epochs;
  return {name,
          parameters,
          conditions,
          epochs,
          5,
          [data = std::move(data)](const Config& config, std::uint64_t seed) {
            return trained_net(data, config, seed);
          }};
}

// Two arms that wind around each other one and a half times.
Table spirals(std::size_t rows, Random* random) {
  const auto size = static_cast<Eigen::Index>(rows);
  Table made{Eigen::MatrixXd(size, 2), Eigen::VectorXd(size)};
  for (Eigen::Index i = 0; i < size; ++i) {
    const double turn = 9.4 * std::sqrt(random->unit());
    const double side = i % 2 == 0 ? 1 : -1;
    made.x(i, 0) = (side * turn * std::cos(turn) + 0.4 * random->normal()) / 5;
    made.x(i, 1) = (side * turn * std::sin(turn) + 0.4 * random->normal()) / 5;
    made.y(i) = i % 2 == 0 ? 1 : 0;
  }
  return made;
}

}  // namespace

std::vector<Trainer> networks(const Data& data) {
  Split digits = split(data->digits, 250, 300);
  for (Table* part : {&digits.train, &digits.valid}) part->x /= 16;
  Random random(0, "spirals");
  const Table train = spirals(160, &random);
  const Split both{train, spirals(300, &random)};
  return {net_trainer("mlp_digits", net_data(digits, 10, 10, true)),
          net_trainer("mlp_spirals", net_data(both, 2, 25, false))};
}

}  // namespace scopa::bench
