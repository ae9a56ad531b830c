#include <algorithm>
#include <chrono>
#include <cmath>

#include "broker/lint/facts.h"
#include "broker/lint/numbers.h"
#include "broker/search/sampler.h"

namespace scopa::lint {
namespace {

using spec::DistributionKind;
using spec::Method;

// How many trials a parameter needs. The space grows exponentially with the parameters, but sound
// sweeps of four or five of them (rate, schedule, weight decay, dropout, batch size) do with 30.
constexpr std::uint64_t kTrialsPerParameterMin = 5;
constexpr std::uint64_t kTrialsPerParameter = 10;
constexpr std::size_t kFewParameters = 2;    // no number of trials is too small for them
constexpr std::size_t kManyParameters = 8;   // from here on the full number is asked for
constexpr std::size_t kOpenParameters = 10;  // ... and a number of trials, where there is none
constexpr std::size_t kModelParametersMax = 20;
constexpr std::size_t kArchitectureMin = 2;  // one size is a common thing to search
constexpr std::uint64_t kGridMax = 500;      // without a cap
constexpr std::uint64_t kAxisMax = 20;       // points that a grid takes from a range
constexpr std::size_t kNamesShown = 4;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  const std::size_t shown = std::min(names.size(), kNamesShown);
  for (std::size_t k = 0; k < shown; ++k) {
    text += (k == 0 ? "`" : k + 1 == names.size() ? " and `" : ", `") + names[k] + "`";
  }
  if (shown < names.size()) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

std::vector<std::string> named(const Facts& f, bool Meaning::*what) {
  std::vector<std::string> names;
  for (const std::size_t i : f.searched) {
    if (f.meaning[i].*what) names.push_back(f.name(i));
  }
  return names;
}

/// Sizes are numbers; `kernel: {values: [rbf, linear]}` is none.
bool is_numeric(const Facts& f, std::size_t i) {
  const auto& values = f.distribution(i).values;
  return std::all_of(values.begin(), values.end(), [](const Value& value) {
    double x = 0;
    return as_number(value, &x) || std::holds_alternative<Composite>(value);
  });
}

std::vector<std::string> architecture(const Facts& f) {
  std::vector<std::string> names;
  for (const std::size_t i : f.searched) {
    if (f.meaning[i].architecture && is_numeric(f, i)) names.push_back(f.name(i));
  }
  return names;
}

/// How few trials do for so many parameters.
std::uint64_t least_trials(std::uint64_t parameters) {
  if (parameters <= kFewParameters) return 0;
  return parameters *
         (parameters >= kManyParameters ? kTrialsPerParameter : kTrialsPerParameterMin);
}

/// "fix all but the 3 that matter most, `layers` first": so many as the trials do for.
std::string fewer_parameters(const Facts& f, std::uint64_t trials) {
  std::uint64_t keep = f.dimensions - 1;
  while (least_trials(keep) > trials) --keep;
  std::string help = "fix all but the " + std::to_string(keep) + " that matter most";
  const std::vector<std::string> fix = architecture(f);
  if (!fix.empty()) help += ", " + listed(fix) + " first";
  return help;
}

/// Without a number of trials only many parameters are a reason to name one.
void check_open_end(const Facts& f, Remarks* remarks) {
  const std::size_t n = f.dimensions;
  if (n < kOpenParameters || f.trials || f.spec.budget.wall_time || f.spec.budget.device_time) {
    return;
  }
  const std::string wanted = std::to_string(least_trials(n));
  remarks->add(Rule::kTooManyParameters, "parameters",
               std::to_string(n) +
                   " parameters are searched, and nothing says with how many "
                   "trials: so many ask for " +
                   wanted,
               "write `run_cap: " + wanted + "`, or fix those that matter least");
}

void check_parameters(const Facts& f, Remarks* remarks) {
  const std::size_t n = f.dimensions;
  if (f.spec.method == Method::kGrid || n <= kFewParameters) return;
  if (f.spec.run_cap == 0) return check_open_end(f, remarks);
  const std::uint64_t trials = f.spec.run_cap;
  if (f.size && *f.size <= trials) return;  // all of it is tried
  if (trials >= least_trials(n)) return;
  remarks->add(Rule::kTooManyParameters, "parameters",
               std::to_string(n) + " parameters are searched with " + std::to_string(trials) +
                   " trials: the space grows exponentially, and this is " +
                   rough(static_cast<double>(trials) / static_cast<double>(n)) + " trials for each",
               "write `run_cap: " + std::to_string(n * kTrialsPerParameter) + "`, or " +
                   fewer_parameters(f, trials));
}

void check_architecture(const Facts& f, Remarks* remarks) {
  const std::vector<std::string> sizes = architecture(f);
  const std::vector<std::string> training = named(f, &Meaning::training);
  if (sizes.size() < kArchitectureMin || training.empty()) return;
  if (f.spec.method == Method::kGrid && f.size && *f.size <= kAxisMax) return;
  std::size_t first = 0;
  while (f.name(first) != sizes[0]) ++first;
  remarks->add(Rule::kArchitecture, f.path(first),
               "architecture (" + listed(sizes) + ") is searched together with training (" +
                   listed(training) + "): the best training differs with each architecture",
               "fix the architecture first, such as `" + f.key(first) +
                   ": {value: " + to_json(f.space.domain(first).value(0.5)) +
                   "}`, and search it in a sweep of its own");
}

/// "lr 5 x batch_size 4 x width 993"
std::string axes(const Facts& f) {
  std::string text;
  std::size_t shown = 0;
  for (const std::size_t i : f.searched) {
    if (++shown > kNamesShown) break;
    text += (text.empty() ? "" : " x ") + f.name(i) + " " + grouped(f.space.domain(i).count());
  }
  return f.searched.size() > kNamesShown ? text + " x ..." : text;
}

void check_grid_size(const Facts& f, Remarks* remarks) {
  const std::string of = axes(f);
  const bool capped = f.spec.run_cap > 0;
  if (f.size && *f.size <= (capped ? f.spec.run_cap : kGridMax)) return;
  const std::string size = f.size ? grouped(*f.size) : "more than 2^63";
  const std::string message = "the grid has " + size + " configurations (" + of + ")" +
                              (capped ? ", and `run_cap` ends it after " + grouped(f.spec.run_cap) +
                                            ": the first parameters never change"
                                      : "");
  remarks->add(Rule::kLargeGrid, capped ? "run_cap" : "method", message,
               std::string("write `method: ") +
                   (f.spec.metric ? "bayes` or `method: random" : "random") +
                   "`, which spread any number of trials over the whole space" +
                   (capped ? "" : ", with `run_cap: 50`"));
}

void check_grid_axes(const Facts& f, Remarks* remarks) {
  for (const std::size_t i : f.searched) {
    const spec::Distribution& d = f.distribution(i);
    const bool is_range =
        d.kind == DistributionKind::kQUniform || d.kind == DistributionKind::kIntUniform;
    const search::Domain& domain = f.space.domain(i);
    if (!is_range || domain.count() <= kAxisMax) continue;
    std::string list;
    for (int k = 0; k < 4; ++k) {
      list += (k == 0 ? "" : ", ") + to_text(domain.at(static_cast<std::uint64_t>(std::llround(
                                         static_cast<double>(domain.count() - 1) * k / 3))));
    }
    remarks->add(Rule::kFineGrid, f.path(i),
                 "the grid takes " + grouped(domain.count()) + " steps through the range of `" +
                     f.name(i) + "`",
                 "write `" + f.key(i) + ": {values: [" + list + "]}`, or use `method: random`");
  }
}

void check_model(const Facts& f, Remarks* remarks) {
  if (f.spec.method != Method::kBayes) return;
  if (f.dimensions > kModelParametersMax) {
    remarks->add(Rule::kWideModelSearch, "method",
                 "a model of " + std::to_string(f.dimensions) +
                     " parameters needs far more trials than it saves; beyond " +
                     std::to_string(kModelParametersMax) + " it is hardly better than chance",
                 "write `method: random`, or fix the parameters that matter least");
  }
  if (f.spec.run_cap == 0 || (f.size && *f.size <= f.spec.run_cap)) return;
  const std::uint64_t start = search::startup_trials(f.spec);
  if (f.spec.run_cap > 3 * start) return;
  const std::uint64_t left = f.spec.run_cap - std::min(f.spec.run_cap, start);
  remarks->add(Rule::kShortModelSearch, "run_cap",
               "of " + std::to_string(f.spec.run_cap) + " trials the first " +
                   std::to_string(std::min(f.spec.run_cap, start)) + " are random, which leaves " +
                   (left == 0 ? "none" : "only " + std::to_string(left)) + " to the model",
               "write `run_cap: " +
                   std::to_string(std::max<std::uint64_t>(20, f.dimensions * kTrialsPerParameter)) +
                   "`, or `method: random`");
}

void check_cap(const Facts& f, Remarks* remarks) {
  if (!f.size || f.spec.run_cap <= *f.size) return;
  const std::string size = grouped(*f.size);
  remarks->add(Rule::kCapBeyondSpace, "run_cap",
               "the space has " + size + (*f.size == 1 ? " configuration" : " configurations") +
                   ", so the sweep ends before `run_cap`: none is tried twice",
               *f.size == 1 ? "give a parameter `values`, or `min` and `max`"
                            : "write `run_cap: " + std::to_string(*f.size) +
                                  "`; to see the noise, add `replicates: 3`");
}

std::string hours(std::chrono::microseconds time) {
  return rough(std::chrono::duration<double, std::ratio<3600>>(time).count()) + " h";
}

// The longest trials decide only how many fit at the worst; that not even two do is a mistake.
void check_time(const Facts& f, Remarks* remarks) {
  const spec::SweepSpec& s = f.spec;
  if (!s.max_trial_time || s.max_trial_time->count() <= 0) return;
  const auto one = *s.max_trial_time * s.replicates;
  const std::string run = s.replicates > 1 ? "one configuration, " + std::to_string(s.replicates) +
                                                 " runs of up to " + hours(*s.max_trial_time) + ","
                                           : "one trial of up to " + hours(*s.max_trial_time);
  if (s.budget.device_time && *s.budget.device_time < 2 * one) {
    remarks->add(
        Rule::kShortBudget, "budget.device_hours",
        "the budget is " + hours(*s.budget.device_time) + " of device time, and " + run +
            " may take " + hours(one),
        "write `device_hours: " +
            rough(std::ceil(20 * std::chrono::duration<double, std::ratio<3600>>(one).count())) +
            "` for 20 of them, or lower `max_trial_time`");
  } else if (s.budget.wall_time && *s.budget.wall_time < *s.max_trial_time) {
    remarks->add(Rule::kShortBudget, "budget.wall_time",
                 "the sweep ends after " + hours(*s.budget.wall_time) + ", and a trial may take " +
                     hours(*s.max_trial_time),
                 "raise `wall_time`, or lower `max_trial_time`");
  }
}

void check_seed(const Facts& f, Remarks* remarks) {
  if (f.spec.method == Method::kGrid) return;
  for (const std::size_t i : f.searched) {
    if (!f.meaning[i].seed) continue;
    remarks->add(Rule::kSeedSearched, f.path(i),
                 "`" + f.name(i) + "` is searched like a parameter: what wins is luck",
                 "remove it and write `replicates: 3`: each configuration then runs with three "
                 "seeds and counts with their mean");
  }
}

}  // namespace

void check_budget(const Facts& f, Remarks* remarks) {
  check_parameters(f, remarks);
  check_architecture(f, remarks);
  if (f.spec.method == Method::kGrid) {
    check_grid_size(f, remarks);
    check_grid_axes(f, remarks);
  }
  check_model(f, remarks);
  check_cap(f, remarks);
  check_time(f, remarks);
  check_seed(f, remarks);
}

}  // namespace scopa::lint
