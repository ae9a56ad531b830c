#include "broker/spec/parameter_names.h"

#include <algorithm>
#include <cmath>

#include "broker/spec/reading.h"

namespace scopa::spec {
namespace {

Kinds kinds_of(const Distribution& distribution) {
  switch (distribution.kind) {
    case DistributionKind::kConstant:
    case DistributionKind::kCategorical:
    case DistributionKind::kCategoricalWithWeights: {
      Kinds kinds = 0;
      for (const Value& value : distribution.values) kinds |= kind_of(value);
      return kinds == 0 ? kAnyKind : kinds;  // no values: a fault that is reported elsewhere
    }
    default:
      return kNumberKind;
  }
}

}  // namespace

std::string key_of(const Value& value) { return canonical_text({{"", value}}); }

void ParameterNames::add(const std::string& name, const Distribution* distribution) {
  index_.emplace(name, rows_.size());
  rows_.push_back({name, distribution, kinds_of(*distribution)});
}

void ParameterNames::add_derived(const std::string& name) {
  index_.emplace(name, rows_.size());
  rows_.push_back({name, nullptr, kAnyKind});
}

std::optional<std::size_t> ParameterNames::find(const std::string& full_name) const {
  const auto found = index_.find(full_name);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::size_t> ParameterNames::find_near(const std::vector<std::string>& path,
                                                     std::size_t scope,
                                                     std::string_view name) const {
  for (std::size_t depth = std::min(scope, path.size()) + 1; depth-- > 0;) {
    std::string full;
    for (std::size_t i = 0; i < depth; ++i) full = join(full, path[i]);
    if (const auto found = find(join(full, name))) return found;
  }
  return std::nullopt;
}

std::optional<bool> ParameterNames::has(std::size_t i, const Value& value) const {
  const Distribution* distribution = rows_[i].distribution;
  if (distribution == nullptr) return std::nullopt;
  if (distribution->kind == DistributionKind::kIntUniform) {
    double number = 0;
    return as_number(value, &number) && number >= distribution->min &&
           number <= distribution->max && number == std::floor(number);
  }
  if (distribution->values.empty()) return std::nullopt;
  std::unordered_set<std::string>& keys = keys_[i];
  if (keys.empty()) {
    for (const Value& each : distribution->values) keys.insert(key_of(each));
  }
  return keys.contains(key_of(value));
}

std::string ParameterNames::values_help(std::size_t i, const Value& value) const {
  constexpr std::size_t kShown = 8;
  const Distribution* distribution = rows_[i].distribution;
  if (distribution == nullptr) return {};
  if (distribution->kind == DistributionKind::kIntUniform) {
    return "it is an integer from " + to_text(Value(static_cast<std::int64_t>(distribution->min))) +
           " to " + to_text(Value(static_cast<std::int64_t>(distribution->max)));
  }
  const std::vector<Value>& values = distribution->values;
  std::vector<std::string> texts;
  for (std::size_t k = 0; k < values.size() && k < kShown; ++k) texts.push_back(to_text(values[k]));
  const std::vector<std::string_view> words(texts.begin(), texts.end());
  std::string help = did_you_mean(to_text(value), words);
  if (help.empty()) {
    help = "it can be " + one_of(words) + (values.size() > kShown ? " and others" : "");
  }
  return help;
}

std::string ParameterNames::name_help(const std::string& name) const {
  const std::vector<std::string> names = all();
  return did_you_mean(name, std::vector<std::string_view>(names.begin(), names.end()));
}

std::vector<std::string> ParameterNames::all() const {
  std::vector<std::string> names;
  for (const Row& row : rows_) names.push_back(row.name);
  return names;
}

}  // namespace scopa::spec
