#include "cli/ask_tell.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/ask_tell_config.h"
#include "cli/json.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

using Json = nlohmann::ordered_json;  // parameters keep their order

constexpr std::size_t kShownMax = 64;  // bytes of what was sent, in a message

Status wrong(std::string message, std::string help = {}) {
  return {Code::kInvalidArgument, std::move(message), std::move(help)};
}

std::string error_reply(const Status& status) {
  std::string text = status.message();
  if (!status.help().empty()) text += "; " + status.help();
  return json_object({{"error", json_text(text)}});
}

Result<Json> parse(std::string_view line) {
  if (line.size() > AskTell::kLineBytesMax) {
    return wrong("the request is longer than " + std::to_string(AskTell::kLineBytesMax) + " bytes");
  }
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep |= depth > AskTell::kDepthMax;
    return !too_deep;
  };
  Json json = Json::parse(line, watch, false);
  if (too_deep)
    return wrong("the request is nested deeper than " + std::to_string(AskTell::kDepthMax));
  if (json.is_discarded()) {
    return wrong(
        "this is no JSON: `" + printable(std::string(line.substr(0, kShownMax))) + "`",
        R"(one object on one line, like {"op":"ask"}; NaN and infinities are texts: "nan", )"
        R"("inf", "-inf")");
  }
  if (!json.is_object()) return wrong("a request is an object", R"(like {"op":"ask"})");
  return json;
}

Result<std::uint64_t> count_field(const Json& json, const char* name) {
  const auto field = json.find(name);
  if (field == json.end()) return wrong(std::string("`") + name + "` is missing");
  if (!field->is_number_unsigned()) return wrong(std::string("`") + name + "` must be 0, 1, 2 ...");
  return field->get<std::uint64_t>();
}

Result<double> number_field(const Json& json, const char* name) {
  const auto field = json.find(name);
  if (field == json.end()) return wrong(std::string("`") + name + "` is missing");
  if (field->is_number()) return field->get<double>();
  if (field->is_string()) {
    const std::string& text = field->get_ref<const std::string&>();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (text == "nan" || text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "inf" || text == "Infinity") return kInfinity;
    if (text == "-inf" || text == "-Infinity") return -kInfinity;
  }
  return wrong(std::string("`") + name + "` must be a number", R"(or "nan", "inf", "-inf")");
}

Result<std::int64_t> step_field(const Json& json) {
  const auto field = json.find("step");
  if (field == json.end()) return wrong("`step` is missing");
  const bool fits = field->is_number_integer() &&
                    !(field->is_number_unsigned() &&
                      field->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX));
  if (!fits) return wrong("`step` must be an integer of 64 bits");
  return field->get<std::int64_t>();
}

}  // namespace

struct AskTell::Request {
  const Json& json;
};

std::string AskTell::reply(std::string_view line) {
  const auto json = parse(line);
  if (!json) return error_reply(json.status());
  auto answered = answer({*json});
  return answered ? std::move(*answered) : error_reply(answered.status());
}

Result<std::string> AskTell::answer(const Request& request) {
  const auto op = request.json.find("op");
  if (op == request.json.end() || !op->is_string()) {
    return wrong("`op` is missing", "init, ask, report or tell");
  }
  const std::string& name = op->get_ref<const std::string&>();
  if (name == "init") return init(request);
  const bool known = name == "ask" || name == "report" || name == "tell";
  if (!known) {
    return wrong("there is no op `" + printable(name, kShownMax) + "`",
                 "init, ask, report or tell");
  }
  if (!sweep_) return wrong("`" + name + "` comes before `init`");
  return name == "ask" ? ask() : name == "report" ? report(request) : tell(request);
}

Result<std::string> AskTell::init(const Request& request) {
  SCOPA_ASSIGN_OR_RETURN(const std::string spec, ask_tell_spec(request.json.dump(), seed_));
  SCOPA_ASSIGN_OR_RETURN(sweep_, solo::SoloSweep::create(spec, 0));
  return std::string(R"({"ok":true})");
}

Result<std::string> AskTell::ask() {
  SCOPA_ASSIGN_OR_RETURN(const auto asked, sweep_->ask());
  if (asked.trial == nullptr)
    return std::string(asked.done ? R"({"done":true})" : R"({"wait":true})");
  return json_object(
      {{"trial", std::to_string(asked.trial->number)}, {"params", to_json(asked.trial->params)}});
}

Result<std::string> AskTell::report(const Request& request) {
  SCOPA_ASSIGN_OR_RETURN(const std::uint64_t trial, count_field(request.json, "trial"));
  SCOPA_ASSIGN_OR_RETURN(const std::int64_t step, step_field(request.json));
  SCOPA_ASSIGN_OR_RETURN(const double value, number_field(request.json, "value"));
  SCOPA_ASSIGN_OR_RETURN(const bool stop, sweep_->report(trial, step, value));
  return json_object({{"stop", stop ? "true" : "false"}});
}

Result<std::string> AskTell::tell(const Request& request) {
  SCOPA_ASSIGN_OR_RETURN(const std::uint64_t trial, count_field(request.json, "trial"));
  const auto state = request.json.find("state");
  const auto named = state != request.json.end() && state->is_string()
                         ? trial_state_from(state->get_ref<const std::string&>())
                         : std::nullopt;
  if (!named) return wrong("`state` must be completed, pruned, diverged or failed");
  std::optional<double> value;
  const auto given = request.json.find("value");
  if (given != request.json.end() && !given->is_null()) {
    SCOPA_ASSIGN_OR_RETURN(value, number_field(request.json, "value"));
  }
  SCOPA_RETURN_IF_ERROR(sweep_->tell(trial, *named, value));
  return std::string(R"({"ok":true})");
}

}  // namespace scopa::cli
