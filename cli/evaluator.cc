#include "cli/evaluator.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

constexpr const char* kForm = R"(it should be like {"values":[0.9,0.5],"step_seconds":12.5})";
constexpr std::size_t kExcerpt = 120;

Status wrong_answer(const std::string& what) { return {Code::kInvalidArgument, what, kForm}; }

bool read_value(const nlohmann::json& json, double* value) {
  if (json.is_number()) {
    *value = json.get<double>();
    return true;
  }
  if (!json.is_string()) return false;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto& text = json.get_ref<const std::string&>();
  if (text == "nan") *value = std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") *value = kInfinity;
  if (text == "-inf") *value = -kInfinity;
  return text == "nan" || text == "inf" || text == "-inf";
}

Status read_values(const nlohmann::json& json, const char* key, std::vector<double>* values) {
  const auto found = json.find(key);
  if (found == json.end()) return Status::ok();
  if (!found->is_array() || found->size() > limits::kEvaluatorValuesMax) {
    return wrong_answer(std::string("`") + key + "` must be an array of at most " +
                        std::to_string(limits::kEvaluatorValuesMax) + " numbers");
  }
  for (const nlohmann::json& each : *found) {
    double value = 0;
    if (!read_value(each, &value)) {
      return wrong_answer(
          std::string("`") + key + "` holds " +
          printable(each.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), 40) +
          ", which is no number");
    }
    values->push_back(value);
  }
  return Status::ok();
}

Status read_steps(const nlohmann::json& json, std::vector<std::int64_t>* steps) {
  const auto found = json.find("steps");
  if (found == json.end()) return Status::ok();
  if (!found->is_array()) return wrong_answer("`steps` must be an array of whole numbers");
  for (const nlohmann::json& each : *found) {
    const bool is_step = each.is_number_integer() && each >= 0 && each <= INT64_MAX;
    if (!is_step) return wrong_answer("`steps` must hold whole numbers, 0 or more");
    steps->push_back(each.get<std::int64_t>());
  }
  return Status::ok();
}

bool rises(const std::vector<double>& seconds) {
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    if (!(seconds[i] >= (i == 0 ? 0 : seconds[i - 1]))) return false;
  }
  return seconds.empty() || seconds.back() < 1e12;
}

Status check_training(const rehearsal::Training& training) {
  if (training.values.empty() && !training.fails) {
    return wrong_answer("it has no `values`, and no `error`");
  }
  if (!(training.step_seconds > 0) || !(training.step_seconds < 1e12)) {
    return wrong_answer("`step_seconds` must be above 0");
  }
  const std::size_t count = training.values.size();
  if (!training.steps.empty() && training.steps.size() != count) {
    return wrong_answer("`steps` must be as many as `values`");
  }
  for (std::size_t i = 1; i < training.steps.size(); ++i) {
    if (training.steps[i] <= training.steps[i - 1]) return wrong_answer("`steps` must rise");
  }
  if (!training.seconds.empty() && (training.seconds.size() != count || !rises(training.seconds))) {
    return wrong_answer("`seconds` must be as many as `values`, 0 or more, and rise");
  }
  const bool takes_time = !training.seconds.empty() ? training.seconds.back() > 0
                          : !training.steps.empty() ? training.steps.back() > 0
                                                    : true;
  return takes_time ? Status::ok() : wrong_answer("the training must take some time");
}

}  // namespace

Result<rehearsal::Training> read_training(std::string_view answer) {
  const nlohmann::json json = nlohmann::json::parse(answer, nullptr, false);
  if (!json.is_object()) return wrong_answer("it is no JSON object");
  rehearsal::Training training;
  if (const auto error = json.find("error"); error != json.end()) {
    if (!error->is_string()) return wrong_answer("`error` must be a text");
    training.fails = true;
  }
  SCOPA_RETURN_IF_ERROR(read_values(json, "values", &training.values));
  SCOPA_RETURN_IF_ERROR(read_values(json, "seconds", &training.seconds));
  SCOPA_RETURN_IF_ERROR(read_steps(json, &training.steps));
  const auto step_seconds = json.find("step_seconds");
  if (step_seconds != json.end()) {
    if (!step_seconds->is_number()) return wrong_answer("`step_seconds` must be a number");
    training.step_seconds = step_seconds->get<double>();
  } else if (training.seconds.empty() && !training.fails) {
    return wrong_answer("it has neither `step_seconds` nor `seconds`");
  }
  SCOPA_RETURN_IF_ERROR(check_training(training));
  return training;
}

Result<std::unique_ptr<Evaluator>> Evaluator::start(const std::string& command,
                                                    std::chrono::milliseconds patience,
                                                    std::function<bool()> leave) {
  SCOPA_ASSIGN_OR_RETURN(auto process, LineProcess::start(command));
  return std::unique_ptr<Evaluator>(new Evaluator(std::move(process), patience, std::move(leave)));
}

Result<rehearsal::Training> Evaluator::train(const Params& params) {
  const std::string key = canonical_text(params);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  if (!broken_) return broken_;
  const std::string number = std::to_string(known_.size());
  const auto answer = process_->ask("{\"trial\":" + number + ",\"params\":" + to_json(params) + "}",
                                    patience_, leave_);
  auto training = answer ? read_training(*answer) : Result<rehearsal::Training>(answer.status());
  if (training) {
    known_.emplace(key, *training);
    return training;
  }
  const std::string told = answer ? ": `" + printable(*answer, kExcerpt) + "`" : "";
  broken_ =
      Status{training.status().code(),
             "evaluator, asked for trial " + number + ": " + training.status().message() + told,
             training.status().help()};
  return broken_;
}

}  // namespace scopa::cli
