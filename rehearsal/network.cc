#include "rehearsal/network.h"

#include <Eigen/Dense>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "sdk/base/text.h"

namespace scopa::rehearsal {
namespace network_parts {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr std::size_t kTensorsMax = 1000;
constexpr Eigen::Index kSideMax = 1 << 16;

Status wrong(std::string what) { return {Code::kInvalidArgument, "network: " + std::move(what)}; }

enum class Op : std::uint8_t { kAdd, kMul, kDiv, kLog, kExp, kNeg };
struct Step {
  Op op = Op::kAdd;
  double by = 0;
};
using Transform = std::vector<Step>;

double transformed(const Transform& transform, double x) {
  for (const Step& step : transform) {
    switch (step.op) {
      case Op::kAdd:
        x += step.by;
        break;
      case Op::kMul:
        x *= step.by;
        break;
      case Op::kDiv:
        x /= step.by;
        break;
      case Op::kLog:
        x = std::log(x);
        break;
      case Op::kExp:
        x = std::exp(x);
        break;
      case Op::kNeg:
        x = -x;
        break;
    }
  }
  return x;
}

Result<Transform> read_transform(const nlohmann::json& list) {
  static const std::map<std::string, Op> ops = {{"add", Op::kAdd}, {"mul", Op::kMul},
                                                {"div", Op::kDiv}, {"log", Op::kLog},
                                                {"exp", Op::kExp}, {"neg", Op::kNeg}};
  Transform transform;
  for (const nlohmann::json& each : list) {
    const auto op = ops.find(each.at("op").get<std::string>());
    if (op == ops.end()) return wrong("there is no op `" + each.at("op").dump() + "`");
    transform.push_back({op->second, each.value("value", 0.0)});
  }
  return transform;
}

struct Norm {
  Vector scale, shift;  // BN(h) = scale * h + shift
};

struct Linear {
  Matrix weight;
  Vector bias;
};

struct Block {
  Norm norm;
  Linear in, out;
};

struct Category {
  std::string name;
  std::map<std::string, Eigen::Index> rows;
  Matrix embedding;  // a column for each row of the file
};

struct Number {
  std::string name;
  Transform transform;
};

struct Output {
  std::string name;
  Transform transform;
};

Matrix normed(const Norm& norm, const Matrix& h) {
  return ((h.array().colwise() * norm.scale.array()).colwise() + norm.shift.array()).matrix();
}

Matrix through(const Linear& linear, const Matrix& h) {
  return (linear.weight * h).colwise() + linear.bias;
}

}  // namespace network_parts

using namespace network_parts;

struct Network::Layers {
  std::vector<Category> categories;
  std::vector<Number> numbers;
  std::vector<Output> outputs;
  std::vector<std::string> names;
  Linear first, head;
  Norm last;
  std::vector<Block> blocks;

  /// One column of the input layer.
  Status encode(const Params& params, Eigen::Ref<Vector> x) const;
  Matrix run(const Matrix& x) const;
};

namespace {

/// The tensors of a file by name.
class Tensors {
 public:
  Tensors(const nlohmann::json& list, std::string_view bytes) : bytes_(bytes) {
    for (const nlohmann::json& each : list) {
      if (index_.size() >= kTensorsMax) break;
      index_[each.at("name").get<std::string>()] = &each;
    }
  }

  Result<Matrix> matrix(const std::string& name) const {
    const auto found = index_.find(name);
    if (found == index_.end()) return wrong("tensor `" + name + "` is missing");
    const auto shape = found->second->at("shape").get<std::vector<Eigen::Index>>();
    const auto offset = found->second->at("offset").get<std::uint64_t>();
    if (shape.empty() || shape.size() > 2) return wrong("tensor `" + name + "` has a wrong shape");
    const Eigen::Index rows = shape[0];
    const Eigen::Index columns = shape.size() == 2 ? shape[1] : 1;
    if (rows < 1 || columns < 1 || rows > kSideMax || columns > kSideMax) {
      return wrong("tensor `" + name + "` has a wrong shape");
    }
    const auto count = static_cast<std::uint64_t>(rows * columns);
    const std::uint64_t held = bytes_.size() / sizeof(float);
    if (offset > held || count > held - offset) {
      return wrong("tensor `" + name + "` lies outside of the weights");
    }
    std::vector<float> values(count);
    std::memcpy(values.data(), bytes_.data() + offset * sizeof(float), count * sizeof(float));
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Matrix(Eigen::Map<const RowMajor>(values.data(), rows, columns).cast<double>());
  }

