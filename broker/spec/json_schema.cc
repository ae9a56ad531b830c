#include "broker/spec/json_schema.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "broker/spec/distributions.h"
#include "broker/spec/duration.h"
#include "broker/spec/key_table.h"
#include "broker/spec/parameter_schema.h"
#include "broker/spec/reading.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

using Json = nlohmann::ordered_json;

Json reference(std::string_view definition) {
  return {{"$ref", "#/definitions/" + std::string(definition)}};
}

Json number_in(const Range& range, std::string_view type) {
  const auto plain = [](double bound) {
    return bound == std::floor(bound) && std::abs(bound) < 1e15
               ? Json(static_cast<std::int64_t>(bound))
               : Json(bound);
  };
  Json schema = {{"type", type}};
  if (std::isfinite(range.min)) {
    schema[range.above_min ? "exclusiveMinimum" : "minimum"] = plain(range.min);
  }
  if (std::isfinite(range.max)) {
    schema[range.below_max ? "exclusiveMaximum" : "maximum"] = plain(range.max);
  }
  return schema;
}

Json a_duration(const Range& range) {
  constexpr auto kMost = std::chrono::seconds(kDurationMax).count();
  const Range seconds = {
      .min = 0, .max = std::min(range.max, static_cast<double>(kMost)), .above_min = true};
  return {{"anyOf",
           {number_in(seconds, "number"),
            {{"type", "string"}, {"minLength", 2}, {"pattern", duration_pattern()}}}}};
}

Json a_reduction() {
  static_assert(limits::kReduceWindowMax == 1000, "the pattern below says so too");
  return {{"anyOf",
           {{{"enum", {"last", "best"}}},
            {{"type", "string"}, {"pattern", R"(^mean\(0*([1-9][0-9]{0,2}|1000)\)$)"}}}}};
}

Json list_of(Json items, std::size_t most) {
  return {{"type", "array"}, {"items", std::move(items)}, {"maxItems", most}};
}

// The keys whose value has a form of its own.
Json structured(const KeyRow& row) {
  const std::string_view key = row.key;
  if (key == "parameters" || key == "metric" || key == "budget" || key == "bayes" ||
      key == "controller" || key == "scheduler" || key == "scopa") {
    return reference(key);
  }
  if (key == "early_terminate") return reference("pruner");
  if (key == "wraps") {
    return {
        {"allOf",
         {reference("pruner"), {{"properties", {{"type", {{"not", {{"const", "patient"}}}}}}}}}}};
  }
  if (key == "command") {
    return list_of({{"type", {"string", "number", "boolean"}}}, limits::kCommandPartsMax);
  }
  if (key == "initial") {
    return list_of({{"type", "object"}, {"minProperties", 1}}, limits::kInitialPointsMax);
  }
  if (key == "constraints") {
    return list_of({{"type", "string"}}, limits::kConstraintsMax);
  }
  if (key == "values") {
    return {{"type", "array"}, {"minItems", 1}, {"maxItems", limits::kCategoriesMax}};
  }
  if (key == "probabilities") {
    return {{"type", "array"}, {"items", {{"type", "number"}, {"minimum", 0}}}, {"minItems", 1}};
  }
  if (key == "distribution") {
    Json names = Json::array();
    for (const DistributionRow& distribution : distribution_table())
      names.push_back(distribution.name);
    return {{"enum", names}};
  }
  return nullptr;
}

Json plain_form(const KeyRow& row) {
  Json forms = Json::array();
  if (row.types & kTypeAny) return Json::object();
  if (row.types & kTypeWord)
    forms.push_back({{"enum", std::vector(row.words.begin(), row.words.end())}});
  if (row.types & kTypeText) forms.push_back({{"type", "string"}});
  if (row.types & kTypeInteger) forms.push_back(number_in(row.range, "integer"));
  if (row.types & kTypeNumber) forms.push_back(number_in(row.range, "number"));
  if (row.types & kTypeBoolean) forms.push_back({{"type", "boolean"}});
  if (row.types & kTypeList) forms.push_back({{"type", "array"}});
  if (row.types & kTypeMap) forms.push_back({{"type", "object"}});
  if (row.types & kTypeDuration) forms.push_back(a_duration(row.range));
  if (row.types & kTypeReduction) forms.push_back(a_reduction());
  return forms.size() == 1 ? forms.front() : Json{{"anyOf", forms}};
}

// Examples and defaults stand in the table as YAML.
Json value_of_yaml(std::string_view yaml, std::string_view key) {
  Findings findings;
  Node node;
  if (!read_tree(yaml, &node, &findings)) return nullptr;
  const Entry* entry = node.find(key);
  return entry == nullptr ? Json() : Json::parse(to_json(value_of(entry->value)), nullptr, false);
}

