#include <algorithm>
#include <cmath>

#include "broker/lint/facts.h"
#include "broker/lint/numbers.h"
#include "broker/pruning/hyperband.h"
#include "broker/pruning/last_quarter.h"

namespace scopa::lint {
namespace {

constexpr double kEarly = 0.1;  // of a training: what is seen by then says little of its end
constexpr double kLate = 0.5;   // from here on there is little left to save
constexpr double kSoundLow = 0.2, kSoundHigh = 0.3;
constexpr std::int64_t kShortSteps = 5;
constexpr std::int64_t kSpaceForEarly = 10;  // a shorter training has no early

/// A pruner as its file describes it: which key says when it first compares.
struct Start {
  std::string key;
  std::int64_t at = 0;
  bool in_values = false;  ///< of the goal metric; else in steps
};

struct Pruning {
  const Facts& f;
  Remarks* remarks;
  const spec::Pruner& pruner;
  std::string path;                 ///< of the section
  std::optional<std::int64_t> end;  ///< how long a training is, as far as the file says it

  std::string at(const std::string& key) const { return spec::join(path, key); }
  std::string name() const { return std::string(spec::name_of(pruner)); }
};

std::string steps(std::int64_t n, bool in_values) {
  return std::to_string(n) + (in_values ? n == 1 ? " value" : " values"
                              : n == 1  ? " step"
                                        : " steps");
}

Start start_of(const spec::Hyperband& h) {
  const auto bands = pruning::hyperband_bands(h);
  const std::int64_t first = bands && !bands->empty() ? static_cast<std::int64_t>((*bands)[0]) : 0;
  return {h.max_iter ? "s" : "min_iter", first, true};
}
Start start_of(const spec::Asha& a) { return {"min_resource", a.min_resource, false}; }
Start start_of(const spec::Percentile& p) { return {"warmup", p.warmup, false}; }
Start start_of(const spec::Predictive& p) { return {"warmup", p.warmup, false}; }
Start start_of(const spec::Threshold& t) { return {"warmup", t.warmup, false}; }
Start start_of(const spec::Patient& p) { return {"patience", p.patience, false}; }

std::string sound(std::int64_t end) {
  const auto of = [&](double share) {
    return std::to_string(
        std::max<std::int64_t>(1, std::llround(share * static_cast<double>(end))));
  };
  return of((kSoundLow + kSoundHigh) / 2);
}

std::string sound_range(std::int64_t end) {
  const auto low = std::llround(kSoundLow * static_cast<double>(end));
  const auto high = std::llround(kSoundHigh * static_cast<double>(end));
  return low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
}

/// "write `min_iter: 25`: 20 to 30 % of the training", for hyperband's other form, too.
std::string start_help(const Pruning& p, const Start& start) {
  const std::string because =
      ": 20 to 30 % of " + std::to_string(*p.end) + " is " + sound_range(*p.end);
  if (start.key == "s") return "write `s: 1`, or `min_iter: " + sound(*p.end) + "` alone" + because;
  return "write `" + start.key + ": " + sound(*p.end) + "`" + because;
}

bool is_threshold(const Pruning& p) {
  return std::holds_alternative<spec::Threshold>(p.pruner.kind);
}
bool is_predictive(const Pruning& p) {
  return std::holds_alternative<spec::Predictive>(p.pruner.kind);
}
bool is_patient(const Pruning& p) { return std::holds_alternative<spec::Patient>(p.pruner.kind); }

/// Scopa's own pruners stop nobody in the last quarter.
bool begins_too_late(const Pruning& p, const Start& start) {
  const bool own = !std::holds_alternative<spec::Hyperband>(p.pruner.kind);
  return own && !is_threshold(p) && !is_patient(p) && p.f.spec.max_steps &&
         static_cast<std::uint64_t>(start.at) >= pruning::last_quarter(p.f.spec.max_steps);
}

void check_start(const Pruning& p, const Start& start) {
  if (!p.end) {
    // Nothing says how long a training is, but the very first value never says how it ends.
    if (start.key == "min_iter" && start.at <= 1) {
      p.remarks->add(Rule::kComparesEarly, p.at("min_iter"),
                     "hyperband compares trials by their first value: those that start slowly are "
                     "lost",
                     "write `min_iter: 5`, better 20 to 30 % of the values that a training logs");
    }
    return;
  }
  const auto end = static_cast<double>(*p.end);
  const auto at = static_cast<double>(start.at);
  if (start.at >= *p.end) {
    p.remarks->add(Rule::kUnreachableRung, p.at(start.key),
                   p.name() + (is_patient(p) ? " waits " : " begins after ") +
                       steps(start.at, start.in_values) + ", and a training has " +
                       std::to_string(*p.end) + ": it stops nobody",
                   start_help(p, start));
  } else if (begins_too_late(p, start)) {
    p.remarks->add(Rule::kUnreachableRung, p.at(start.key),
                   p.name() + " begins after " + steps(start.at, start.in_values) + " of " +
                       std::to_string(*p.end) +
                       ", in the last quarter of a training, where it stops nobody",
                   start_help(p, start));
  } else if (is_threshold(p) || is_patient(p) || is_predictive(p)) {
    return;
  } else if (*p.end >= kSpaceForEarly && at < kEarly * end) {
    p.remarks->add(Rule::kComparesEarly, p.at(start.key),
                   p.name() + " compares trials from " + steps(start.at, start.in_values) +
                       " on, " + rough(100 * at / end) +
                       " % of a training: those that start slowly are lost",
                   start_help(p, start));
  } else if (at > kLate * end) {
    p.remarks->add(Rule::kComparesLate, p.at(start.key),
                   p.name() + " compares trials only after " + steps(start.at, start.in_values) +
                       ", " + rough(100 * at / end) + " % of a training: that saves little",
                   start_help(p, start));
  }
}

/// Ends beyond which the file places comparisons by name; what only follows from eta is no fault.
void check_end(const Pruning& p) {
  const auto max_steps = p.f.spec.max_steps;
  if (!max_steps) return;
  std::string key;
  std::int64_t value = 0;
  if (const auto* h = std::get_if<spec::Hyperband>(&p.pruner.kind); h && h->max_iter) {
    const auto bands = pruning::hyperband_bands(*h);
    if (bands && static_cast<std::int64_t>(bands->back()) >= *max_steps) {
      key = "max_iter";
      value = *h->max_iter;
    }
  } else if (const auto* a = std::get_if<spec::Asha>(&p.pruner.kind); a && a->max_resource) {
    if (*a->max_resource > *max_steps) {
      key = "max_resource";
      value = *a->max_resource;
    }
  }
  if (key.empty()) return;
  p.remarks->add(Rule::kUnreachableRung, p.at(key),
                 "`" + key + ": " + std::to_string(value) + "` is beyond `max_steps: " +
                     std::to_string(*max_steps) + "`: no trial gets to the comparisons in between",
                 "write `" + key + ": " + std::to_string(*max_steps) + "`");
}

/// Hyperband's other form ends before a band; where it gives other bands, another pruner does.
std::string late_band_help(const spec::Hyperband& h, const std::vector<std::uint64_t>& bands,
                           std::size_t before) {
  spec::Hyperband other = h;
  other.max_iter = static_cast<std::int64_t>(bands[before]);
  other.s = static_cast<std::int64_t>(before);
  const auto others = pruning::hyperband_bands(other);
  if (others && std::equal(others->begin(), others->end(), bands.begin(),
                           bands.begin() + static_cast<std::ptrdiff_t>(before))) {
    return "write `max_iter: " + std::to_string(bands[before]) + ", s: " + std::to_string(before) +
           "` instead of `min_iter`: the same comparisons without this one";
  }
  return "use `type: asha` with `min_resource: " + std::to_string(bands[0]) +
         "`, which stops nobody in the last quarter";
}

/// W&B's bands go on to the end of a training, where a stop saves next to nothing.
void check_late_band(const Pruning& p) {
  const auto* h = std::get_if<spec::Hyperband>(&p.pruner.kind);
  const auto max_steps = p.f.spec.max_steps;
  if (h == nullptr || h->max_iter || !max_steps) return;
  const auto bands = pruning::hyperband_bands(*h);
  if (!bands) return;
  std::size_t before = 0;  // bands that stop in time
  while (before < bands->size() && (*bands)[before] < pruning::last_quarter(max_steps)) ++before;
  if (before == 0 || before == bands->size()) return;  // the first has a remark of its own
  const std::uint64_t late = (*bands)[before];
  if (late >= static_cast<std::uint64_t>(*max_steps)) return;
  p.remarks->add(Rule::kComparesLate, p.at("min_iter"),
                 "hyperband compares again after " + std::to_string(late) + " of " +
                     std::to_string(*max_steps) +
                     " values, where a stop saves little and costs a trial that was good so far",
                 late_band_help(*h, *bands, before));
}

void check_number(const Pruning& p) {
  if (!p.f.trials) return;
  const std::uint64_t trials = *p.f.trials;
  double eta = 0;
  if (const auto* h = std::get_if<spec::Hyperband>(&p.pruner.kind)) eta = h->eta;
  if (const auto* a = std::get_if<spec::Asha>(&p.pruner.kind)) eta = a->eta;
  if (eta > 0 && static_cast<double>(trials) < 2 * eta) {
    p.remarks->add(Rule::kFewTrialsToCompare, p.at("eta"),
                   p.name() + " lets the best 1/" + yaml_number(eta) + " go on, and there are " +
                       std::to_string(trials) + " trials: hardly one is stopped, or the wrong one",
                   eta > 3 ? "write `eta: 3`"
                           : "write `run_cap: " + rough(std::ceil(eta * eta * eta)) +
                                 "` or more, or remove `early_terminate`");
  }
  const auto* percentile = std::get_if<spec::Percentile>(&p.pruner.kind);
  if (percentile != nullptr && trials <= percentile->min_trials) {
    p.remarks->add(Rule::kFewTrialsToCompare, p.at("min_trials"),
                   p.name() + " waits for " + std::to_string(percentile->min_trials) +
                       " other trials, and there are " + std::to_string(trials) + " in all",
                   "write `min_trials: 3` and `run_cap: 20`, or remove `early_terminate`");
  }
}

void check_length(const Pruning& p) {
  for (const std::size_t i : p.f.searched) {
    if (!p.f.meaning[i].length) continue;
    p.remarks->add(Rule::kLengthSearched, p.f.path(i),
                   "`" + p.f.name(i) + "` is searched, and " + p.name() +
                       " compares short trainings with long ones",
                   "write `" + p.f.key(i) + ": {value: " + to_json(p.f.space.domain(i).value(1)) +
                       "}`: pruning finds out by itself who needs the time");
  }
}

}  // namespace

void check_pruning(const Facts& f, Remarks* remarks) {
  if (!f.spec.pruner) return;
  Pruning p{f, remarks, *f.spec.pruner, "early_terminate", f.spec.max_steps};
  check_length(p);
  if (f.spec.max_steps && *f.spec.max_steps < kShortSteps) {
    remarks->add(
        Rule::kShortTraining, p.path,
        "a training of " + steps(*f.spec.max_steps, false) + " is over before comparing pays",
        "remove `early_terminate`, or log more often: each 100 batches, say");
    return;
  }
  check_number(p);
  if (const auto* h = std::get_if<spec::Hyperband>(&p.pruner.kind); h && h->max_iter && !p.end) {
    p.end = h->max_iter;
  }
  check_start(p, std::visit([](const auto& kind) { return start_of(kind); }, p.pruner.kind));
  check_end(p);
  check_late_band(p);
}

}  // namespace scopa::lint
