#include "tests/bench/search/spaces.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/bench/search/functions.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;

Json range(double min, double max) { return {{"min", min}, {"max", max}}; }
Json whole(int min, int max) { return {{"min", min}, {"max", max}}; }
Json logarithmic(double min, double max) {
  return {{"distribution", "log_uniform_values"}, {"min", min}, {"max", max}};
}
Json values(std::vector<Json> all) { return {{"values", std::move(all)}}; }

Json sweep(Json parameters) {
  return {{"method", "bayes"},
          {"metric", {{"name", "loss"}, {"goal", "minimize"}}},
          {"parameters", std::move(parameters)}};
}

Json only_if(const std::string& param, const std::string& parent, std::vector<Json> allowed) {
  return {{"param", param}, {"parent", parent}, {"values", std::move(allowed)}};
}

/// Reads what is there; what is not counts 0, and says so to nobody: a function asks for what is
/// active.
class Reader {
 public:
  explicit Reader(const Params& params) : params_(params) {}
  double number(const std::string& name) const {
    double x = 0;
    const Value* value = find_param(params_, name);
    return value != nullptr && as_number(*value, &x) ? x : 0;
  }
  std::string text(const std::string& name) const {
    const Value* value = find_param(params_, name);
    return value == nullptr ? "" : to_json(*value);
  }
  /// Of a logarithmic parameter, 0 to 1.
  double share(const std::string& name, double min, double max) const {
    return std::log(number(name) / min) / std::log(max / min);
  }

 private:
  const Params& params_;
};

Problem problem(const std::string& name, const std::string& group, Json parameters,
                std::function<double(const Reader&)> value, const Json& conditions = {}) {
  Problem made;
  made.id = made.base = name;
  made.group = group;
  made.config = sweep(std::move(parameters)).dump();
  if (!conditions.empty()) made.conditions = conditions.dump();
  made.exact = [value = std::move(value)](const Params& params) {
    return Result<double>(value(Reader(params)));
  };
  return made;
}

std::string numbered(const char* stem, std::size_t j) { return stem + std::to_string(j); }

Problem lattice() {
  constexpr std::size_t kCount = 6;
  Json parameters;
  for (std::size_t j = 0; j < kCount; ++j) parameters[numbered("n", j)] = whole(1, 12);
  return problem("lattice6", "discrete", parameters, [](const Reader& read) {
    double sum = 0;
    double before = 0;
    for (std::size_t j = 0; j < kCount; ++j) {
      const double by = read.number(numbered("n", j)) - std::round(12 * place("lattice6", j));
      sum += squared(by) + 0.5 * std::abs(by * before);
      before = by;
    }
    return sum;
  });
}

// Every choice has its worth, and every two of them together.
Problem table(std::size_t count, std::size_t choices) {
  const std::string name = "table" + std::to_string(count) + "x" + std::to_string(choices);
  std::vector<Json> all;
  for (std::size_t v = 0; v < choices; ++v) all.push_back("v" + std::to_string(v));
  Json parameters;
  for (std::size_t j = 0; j < count; ++j) parameters[numbered("c", j)] = values(all);
  const auto worth = [=](const std::vector<std::size_t>& chosen) {
    double sum = 0;
    for (std::size_t j = 0; j < count; ++j) {
      sum += unit(name, j * choices + chosen[j]);
      for (std::size_t k = j + 1; k < count; ++k) {
        const std::size_t pair = (j * count + k) * choices * choices;
        sum += 0.5 * unit(name, 1000 + pair + chosen[j] * choices + chosen[k]);
      }
    }
    return sum;
  };
  double best = 1e9;
  std::vector<std::size_t> chosen(count, 0);
  for (bool more = true; more;) {
    best = std::min(best, worth(chosen));
    more = false;
    for (std::size_t j = 0; j < count && !more; ++j) {
      chosen[j] = (chosen[j] + 1) % choices;
      more = chosen[j] != 0;
    }
  }
  Problem made = problem(name, "discrete", parameters, [=](const Reader& read) {
    std::vector<std::size_t> at(count);
    for (std::size_t j = 0; j < count; ++j) {
      at[j] = static_cast<std::size_t>(read.text(numbered("c", j))[2] - '0');
    }
    return worth(at);
  });
  made.best = best;
  return made;
}