Json schema_of(const KeyRow& row) {
  if (row.use == Use::kRefused) {
    return {{"description", row.description}, {"doNotSuggest", true}, {"not", Json::object()}};
  }
  Json schema = {{"description", row.description}};
  Json form = structured(row);
  if (form.is_null()) form = plain_form(row);
  // What stands beside a reference is ignored.
  if (form.contains("$ref")) {
    schema["allOf"] = Json::array({form});
  } else {
    schema.update(form);
  }
  if (!row.fallback.empty()) {
    schema["default"] = value_of_yaml("{x: " + std::string(row.fallback) + "}", "x");
  }
  schema["examples"] = Json::array({value_of_yaml("{" + std::string(row.example) + "}", row.key)});
  return schema;
}

Json schema_of(KeySection section) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const KeyRow& row : keys_of(section)) {
    properties[std::string(row.key)] = schema_of(row);
    if (row.required()) required.push_back(row.key);
  }
  Json schema = {
      {"type", "object"}, {"description", row_of(section).description}, {"properties", properties}};
  if (!required.empty()) schema["required"] = required;
  if (!row_of(section).open) schema["additionalProperties"] = false;
  return schema;
}

Json any_of_required(const std::vector<std::vector<std::string_view>>& choices) {
  Json any = Json::array();
  for (const auto& keys : choices) any.push_back({{"required", keys}});
  return any;
}

std::string definition_of(const SectionRow& row) { return "pruner_" + std::string(row.type); }

// The type decides which keys there are; without a type none is offered but that.
Json pruner_schema() {
  Json types = Json::array();
  Json descriptions = Json::array();
  Json forms = Json::array();
  for (const SectionRow& row : section_table()) {
    if (row.type.empty()) continue;
    types.push_back(row.type);
    descriptions.push_back(row.description);
    forms.push_back(
        {{"if", {{"properties", {{"type", {{"const", row.type}}}}}, {"required", {"type"}}}},
         {"then", reference(definition_of(row))}});
  }
  return {{"type", "object"},
          {"properties", {{"type", {{"enum", types}, {"enumDescriptions", descriptions}}}}},
          {"required", {"type"}},
          {"allOf", forms}};
}

Json definitions() {
  Json all;
  all["scopa"] = schema_of(KeySection::kOwn);
  all["metric"] = schema_of(KeySection::kMetric);
  all["pruner"] = pruner_schema();
  for (const SectionRow& row : section_table()) {
    if (!row.type.empty()) all[definition_of(row)] = schema_of(row.section);
  }
  all[definition_of(row_of(KeySection::kHyperband))]["anyOf"] =
      any_of_required({{"min_iter"}, {"max_iter", "s"}});
  all[definition_of(row_of(KeySection::kThreshold))]["anyOf"] =
      any_of_required({{"lower"}, {"upper"}});
  all["budget"] = schema_of(KeySection::kBudget);
  all["bayes"] = schema_of(KeySection::kBayes);
  all["controller"] = schema_of(KeySection::kController);
  all["scheduler"] = schema_of(KeySection::kScheduler);
  all["scheduler"]["dependencies"] = {{"optimizer", {"source"}}, {"search_space", {"source"}}};
  all["parameters"] = {
      {"type", "object"},
      {"minProperties", 1},
      {"propertyNames",
       {{"pattern", "^[A-Za-z_][A-Za-z0-9_.-]*$"}, {"maxLength", limits::kNameBytesMax}}},
      {"additionalProperties", reference("parameter")}};
  all["parameter"] = schema_of(KeySection::kParameter);
  all["parameter"]["allOf"] = Json::parse(parameter_forms());
  return all;
}

Json predictive_needs_max_steps() {
  return Json::parse(R"({
    "if": {"required": ["early_terminate"], "properties": {"early_terminate": {"anyOf": [
      {"required": ["type"], "properties": {"type": {"const": "predictive"}}},
      {"required": ["wraps"], "properties": {"wraps": {
        "required": ["type"], "properties": {"type": {"const": "predictive"}}}}}]}}},
    "then": {"anyOf": [
      {"required": ["max_steps"]},
      {"required": ["scopa"], "properties": {"scopa": {"required": ["max_steps"]}}}]}})");
}

}  // namespace

std::string json_schema() {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Sweep file"}};
  schema.update(schema_of(KeySection::kTop));
  // What other programs keep in the file; the parser takes other names with a warning.
  schema["patternProperties"] = {{"^(\\.|_|x-)", Json::object()}};
  for (const KeyRow& row : keys_of(KeySection::kOwn)) {
    schema["properties"][std::string(row.key)] =
        reference("scopa/properties/" + std::string(row.key));
  }
  // Both choose by the metric.
  schema["if"] = {{"properties", {{"method", {{"const", "bayes"}}}}}, {"required", {"method"}}};
  schema["then"] = {{"required", {"metric"}}};
  schema["dependencies"] = {{"early_terminate", {"metric"}},
                            {"scheduler", {{"not", {{"required", {"early_terminate"}}}}}}};
  schema["allOf"] = Json::array({predictive_needs_max_steps()});
  schema["definitions"] = definitions();
  return schema.dump(2) + "\n";
}

}  // namespace scopa::spec