  Result<Vector> vector(const std::string& name, Eigen::Index size) const {
    SCOPA_ASSIGN_OR_RETURN(const Matrix values, matrix(name));
    if (values.cols() != 1 || values.rows() != size) {
      return wrong("tensor `" + name + "` has a wrong shape");
    }
    return Vector(values.col(0));
  }

  Result<Linear> linear(const std::string& name, Eigen::Index in) const {
    Linear linear;
    SCOPA_ASSIGN_OR_RETURN(linear.weight, matrix(name + ".weight"));
    if (linear.weight.cols() != in) return wrong("tensor `" + name + ".weight` has a wrong shape");
    SCOPA_ASSIGN_OR_RETURN(linear.bias, vector(name + ".bias", linear.weight.rows()));
    return linear;
  }

  Result<Norm> norm(const std::string& name, Eigen::Index size, double epsilon) const {
    SCOPA_ASSIGN_OR_RETURN(const Vector weight, vector(name + ".weight", size));
    SCOPA_ASSIGN_OR_RETURN(const Vector bias, vector(name + ".bias", size));
    SCOPA_ASSIGN_OR_RETURN(const Vector mean, vector(name + ".running_mean", size));
    SCOPA_ASSIGN_OR_RETURN(const Vector var, vector(name + ".running_var", size));
    Norm norm;
    norm.scale = (weight.array() / (var.array() + epsilon).sqrt()).matrix();
    norm.shift = bias - norm.scale.cwiseProduct(mean);
    return norm;
  }

