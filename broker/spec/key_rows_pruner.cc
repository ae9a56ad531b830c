#include "broker/spec/key_rows.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

using enum KeySection;
using enum Origin;

constexpr std::string_view kTypeDescription = "Which pruner it is.";

constexpr KeyRow type_row(KeySection section, std::string_view example, Origin origin) {
  return {.section = section,
          .key = "type",
          .types = kTypeWord,
          .origin = origin,
          .description = kTypeDescription,
          .example = example,
          .words = kPrunerTypes,
          .missing = "add `type: hyperband`, or the pruner that is meant"};
}

constexpr KeyRow eta_row(KeySection section, Origin origin) {
  return {.section = section,
          .key = "eta",
          .types = kTypeNumber,
          .origin = origin,
          .description = "About one in eta goes on at every rung.",
          .example = section == kHyperband ? "eta: 2, min_iter: 3" : "eta: 2",
          .range = {.min = 1, .above_min = true},
          .fallback = "3",
          .remedy = "3 keeps a third at every rung"};
}

constexpr KeyRow warmup_row(KeySection section, std::string_view example) {
  return {.section = section,
          .key = "warmup",
          .types = kTypeInteger,
          .origin = kScopa,
          .description = "Nothing is stopped before this step.",
          .example = example,
          .range = {.min = 0},
          .fallback = "0"};
}

constexpr KeyRow interval_row(KeySection section) {
  return {.section = section,
          .key = "interval",
          .types = kTypeInteger,
          .origin = kScopa,
          .description =
              "Steps between comparisons; without it at the steps 1, 2, 3, 4, 6, 8, 12 "
              "and so on.",
          .example = "interval: 5",
          .range = {.min = 1}};
}

constexpr KeyRow min_trials_row(KeySection section) {
  const bool foretells = section == kPredictive;
  return {.section = section,
          .key = "min_trials",
          .types = kTypeInteger,
          .origin = kScopa,
          .description = foretells
                             ? "How many trials must have come to the end before their ends decide."
                             : "How many other trials must have come that far.",
          .example = "min_trials: 8",
          .range = {.min = foretells ? 4.0 : 1.0, .max = limits::kTrialsMax},
          .fallback = "5"};
}

constexpr std::array kPrunerRows = {
    type_row(kHyperband, "type: hyperband, min_iter: 3", kWandb),
    KeyRow{.section = kHyperband,
           .key = "min_iter",
           .types = kTypeInteger,
           .origin = kWandb,
           .description = "Values of the goal metric before the first comparison.",
           .example = "min_iter: 3",
           .range = {.min = 1}},
    KeyRow{.section = kHyperband,
           .key = "max_iter",
           .types = kTypeInteger,
           .origin = kWandb,
           .description = "Values of the goal metric of a whole trial; with `s`, instead of "
                          "`min_iter`.",
           .example = "max_iter: 27, s: 2",
           .range = {.min = 1}},
    KeyRow{.section = kHyperband,
           .key = "s",
           .types = kTypeInteger,
           .origin = kWandb,
           .description = "The number of rungs below `max_iter`.",
           .example = "s: 2, max_iter: 27",
           .range = {.min = 1}},
    eta_row(kHyperband, kWandb),
    KeyRow{.section = kHyperband,
           .key = "strict",
           .types = kTypeBoolean,
           .origin = kWandb,
           .description = "Compare the value at the rung (true) or the best so far (false).",
           .example = "strict: false, min_iter: 3",
           .fallback = "true"},

    type_row(kAsha, "type: asha", kScopa),
    KeyRow{.section = kAsha,
           .key = "min_resource",
           .types = kTypeInteger,
           .origin = kScopa,
           .description = "The step of the first rung.",
           .example = "min_resource: 2",
           .range = {.min = 1},
           .fallback = "1"},
    KeyRow{
        .section = kAsha,
        .key = "max_resource",
        .types = kTypeInteger,
        .origin = kScopa,
        .description = "No rung at or after this step; without it `max_steps`, if that is given.",
        .example = "max_resource: 81",
        .range = {.min = 2}},
    eta_row(kAsha, kScopa),

    type_row(kMedian, "type: median", kScopa),
    warmup_row(kMedian, "warmup: 10"),
    interval_row(kMedian),
    min_trials_row(kMedian),

    type_row(kPercentile, "type: percentile, percentile: 25", kScopa),
    KeyRow{.section = kPercentile,
           .key = "percentile",
           .types = kTypeNumber,
           .origin = kScopa,
           .description = "The share of the trials that goes on, in percent.",
           .example = "percentile: 25",
           .range = {.min = 0, .max = 100, .above_min = true, .below_max = true},
           .fallback = "50",
           .remedy = "25 lets the best quarter go on"},
    warmup_row(kPercentile, "warmup: 10"),
    interval_row(kPercentile),
    min_trials_row(kPercentile),

    type_row(kPredictive, "type: predictive", kScopa),
    KeyRow{.section = kPredictive,
           .key = "confidence",
           .types = kTypeNumber,
           .origin = kScopa,
           .description = "How sure it must be that a trial will not end among the best.",
           .example = "confidence: 0.8",
           .range = {.min = 0, .max = 1, .above_min = true, .below_max = true},
           .fallback = "0.9",
           .remedy = "0.9 is careful, 0.5 saves more"},
    warmup_row(kPredictive, "warmup: 10"),
    min_trials_row(kPredictive),

    type_row(kThreshold, "type: threshold, upper: 10", kScopa),
    KeyRow{.section = kThreshold,
           .key = "lower",
           .types = kTypeNumber,
           .origin = kScopa,
           .description = "A trial is stopped when its goal metric is below this.",
           .example = "lower: 0.1"},
    KeyRow{.section = kThreshold,
           .key = "upper",
           .types = kTypeNumber,
           .origin = kScopa,
           .description = "A trial is stopped when its goal metric is above this.",
           .example = "upper: 10"},
    warmup_row(kThreshold, "warmup: 10, upper: 10"),

    type_row(kPatient, "type: patient, patience: 10", kScopa),
    KeyRow{.section = kPatient,
           .key = "patience",
           .types = kTypeInteger,
           .origin = kScopa,
           .description = "For so many steps a trial may go on without getting better.",
           .example = "patience: 10",
           .range = {.min = 1},
           .missing = "for example `patience: 10`, in steps of the goal metric"},
    KeyRow{.section = kPatient,
           .key = "min_delta",
           .types = kTypeNumber,
           .origin = kScopa,
           .description = "Better by at most this counts as no better.",
           .example = "min_delta: 0.001, patience: 10",
           .range = {.min = 0},
           .fallback = "0"},
    warmup_row(kPatient, "warmup: 20, patience: 10"),
    KeyRow{.section = kPatient,
           .key = "wraps",
           .types = kTypeMap,
           .origin = kScopa,
           .description = "A pruner that decides once patience is at an end; without it the trial "
                          "is stopped then.",
           .example = "wraps: {type: median}, patience: 10"},
};

}  // namespace

std::span<const KeyRow> pruner_rows() { return kPrunerRows; }

}  // namespace scopa::spec
