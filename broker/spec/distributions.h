#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

/// The keys that describe a parameter's distribution, as bits.
enum ParameterKey : std::uint32_t {
  kKeyValue = 1u << 0,
  kKeyValues = 1u << 1,
  kKeyProbabilities = 1u << 2,
  kKeyMin = 1u << 3,
  kKeyMax = 1u << 4,
  kKeyQ = 1u << 5,
  kKeyMu = 1u << 6,
  kKeySigma = 1u << 7,
  kKeyA = 1u << 8,
  kKeyB = 1u << 9,
};

struct ParameterKeyRow {
  ParameterKey key;
  std::string_view name;
};

/// Which keys a distribution must have and which it may have besides `distribution`.
struct DistributionRow {
  DistributionKind kind;
  std::string_view name;
  std::uint32_t required;  ///< bits of ParameterKey
  std::uint32_t optional;
};

std::span<const ParameterKeyRow> parameter_key_table();
std::span<const DistributionRow> distribution_table();
/// Null where there is no such distribution.
const DistributionRow* find_distribution(std::string_view name);
const DistributionRow& row_of(DistributionKind kind);

/// The distribution that a user of another tool or of statistics means by `word`, or empty.
std::string_view distribution_synonym(std::string_view word);

}  // namespace scopa::spec