 private:
  std::map<std::string, const nlohmann::json*> index_;
  std::string_view bytes_;
};

Result<Category> read_category(const nlohmann::json& input, std::size_t i, const Tensors& tensors) {
  Category category{input.at("name").get<std::string>(), {}, {}};
  SCOPA_ASSIGN_OR_RETURN(const Matrix rows, tensors.matrix("embedding." + std::to_string(i)));
  category.embedding = rows.transpose();
  for (const auto& [value, row] : input.at("encoding").items()) {
    const auto at = row.get<Eigen::Index>();
    if (at < 0 || at >= rows.rows()) return wrong("`" + value + "` has no row");
    category.rows[value] = at;
  }
  return category;
}

}  // namespace

Network::Network(std::unique_ptr<Layers> layers) : layers_(std::move(layers)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;
const std::vector<std::string>& Network::outputs() const { return layers_->names; }

Result<Network> Network::parse(std::string_view description, std::string_view weights) {
  const nlohmann::json json = nlohmann::json::parse(description, nullptr, false);
  if (!json.is_object()) return wrong("its description is no JSON object");
  auto layers = std::make_unique<Layers>();
  try {
    const Tensors tensors(json.at("tensors"), weights);
    const double epsilon = json.at("batchnorm_epsilon").get<double>();
    Eigen::Index width = 0;
    for (const nlohmann::json& input : json.at("inputs").at("categorical")) {
      SCOPA_ASSIGN_OR_RETURN(Category category,
                             read_category(input, layers->categories.size(), tensors));
      width += category.embedding.rows();
      layers->categories.push_back(std::move(category));
    }
    for (const nlohmann::json& input : json.at("inputs").at("continuous")) {
      SCOPA_ASSIGN_OR_RETURN(Transform transform, read_transform(input.at("transform")));
      layers->numbers.push_back({input.at("name").get<std::string>(), std::move(transform)});
      ++width;
    }
    SCOPA_ASSIGN_OR_RETURN(layers->first, tensors.linear("first", width));
    const Eigen::Index hidden = layers->first.weight.rows();
    const auto blocks = json.at("blocks").get<std::size_t>();
    for (std::size_t b = 0; b < blocks && b < kTensorsMax; ++b) {
      const std::string name = "block." + std::to_string(b);
      Block block;
      SCOPA_ASSIGN_OR_RETURN(block.norm, tensors.norm(name + ".norm", hidden, epsilon));
      SCOPA_ASSIGN_OR_RETURN(block.in, tensors.linear(name + ".linear0", hidden));
      const Eigen::Index gated = block.in.weight.rows() / 2;
      SCOPA_ASSIGN_OR_RETURN(block.out, tensors.linear(name + ".linear1", gated));
      if (block.in.weight.rows() != 2 * gated || block.out.weight.rows() != hidden) {
        return wrong(name + " has wrong shapes");
      }
      layers->blocks.push_back(std::move(block));
    }
    SCOPA_ASSIGN_OR_RETURN(layers->last, tensors.norm("last.norm", hidden, epsilon));
    SCOPA_ASSIGN_OR_RETURN(layers->head, tensors.linear("head", hidden));
    for (const nlohmann::json& output : json.at("outputs")) {
      SCOPA_ASSIGN_OR_RETURN(Transform transform, read_transform(output.at("transform")));
      layers->names.push_back(output.at("name").get<std::string>());
      layers->outputs.push_back({layers->names.back(), std::move(transform)});
    }
  } catch (const nlohmann::json::exception& e) {
    return wrong(std::string("its description is wrong: ") + e.what());
  }
  if (layers->head.weight.rows() != static_cast<Eigen::Index>(layers->outputs.size())) {
    return wrong("it has not as many outputs as its head");
  }
  return Network(std::move(layers));
}

Status Network::Layers::encode(const Params& params, Eigen::Ref<Vector> x) const {
  Eigen::Index at = 0;
  for (const Category& category : categories) {
    Eigen::Index row = 0;
    if (const Value* value = find_param(params, category.name)) {
      const auto found = category.rows.find(to_text(*value));
      if (found == category.rows.end()) {
        return wrong("`" + category.name + "` has no category `" + printable(to_text(*value), 64) +
                     "`");
      }
      row = found->second;
    }
    x.segment(at, category.embedding.rows()) = category.embedding.col(row);
    at += category.embedding.rows();
  }
  for (const Number& number : numbers) {
    double value = 0;
    const Value* given = find_param(params, number.name);
    if (given != nullptr && !as_number(*given, &value)) {
      return wrong("`" + number.name + "` is no number");
    }
    x(at++) = transformed(number.transform, value);
  }
  return Status::ok();
}

Matrix Network::Layers::run(const Matrix& x) const {
  Matrix h = through(first, x);
  for (const Block& block : blocks) {
    const Matrix z = through(block.in, normed(block.norm, h));
    const Eigen::Index half = z.rows() / 2;
    const Matrix gated = z.topRows(half).cwiseProduct(z.bottomRows(half).cwiseMax(0.0));
    h += through(block.out, gated);
  }
  const Matrix y = through(head, normed(last, h).cwiseMax(0.0));
  return (1.0 / (1.0 + (-y.array()).exp())).matrix();
}

Result<std::vector<double>> Network::evaluate(const std::vector<Params>& inputs,
                                              std::string_view output) const {
  std::size_t which = 0;
  while (which < layers_->outputs.size() && layers_->outputs[which].name != output) ++which;
  if (which == layers_->outputs.size()) {
    return wrong("there is no output `" + printable(std::string(output), 64) + "`");
  }
  Matrix x(layers_->first.weight.cols(), static_cast<Eigen::Index>(inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    SCOPA_RETURN_IF_ERROR(layers_->encode(inputs[i], x.col(static_cast<Eigen::Index>(i))));
  }
  const Matrix y = layers_->run(x);
  std::vector<double> values(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    values[i] = transformed(layers_->outputs[which].transform,
                            y(static_cast<Eigen::Index>(which), static_cast<Eigen::Index>(i)));
  }
  return values;
}

}  // namespace scopa::rehearsal
