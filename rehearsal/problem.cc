#include "rehearsal/problem.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "rehearsal/synthetic.h"
#include "sdk/base/text.h"

namespace scopa::rehearsal {
namespace {

constexpr std::uint64_t kStepsMax = 1'000'000;

Status wrong_problem(const std::string& what) {
  return {Code::kInvalidArgument, "problem: " + what};
}

// Ids of data sets are texts, also where they look like numbers.
Value value_of(const nlohmann::ordered_json& json) {
  return json.is_string() ? Value(json.get<std::string>()) : parse_value(json.dump());
}

}  // namespace

Result<ProblemList> parse_problems(std::string_view text) {
  const nlohmann::ordered_json json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("problems") || !json["problems"].is_array()) {
    return wrong_problem("a list of them is {\"problems\":[...]}");
  }
  ProblemList list;
  for (const nlohmann::ordered_json& each : json["problems"]) {
    list.problems.push_back(each.dump());
    const bool named = each.is_object() && each.contains("network") && each["network"].is_string();
    list.network_of.push_back(named ? each["network"].get<std::string>() : "");
    const std::string& name = list.network_of.back();
    const bool is_new =
        std::find(list.networks.begin(), list.networks.end(), name) == list.networks.end();
    if (!name.empty() && is_new) list.networks.push_back(name);
  }
  return list;
}

Result<Problem> Problem::parse(std::string_view description,
                               std::shared_ptr<const Network> network) {
  const nlohmann::ordered_json json = nlohmann::ordered_json::parse(description, nullptr, false);
  if (!json.is_object()) return wrong_problem("it is no JSON object");
  Problem problem;
  try {
    problem.id_ = json.at("id").get<std::string>();
    problem.kind_ = json.at("kind").get<std::string>();
    problem.config_ = json.at("config").dump();
    if (json.contains("conditions")) problem.conditions_ = json.at("conditions").dump();
    problem.steps_ = json.value("steps", std::uint64_t{1});
    const nlohmann::ordered_json& metric = json.at("config").at("metric");
    problem.metric_ = metric.at("name").get<std::string>();
    problem.goal_ = metric.at("goal") == "maximize" ? Goal::kMaximize : Goal::kMinimize;
    problem.function_ = json.value("function", "");
    for (const auto& [name, parameter] : json.at("config").at("parameters").items()) {
      problem.names_.push_back(name);
    }
    problem.network_name_ = json.value("network", "");
    problem.fidelity_ = json.value("fidelity", "");
    if (json.contains("fixed")) {
      for (const auto& [name, value] : json.at("fixed").items()) {
        if (name != problem.fidelity_) problem.fixed_.push_back({name, value_of(value)});
      }
    }
    problem.noise_ = json.value("noise_sd", 0.0);
    problem.best_ = json.at("norm").at("best").get<double>();
    problem.median_ = json.at("norm").at("median").get<double>();
    if (json.contains("cost")) {
      problem.cost_output_ = json.at("cost").at("output").get<std::string>();
      problem.mean_full_seconds_ = json.at("cost").at("mean_full_s").get<double>();
    } else {
      problem.mean_full_seconds_ = static_cast<double>(problem.steps_);
    }
  } catch (const nlohmann::ordered_json::exception& e) {
    return wrong_problem(e.what());
  }
  if (problem.steps_ < 1 || problem.steps_ > kStepsMax) {
    return wrong_problem("`steps` must be 1 to " + std::to_string(kStepsMax));
  }
  if (problem.median_ == problem.best_) return wrong_problem("`median` and `best` are the same");
  problem.network_ = std::move(network);
  if (problem.network_name_.empty() == problem.function_.empty()) {
    return wrong_problem("it needs either a `network` or a `function`");
  }
  if (!problem.network_name_.empty() && problem.network_ == nullptr) {
    return wrong_problem("network `" + printable(problem.network_name_, 64) + "` is missing");
  }
  return problem;
}

Result<double> Problem::function_value(const Params& params) const {
  std::vector<double> x(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const Value* value = find_param(params, names_[i]);
    if (value == nullptr || !as_number(*value, &x[i])) {
      return wrong_problem("`" + names_[i] + "` is no number");
    }
  }
  return synthetic(function_, x);
}

Params Problem::input(const Params& params, std::uint64_t step) const {
  Params input = params;
  input.insert(input.end(), fixed_.begin(), fixed_.end());
  if (!fidelity_.empty()) input.push_back({fidelity_, static_cast<std::int64_t>(step)});
  return input;
}

Result<Problem::Run> Problem::run(const Params& params) const {
  Run run;
  if (network_ == nullptr) {
    SCOPA_ASSIGN_OR_RETURN(const double value, function_value(params));
    run.values.push_back(value);
    return run;
  }
  std::vector<Params> inputs;
  for (std::uint64_t step = 1; step <= steps_; ++step) inputs.push_back(input(params, step));
  SCOPA_ASSIGN_OR_RETURN(run.values, network_->evaluate(inputs, metric_));
  if (!cost_output_.empty()) {
    SCOPA_ASSIGN_OR_RETURN(const auto full, network_->evaluate({inputs.back()}, cost_output_));
    run.step_seconds = std::max(full.front(), 1.0) / static_cast<double>(steps_);
  }
  return run;
}

Result<double> Problem::final_value(const Params& params) const {
  if (network_ == nullptr) return function_value(params);
  SCOPA_ASSIGN_OR_RETURN(const auto values, network_->evaluate({input(params, steps_)}, metric_));
  return values.front();
}

double Problem::observed(double value, std::uint64_t seed, std::uint64_t number) const {
  return noise_ == 0 ? value : value + noise_ * noise_of(seed, number);
}

}  // namespace scopa::rehearsal
