#include "cli/ask_tell_config.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

// Parameters keep the order in which they were written.
using Json = nlohmann::ordered_json;

Status wrong_init(std::string message, std::string help = {}) {
  return {Code::kInvalidArgument, std::move(message), std::move(help)};
}

std::string quoted(const std::string& name) { return "`" + printable(name, 64) + "`"; }

/// The parameter of a dotted name, which the file may have nested; null where there is none.
Json* find_parameter(Json* parameters, const std::string& name) {
  if (!parameters->is_object()) return nullptr;
  if (const auto found = parameters->find(name); found != parameters->end()) return &*found;
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return nullptr;
  const auto head = parameters->find(name.substr(0, dot));
  if (head == parameters->end() || !head->is_object()) return nullptr;
  const auto nested = head->find("parameters");
  return nested == head->end() ? nullptr : find_parameter(&*nested, name.substr(dot + 1));
}

Status add_condition(const Json& condition, std::size_t index, Json* config) {
  const std::string which = "`conditions[" + std::to_string(index) + "]`";
  const auto text = [&](const char* key) {
    const auto field = condition.is_object() ? condition.find(key) : condition.end();
    return field != condition.end() && field->is_string() ? field->get<std::string>() : "";
  };
  const std::string param = text("param");
  const std::string parent = text("parent");
  const auto values = condition.is_object() ? condition.find("values") : condition.end();
  if (param.empty() || parent.empty() || values == condition.end() || !values->is_array() ||
      values->empty()) {
    return wrong_init(which + " is no condition",
                      R"(like {"param":"momentum","parent":"optimizer","values":["sgd"]})");
  }
  const auto parameters = config->find("parameters");
  Json* found = parameters == config->end() ? nullptr : find_parameter(&*parameters, param);
  if (found == nullptr || !found->is_object()) {
    return wrong_init(which + " is on " + quoted(param) + ", which is no parameter");
  }
  Json& when = (*found)["when"];
  if (when.is_null()) when = Json::object();
  if (!when.is_object() || when.contains(parent)) {
    return wrong_init(which + ": " + quoted(param) + " has a `when` on " + quoted(parent) +
                      " already");
  }
  when[parent] = *values;
  return Status::ok();
}

}  // namespace

Result<std::string> ask_tell_spec(const std::string& request, std::uint64_t seed) {
  Json json = Json::parse(request, nullptr, false);
  const auto config = json.is_object() ? json.find("config") : json.end();
  if (!json.is_object() || config == json.end() || !config->is_object()) {
    return wrong_init("`config` must be an object", "a sweep file as JSON");
  }
  if (const auto conditions = json.find("conditions"); conditions != json.end()) {
    if (!conditions->is_array()) return wrong_init("`conditions` must be an array");
    for (std::size_t i = 0; i < conditions->size(); ++i) {
      SCOPA_RETURN_IF_ERROR(add_condition((*conditions)[i], i, &*config));
    }
  }
  if (const auto steps = json.find("steps"); steps != json.end()) {
    if (!steps->is_number_unsigned() || *steps == 0U)
      return wrong_init("`steps` must be 1, 2, 3 ...");
    if (!config->contains("max_steps")) (*config)["max_steps"] = *steps;
  }
  if (const auto own = json.find("seed"); own != json.end()) {
    if (!own->is_number_unsigned()) return wrong_init("`seed` must be 0, 1, 2 ...");
    (*config)["seed"] = *own;
  } else if (!config->contains("seed")) {
    (*config)["seed"] = seed;
  }
  (*config)["retries"] = 0;
  return config->dump(2);
}

}  // namespace scopa::cli