Problem mixed() {
  const Json parameters = {{"optimizer", values({"sgd", "adam", "lamb", "rmsprop"})},
                           {"activation", values({"relu", "gelu", "tanh"})},
                           {"layers", whole(1, 8)},
                           {"width", values({32, 64, 128, 256, 512, 1024})},
                           {"batch", values({16, 32, 64, 128})},
                           {"lr", logarithmic(1e-5, 1)},
                           {"decay", logarithmic(1e-6, 0.1)},
                           {"dropout", range(0, 0.6)}};
  return problem("mixed8", "discrete", parameters, [](const Reader& read) {
    const std::string optimizer = read.text("optimizer");
    const std::string activation = read.text("activation");
    double sum = optimizer == "\"lamb\"" ? 0 : 0.05 + 0.1 * unit(optimizer, 0);
    sum += activation == "\"gelu\"" ? 0 : 0.05 + 0.05 * unit(activation, 0);
    const double rate = optimizer == "\"lamb\"" ? 0.55 : 0.25 + 0.5 * unit(optimizer, 1);
    const double batch = std::log2(read.number("batch") / 64);
    sum += 2 * squared(read.share("lr", 1e-5, 1) - rate - 0.06 * batch);
    sum += 0.02 * std::abs(batch) + 0.02 * std::abs(read.number("layers") - 5);
    sum += 0.015 * squared(std::log2(read.number("width") / 256));
    sum += 0.3 * squared(read.share("decay", 1e-6, 0.1) - 0.4);
    return sum + 0.4 * squared(read.number("dropout") - 0.2 - 0.02 * (read.number("layers") - 5));
  });
}

// Features that are on or off, of which some help each other.
Problem switches() {
  constexpr std::size_t kCount = 12;
  Json parameters;
  for (std::size_t j = 0; j < kCount; ++j) parameters[numbered("on", j)] = values({false, true});
  parameters["strength"] = range(0, 1);
  const auto worth = [](std::uint64_t bits) {
    double sum = 0;
    for (std::size_t j = 0; j < kCount; ++j) {
      const std::uint64_t three = (bits >> j & 1) | (bits >> (j + 1) % kCount & 1) << 1 |
                                  (bits >> (j + 5) % kCount & 1) << 2;
      sum += unit("switches13", j * 8 + three);
    }
    return sum;
  };
  double best = 1e9;
  for (std::uint64_t bits = 0; bits < 1U << kCount; ++bits) best = std::min(best, worth(bits));
  Problem made = problem("switches13", "discrete", parameters, [=](const Reader& read) {
    std::uint64_t bits = 0;
    for (std::size_t j = 0; j < kCount; ++j) {
      bits |= std::uint64_t{read.text(numbered("on", j)) == "true"} << j;
    }
    return worth(bits) + 4 * squared(read.number("strength") - 0.37);
  });
  made.best = best;
  return made;
}

Problem kernels() {
  const Json parameters = {{"kernel", values({"linear", "rbf", "poly", "sigmoid"})},
                           {"c", logarithmic(1e-3, 1e3)},
                           {"gamma", logarithmic(1e-4, 10)},
                           {"degree", whole(2, 5)},
                           {"coef0", range(-1, 1)}};
  const Json conditions = {only_if("gamma", "kernel", {"rbf", "poly", "sigmoid"}),
                           only_if("degree", "kernel", {"poly"}),
                           only_if("coef0", "kernel", {"poly", "sigmoid"})};
  return problem(
      "kernels", "conditional", parameters,
      [](const Reader& read) {
        const std::string kernel = read.text("kernel");
        const double c = read.share("c", 1e-3, 1e3);
        if (kernel == "\"linear\"") return 0.3 + 0.4 * squared(c - 0.5);
        const double gamma = read.share("gamma", 1e-4, 10);
        if (kernel == "\"rbf\"") {  // a slanted valley, as the two make up for each other
          return 2 * squared(gamma - 0.4) + 1.5 * squared(c + gamma - 1.05);
        }
        const double coef0 = 0.1 * squared(read.number("coef0") - 0.3);
        if (kernel == "\"poly\"") {
          return 0.08 + coef0 + 0.05 * std::abs(read.number("degree") - 3) + squared(gamma - 0.6) +
                 0.5 * squared(c - 0.3);
        }
        return 0.2 + coef0 + 2 * squared(gamma - 0.3) + squared(c - 0.6);
      },
      conditions);
}

