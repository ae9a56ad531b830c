#include "rehearsal/measures.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

namespace scopa::rehearsal {
namespace {

using Reading = std::function<std::optional<double>(const Outcome&)>;

std::optional<double> best_of_share(const Outcome& run, const Budget& budget, int percent) {
  const double share = percent / 100.0;
  if (budget.seconds > 0) return run.best_at(share * budget.seconds);
  if (budget.trials == 0) return run.best_at(share * run.seconds);
  return run.best_after(
      static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(budget.trials))));
}

Reading reading_of(std::uint64_t Outcome::*member) {
  return [member](const Outcome& run) { return static_cast<double>(run.*member); };
}

// Virtual time has microseconds; below them are the errors of adding up.
double rounded(double seconds) { return std::round(seconds * 1e6) / 1e6; }

Reading reading_of(double Outcome::*member) {
  return [member](const Outcome& run) { return rounded(run.*member); };
}

}  // namespace

std::optional<analysis::Interval> Measure::over_seeds() const {
  std::vector<double> values;
  for (const std::optional<double>& each : by_seed) {
    if (each) values.push_back(*each);
  }
  return analysis::mean_interval(values);
}

std::vector<Measure> measures_of(std::span<const Outcome> runs, const Budget& budget,
                                 bool has_target) {
  std::vector<Measure> measures;
  const auto add = [&](std::string key, std::string label, Unit unit, const Reading& reading) {
    Measure measure{std::move(key), std::move(label), unit, {}};
    for (const Outcome& run : runs) measure.by_seed.push_back(reading(run));
    measures.push_back(std::move(measure));
  };
  const std::string of =
      budget.seconds == 0 && budget.trials > 0 ? " % of the trials" : " % of the time";
  for (const int percent : kShares) {
    add("best_" + std::to_string(percent), "best at " + std::to_string(percent) + of, Unit::kValue,
        [&, percent](const Outcome& run) { return best_of_share(run, budget, percent); });
  }
  if (has_target) {
    add("target_s", "time to target", Unit::kSeconds,
        [](const Outcome& run) { return run.target_at; });
  }
  add("elapsed_s", "time in all", Unit::kSeconds, reading_of(&Outcome::seconds));
  add("device_s", "device time", Unit::kSeconds, reading_of(&Outcome::device_seconds));
  add("started", "trials started", Unit::kCount, reading_of(&Outcome::started));
  add("completed", "trials completed", Unit::kCount, reading_of(&Outcome::completed));
  add("pruned", "trials pruned", Unit::kCount, reading_of(&Outcome::pruned));
  add("diverged", "trials diverged", Unit::kCount, reading_of(&Outcome::diverged));
  add("failed", "trials failed", Unit::kCount, reading_of(&Outcome::failed));
  add("steps", "steps taken", Unit::kCount, reading_of(&Outcome::steps));
  add("saved", "steps saved", Unit::kShare,
      [](const Outcome& run) { return std::optional(run.saved()); });
  return measures;
}

Difference difference(const Measure& first, const Measure& other) {
  std::vector<double> apart;
  bool all_equal = true;
  for (std::size_t i = 0; i < std::min(first.by_seed.size(), other.by_seed.size()); ++i) {
    all_equal = all_equal && first.by_seed[i] == other.by_seed[i];
    if (first.by_seed[i] && other.by_seed[i])
      apart.push_back(*other.by_seed[i] - *first.by_seed[i]);
  }
  Difference found;
  found.interval = analysis::mean_interval(apart);
  if (!found.interval) return found;
  found.verdict = Verdict::kUnclear;
  if (all_equal) {
    found.verdict = Verdict::kSame;
  } else if (found.interval->excludes_zero()) {
    found.verdict = found.interval->mean < 0 ? Verdict::kLess : Verdict::kMore;
  }
  return found;
}

std::string_view word_of(Verdict verdict, Unit unit, Goal goal) {
  switch (verdict) {
    case Verdict::kNone:
      return "none";
    case Verdict::kSame:
      return "same";
    case Verdict::kUnclear:
      return "unclear";
    case Verdict::kLess:
    case Verdict::kMore:
      break;
  }
  const bool is_less = verdict == Verdict::kLess;
  if (unit != Unit::kValue) return is_less ? "less" : "more";
  return is_less == (goal == Goal::kMinimize) ? "better" : "worse";
}

std::vector<Moment> schedule(std::span<const Outcome> runs, const Budget& budget,
                             std::size_t count) {
  double end = budget.seconds;
  for (const Outcome& run : runs) {
    if (budget.seconds == 0) end = std::max(end, run.seconds);
  }
  std::vector<Moment> moments;
  for (std::size_t k = 1; k <= count; ++k) {
    Moment moment;
    moment.seconds = k == count ? end : end * static_cast<double>(k) / static_cast<double>(count);
    std::vector<double> best;
    for (const Outcome& run : runs) {
      if (const auto value = run.best_at(moment.seconds)) best.push_back(*value);
      const auto until = [&](const std::vector<double>& times) {
        return static_cast<double>(std::upper_bound(times.begin(), times.end(), moment.seconds) -
                                   times.begin());
      };
      moment.ended += until(run.ends);
      moment.pruned += until(run.prunings);
    }
    moment.ended /= static_cast<double>(runs.size());
    moment.pruned /= static_cast<double>(runs.size());
    moment.best = analysis::mean_interval(best);
    moments.push_back(moment);
  }
  return moments;
}

std::vector<Stops> stops_by_rung(std::span<const Outcome> runs,
                                 std::span<const std::uint64_t> rungs, std::size_t rows_max) {
  std::map<std::uint64_t, std::uint64_t> by_step;
  for (const Outcome& run : runs) {
    for (const auto& [steps, trials] : run.pruned_after) by_step[steps] += trials;
  }
  std::vector<Stops> rows;
  std::ptrdiff_t last_rung = -1;
  for (const auto& [steps, trials] : by_step) {
    const auto rung = std::upper_bound(rungs.begin(), rungs.end(), steps) - rungs.begin();
    if (rows.empty() || rungs.empty() || rung != last_rung) rows.push_back({steps, steps, 0});
    last_rung = rung;
    rows.back().last = steps;
    rows.back().trials += static_cast<double>(trials);
  }
  std::vector<Stops> merged;
  const std::size_t together = rows.empty() ? 1 : (rows.size() - 1) / rows_max + 1;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % together == 0) merged.push_back({rows[i].first, 0, 0});
    merged.back().last = rows[i].last;
    merged.back().trials += rows[i].trials;
  }
  for (Stops& each : merged) each.trials /= static_cast<double>(runs.size());
  return merged;
}

}  // namespace scopa::rehearsal
