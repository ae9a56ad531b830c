#pragma once

#include <array>
#include <span>
#include <string_view>

#include "broker/spec/key_table.h"

/// The rows of the key table, in files of their own. Only key_table.cc includes this.
namespace scopa::spec {

inline constexpr std::array<std::string_view, 7> kPrunerTypes = {
    "hyperband", "asha", "median", "percentile", "predictive", "threshold", "patient"};

std::span<const KeyRow> top_rows();
std::span<const KeyRow> own_rows();
std::span<const KeyRow> pruner_rows();
std::span<const KeyRow> parameter_rows();

}  // namespace scopa::spec