Problem depths() {
  Json parameters = {{"depth", values({1, 2, 3, 4})}, {"lr", logarithmic(1e-5, 1)}};
  Json conditions = Json::array();
  for (std::size_t j = 1; j <= 4; ++j) {
    parameters[numbered("width", j)] = logarithmic(8, 1024);
    parameters[numbered("dropout", j)] = range(0, 0.7);
    std::vector<Json> deep;
    for (int depth = static_cast<int>(j); depth <= 4; ++depth) deep.push_back(depth);
    if (j == 1) continue;
    conditions.push_back(only_if(numbered("width", j), "depth", deep));
    conditions.push_back(only_if(numbered("dropout", j), "depth", deep));
  }
  return problem(
      "depths", "conditional", parameters,
      [](const Reader& read) {
        const double depth = read.number("depth");
        double sum = 0.12 * std::abs(depth - 3);
        sum += 2 * squared(read.share("lr", 1e-5, 1) - 0.75 + 0.1 * depth);
        for (std::size_t j = 1; static_cast<double>(j) <= depth; ++j) {
          sum += squared(read.share(numbered("width", j), 8, 1024) - place("depths", j)) / depth;
          sum +=
              squared(read.number(numbered("dropout", j)) - 0.1 * static_cast<double>(j)) / depth;
        }
        return sum;
      },
      conditions);
}

Problem optimisers() {
  const Json parameters = {{"optimizer", values({"sgd", "adam", "lbfgs"})},
                           {"lr", logarithmic(1e-5, 10)},
                           {"momentum", range(0, 1)},
                           {"nesterov", values({false, true})},
                           {"beta2", range(0.9, 1)},
                           {"eps", logarithmic(1e-10, 1e-2)},
                           {"history", whole(2, 30)},
                           {"schedule", values({"constant", "cosine", "step"})},
                           {"drop", range(0.05, 0.95)}};
  const Json conditions = {
      only_if("momentum", "optimizer", {"sgd"}),  only_if("nesterov", "optimizer", {"sgd"}),
      only_if("beta2", "optimizer", {"adam"}),    only_if("eps", "optimizer", {"adam"}),
      only_if("history", "optimizer", {"lbfgs"}), only_if("drop", "schedule", {"step"})};
  return problem(
      "optimisers", "conditional", parameters,
      [](const Reader& read) {
        const std::string schedule = read.text("schedule");
        double sum = schedule == "\"constant\"" ? 0.1 : schedule == "\"cosine\"" ? 0.03 : 0;
        if (schedule == "\"step\"") sum += 0.3 * squared(read.number("drop") - 0.3);
        const double rate = read.share("lr", 1e-5, 10);
        const std::string optimizer = read.text("optimizer");
        if (optimizer == "\"sgd\"") {
          const double momentum = read.number("momentum");
          sum += read.text("nesterov") == "true" ? 0 : 0.02;
          return sum + 0.6 * squared(momentum - 0.85) + 3 * squared(rate + 0.3 * momentum - 0.9);
        }
        if (optimizer == "\"adam\"") {
          sum += 0.02 + 10 * squared(read.number("beta2") - 0.97);
          sum += 0.1 * squared(read.share("eps", 1e-10, 1e-2) - 0.4);
          return sum + 2 * squared(rate - 0.4);
        }
        return sum + 0.15 + 0.01 * std::abs(read.number("history") - 10) + squared(rate - 0.8);
      },
      conditions);
}

}  // namespace

std::vector<Problem> discrete_problems() {
  return {lattice(), table(5, 5), table(8, 3), mixed(), switches()};
}

std::vector<Problem> conditional_problems() { return {kernels(), depths(), optimisers()}; }

}  // namespace scopa::bench
