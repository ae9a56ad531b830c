#include "broker/spec/key_rows.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

using enum KeySection;
using enum Origin;

constexpr std::array<std::string_view, 4> kOnNan = {"stop", "fail", "ignore", "prune"};
constexpr std::array<std::string_view, 3> kModels = {"auto", "tpe", "gp"};
constexpr auto kGraceSecondsMax = static_cast<double>(limits::kGraceMax.count());
constexpr double kDeviceHoursMax = 1e9;  // as microseconds they still fit 64 bits

constexpr std::array kOwnRows = {
    KeyRow{.section = kOwn,
           .key = "seed",
           .types = kTypeInteger,
           .origin = kScopa,
           .description = "The same seed and the same order of results give the same "
                          "configurations; without it the broker draws one and records it.",
           .example = "seed: 7",
           .range = {.min = 0}},
    KeyRow{
        .section = kOwn,
        .key = "initial",
        .types = kTypeList,
        .origin = kScopa,
        .description = "Configurations tried first, in this order; what they leave out is drawn.",
        .example = "initial: [{lr: 0.01}, {lr: 0.02}]"},
    KeyRow{.section = kOwn,
           .key = "on_nan",
           .types = kTypeWord,
           .origin = kScopa,
           .description =
               "What happens to a trial whose goal metric becomes NaN or infinite: stop (it has "
               "diverged), fail, or ignore; prune is the old word for stop.",
           .example = "on_nan: fail",
           .words = kOnNan,
           .fallback = "stop"},
    KeyRow{.section = kOwn,
           .key = "max_trial_time",
           .types = kTypeDuration,
           .origin = kScopa,
           .description = "How long one attempt of a trial may run; then it is stopped.",
           .example = "max_trial_time: 1h30m"},
    KeyRow{.section = kOwn,
           .key = "max_steps",
           .types = kTypeInteger,
           .origin = kScopa,
           .description = "A trial is complete when its goal metric has this step.",
           .example = "max_steps: 100",
           .range = {.min = 1}},
    KeyRow{.section = kOwn,
           .key = "grace",
           .types = kTypeDuration,
           .origin = kScopa,
           .description = "How long a trainer that is told to stop has to save.",
           .example = "grace: 5m",
           .range = {.min = 0, .max = kGraceSecondsMax, .above_min = true},
           .fallback = "60s",
           .remedy = "write `grace: 5m`, at most `24h`; `1s` for next to nothing"},
    KeyRow{.section = kOwn,
           .key = "retries",
           .types = kTypeInteger,
           .origin = kScopa,
           .description = "How often a trial that failed is tried again.",
           .example = "retries: 2",
           .range = {.min = 0, .max = limits::kRetriesMax},
           .fallback = "0"},
    KeyRow{.section = kOwn,
           .key = "replicates",
           .types = kTypeInteger,
           .origin = kScopa,
           .description = "How often each configuration runs, with different seeds; their mean "
                          "counts.",
           .example = "replicates: 3",
           .range = {.min = 1, .max = limits::kReplicatesMax},
           .fallback = "1"},
    KeyRow{.section = kOwn,
           .key = "budget",
           .types = kTypeMap,
           .origin = kScopa,
           .description = "What the sweep may use; when one of them is used up it ends.",
           .example = "budget: {trials: 100, wall_time: 12h, device_hours: 48}"},
    KeyRow{.section = kOwn,
           .key = "bayes",
           .types = kTypeMap,
           .origin = kScopa,
           .description = "How `method: bayes` searches.",
           .example = "bayes: {model: gp}"},
    KeyRow{.section = kOwn,
           .key = "constraints",
           .types = kTypeList,
           .origin = kScopa,
           .description = "Expressions over parameters that every configuration makes true.",
           .example = "constraints: [lr <= 0.1]"},

    KeyRow{.section = kBudget,
           .key = "trials",
           .types = kTypeInteger,
           .origin = kScopa,
           .description = "How many trials there will be: `run_cap` by another name.",
           .example = "trials: 100",
           .range = {.min = 1}},
    KeyRow{.section = kBudget,
           .key = "wall_time",
           .types = kTypeDuration,
           .origin = kScopa,
           .description = "Since the first attempt started.",
           .example = "wall_time: 12h"},
    KeyRow{.section = kBudget,
           .key = "device_hours",
           .types = kTypeNumber,
           .origin = kScopa,
           .description = "Hours of all attempts on all devices together.",
           .example = "device_hours: 48",
           .range = {.min = 0, .max = kDeviceHoursMax, .above_min = true}},

    KeyRow{.section = kBayes,
           .key = "model",
           .types = kTypeWord,
           .origin = kScopa,
           .description =
               "A Gaussian process, a tree-structured Parzen estimator, or what suits the space.",
           .example = "model: gp",
           .words = kModels,
           .fallback = "auto"},
};

}  // namespace

std::span<const KeyRow> own_rows() { return kOwnRows; }

}  // namespace scopa::spec
