#include "broker/spec/parameter_schema.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/spec/distributions.h"

namespace scopa::spec {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string_view>;

Names names_of(std::uint32_t keys) {
  Names names;
  for (const ParameterKeyRow& row : parameter_key_table()) {
    if (keys & row.key) names.push_back(row.name);
  }
  return names;
}

// Only these keys, and of them all that are required.
Json form(const Names& required, Names allowed) {
  allowed.push_back("when");
  Json schema = {{"propertyNames", {{"enum", allowed}}}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

bool has_log_bounds(DistributionKind kind) {
  return kind == DistributionKind::kLogUniformValues ||
         kind == DistributionKind::kQLogUniformValues ||
         kind == DistributionKind::kInvLogUniformValues;
}

Json form_of(const DistributionRow& row) {
  Names allowed = names_of(row.required | row.optional);
  allowed.push_back("distribution");
  Json schema = form(names_of(row.required), std::move(allowed));
  if (has_log_bounds(row.kind)) schema["properties"] = {{"min", {{"exclusiveMinimum", 0}}}};
  if (row.kind == DistributionKind::kIntUniform) {
    schema["properties"] = {{"min", {{"type", "integer"}}}, {"max", {{"type", "integer"}}}};
  }
  return schema;
}

Json when_given(std::string_view key, Json then) {
  return {{"if", {{"required", {key}}}}, {"then", std::move(then)}};
}

// Without a name the distribution is told from these.
Json told_from_keys() {
  Json forms = Json::array();
  for (const DistributionKind kind :
       {DistributionKind::kConstant, DistributionKind::kCategorical,
        DistributionKind::kCategoricalWithWeights, DistributionKind::kUniform}) {
    const Names keys = names_of(row_of(kind).required);
    forms.push_back(form(keys, keys));
  }
  Json named = Json::array();
  for (const std::string_view key : {"distribution", "parameters", "expr"}) {
    named.push_back({{"required", {key}}});
  }
  return {{"if", {{"not", {{"anyOf", named}}}}}, {"then", {{"anyOf", forms}}}};
}

}  // namespace

std::string parameter_forms() {
  Json all = Json::array();
  for (const DistributionRow& row : distribution_table()) {
    all.push_back({{"if",
                    {{"properties", {{"distribution", {{"const", row.name}}}}},
                     {"required", {"distribution"}}}},
                   {"then", form_of(row)}});
  }
  all.push_back(told_from_keys());
  all.push_back(when_given("parameters", form({}, {"parameters"})));
  all.push_back(when_given("expr", form({}, {"expr"})));
  return all.dump();
}

}  // namespace scopa::spec
