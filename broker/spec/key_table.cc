#include "broker/spec/key_table.h"

#include <algorithm>
#include <cstddef>

#include "broker/spec/key_rows.h"

namespace scopa::spec {
namespace {

using enum KeySection;

constexpr std::array kSections = {
    SectionRow{kTop, "", "", false, "A sweep file of Scopa or of Weights & Biases."},
    SectionRow{kOwn, "scopa", "", false,
               "Scopa's own keys together, where other tools read the file too."},
    SectionRow{kMetric, "metric", "", false, "What is optimised."},
    SectionRow{kHyperband, "early_terminate", "hyperband", false,
               "W&B's Hyperband, decision for decision. It counts values of the goal metric."},
    SectionRow{kAsha, "early_terminate", "asha", false,
               "Asynchronous successive halving by steps: at each rung the best 1/eta go on."},
    SectionRow{kMedian, "early_terminate", "median", false,
               "Stops what is worse than the median of the other trials at the same step."},
    SectionRow{kPercentile, "early_terminate", "percentile", false,
               "Stops what is behind the best `percentile` percent of the others."},
    SectionRow{kPredictive, "early_terminate", "predictive", false,
               "Stops what will surely not end among the best quarter, by where its curve goes."},
    SectionRow{kThreshold, "early_terminate", "threshold", false,
               "Stops a trial whose goal metric leaves the range from `lower` to `upper`."},
    SectionRow{kPatient, "early_terminate", "patient", false,
               "Stops what has not improved for `patience` steps, or lets the pruner it wraps "
               "decide then."},
    SectionRow{kBudget, "budget", "", false, "What the sweep may use."},
    SectionRow{kBayes, "bayes", "", false, "How `method: bayes` searches."},
    SectionRow{kController, "controller", "", true, "W&B's; ignored."},
    SectionRow{kScheduler, "scheduler", "", false, "W&B's; ignored with a warning."},
    SectionRow{kParameter, "parameters", "", false,
               "One parameter, or a group of nested parameters."},
};

std::vector<KeyRow> all_rows() {
  std::vector<KeyRow> rows;
  for (const std::span<const KeyRow> part :
       {top_rows(), own_rows(), pruner_rows(), parameter_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const KeyRow& a, const KeyRow& b) { return a.section < b.section; });
  return rows;
}

}  // namespace

std::span<const SectionRow> section_table() { return kSections; }

const SectionRow& row_of(KeySection section) {
  return kSections[static_cast<std::size_t>(section)];
}

std::span<const KeyRow> key_table() {
  static const std::vector<KeyRow> rows = all_rows();
  return rows;
}

std::span<const KeyRow> keys_of(KeySection section) {
  const std::span<const KeyRow> rows = key_table();
  const auto [first, last] =
      std::equal_range(rows.begin(), rows.end(), KeyRow{.section = section},
                       [](const KeyRow& a, const KeyRow& b) { return a.section < b.section; });
  return {first, last};
}

const KeyRow* find_key(KeySection section, std::string_view key) {
  const std::span<const KeyRow> rows = keys_of(section);
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const KeyRow& r) { return r.key == key; });
  return row == rows.end() ? nullptr : &*row;
}

std::vector<std::string_view> names_of(KeySection section) {
  std::vector<std::string_view> names;
  for (const KeyRow& row : keys_of(section)) names.push_back(row.key);
  return names;
}

std::span<const std::string_view> pruner_types() { return kPrunerTypes; }

const SectionRow* find_pruner(std::string_view type) {
  const auto* row = std::find_if(kSections.begin(), kSections.end(), [&](const SectionRow& r) {
    return !r.type.empty() && r.type == type;
  });
  return row == kSections.end() ? nullptr : row;
}

}  // namespace scopa::spec
