#include "broker/spec/distributions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace scopa::spec {
namespace {

using D = DistributionKind;

constexpr std::uint32_t kBounds = kKeyMin | kKeyMax;
constexpr std::uint32_t kBell = kKeyMu | kKeySigma;
constexpr std::uint32_t kShape = kKeyA | kKeyB;

constexpr std::array kKeys = {
    ParameterKeyRow{kKeyValue, "value"},
    ParameterKeyRow{kKeyValues, "values"},
    ParameterKeyRow{kKeyProbabilities, "probabilities"},
    ParameterKeyRow{kKeyMin, "min"},
    ParameterKeyRow{kKeyMax, "max"},
    ParameterKeyRow{kKeyQ, "q"},
    ParameterKeyRow{kKeyMu, "mu"},
    ParameterKeyRow{kKeySigma, "sigma"},
    ParameterKeyRow{kKeyA, "a"},
    ParameterKeyRow{kKeyB, "b"},
};

constexpr std::array kDistributions = {
    DistributionRow{D::kConstant, "constant", kKeyValue, 0},
    DistributionRow{D::kCategorical, "categorical", kKeyValues, 0},
    DistributionRow{D::kCategoricalWithWeights, "categorical_w_probabilities",
                    kKeyValues | kKeyProbabilities, 0},
    DistributionRow{D::kIntUniform, "int_uniform", kBounds, 0},
    DistributionRow{D::kUniform, "uniform", kBounds, 0},
    DistributionRow{D::kQUniform, "q_uniform", kBounds, kKeyQ},
    DistributionRow{D::kLogUniform, "log_uniform", kBounds, 0},
    DistributionRow{D::kLogUniformValues, "log_uniform_values", kBounds, 0},
    DistributionRow{D::kQLogUniform, "q_log_uniform", kBounds, kKeyQ},
    DistributionRow{D::kQLogUniformValues, "q_log_uniform_values", kBounds, kKeyQ},
    DistributionRow{D::kInvLogUniform, "inv_log_uniform", kBounds, 0},
    DistributionRow{D::kInvLogUniformValues, "inv_log_uniform_values", kBounds, 0},
    DistributionRow{D::kNormal, "normal", 0, kBell},
    DistributionRow{D::kQNormal, "q_normal", 0, kBell | kKeyQ},
    DistributionRow{D::kLogNormal, "log_normal", 0, kBell},
    DistributionRow{D::kQLogNormal, "q_log_normal", 0, kBell | kKeyQ},
    DistributionRow{D::kBeta, "beta", 0, kShape},
    DistributionRow{D::kQBeta, "q_beta", 0, kShape | kKeyQ},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kSynonyms = {{
    {"gaussian", "normal"},
    {"lognormal", "log_normal"},
    {"loguniform", "log_uniform_values"},
    {"logarithmic", "log_uniform_values"},
    {"log", "log_uniform_values"},
    {"qloguniform", "q_log_uniform_values"},
    {"quniform", "q_uniform"},
    {"qnormal", "q_normal"},
    {"qlognormal", "q_log_normal"},
    {"choice", "categorical"},
    {"category", "categorical"},
    {"randint", "int_uniform"},
    {"integer", "int_uniform"},
    {"int", "int_uniform"},
    {"float", "uniform"},
    {"fixed", "constant"},
}};

}  // namespace

std::span<const ParameterKeyRow> parameter_key_table() { return kKeys; }
std::span<const DistributionRow> distribution_table() { return kDistributions; }

const DistributionRow* find_distribution(std::string_view name) {
  const auto* row = std::find_if(kDistributions.begin(), kDistributions.end(),
                                 [&](const DistributionRow& r) { return r.name == name; });
  return row == kDistributions.end() ? nullptr : row;
}

const DistributionRow& row_of(DistributionKind kind) {
  return kDistributions[static_cast<std::size_t>(kind)];
}

std::string_view distribution_synonym(std::string_view word) {
  std::string lower;
  for (const char c : word) {
    if (c != '-' && c != ' ')
      lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (const DistributionRow* row = find_distribution(lower)) return row->name;
  for (const auto& [synonym, name] : kSynonyms) {
    if (synonym == lower) return name;
  }
  return {};
}

}  // namespace scopa::spec
