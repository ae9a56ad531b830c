#include "broker/lint/live.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "broker/lint/facts.h"
#include "broker/lint/numbers.h"
#include "broker/lint/progress.h"
#include "broker/lint/trainer_remarks.h"
#include "sdk/base/text.h"

namespace scopa::lint {
namespace {

using spec::DistributionKind;

constexpr std::size_t kCompletedForBorder = 20;
constexpr std::size_t kCompletedForCurves = 3;
constexpr std::size_t kFailuresMin = 4;   // of one category
constexpr std::size_t kSuccessesMin = 2;  // of the others
constexpr double kBorder = 0.05;        // in quantiles: the best trial is no further from a border
constexpr double kNeighbourhood = 0.2;  // ... and most of the next best ones are no further
constexpr std::size_t kNextBestMin = 3;
constexpr double kSameBound = 1e-9;  // what exp and log may have done to it
constexpr std::size_t kRemarkNamesMax = 8;
constexpr std::uint64_t kLooksFrom = 4;
constexpr std::uint64_t kLooksTo = 10'000;  // by then all has been said

std::string quoted_list(const std::vector<std::string>& names) {
  if (names.empty()) return "nothing";
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kRemarkNamesMax); ++i) {
    text += (i == 0 ? "`" : ", `") + spec::one_line(printable(names[i], 80)) + "`";
  }
  if (names.size() > kRemarkNamesMax) {
    text += " and " + std::to_string(names.size() - kRemarkNamesMax) + " more";
  }
  return text;
}

/// It failed or diverged, and its configuration may be why.
bool is_blamed(const LiveTrial& trial) {
  return trial.state == TrialState::kDiverged ||
         (trial.state == TrialState::kFailed && trial.may_be_its_parameters);
}

class Look {
 public:
  Look(const spec::SweepSpec& spec, const std::vector<LiveTrial>& trials)
      : facts_(spec, false), spec_(spec), trials_(trials) {
    for (const LiveTrial& trial : trials) {
      if (trial.state == TrialState::kCompleted && trial.value) completed_.push_back(&trial);
    }
    const bool minimize = !spec.metric || spec.metric->goal == Goal::kMinimize;
    std::stable_sort(completed_.begin(), completed_.end(),
                     [&](const LiveTrial* a, const LiveTrial* b) {
                       return minimize ? *a->value < *b->value : *a->value > *b->value;
                     });
  }

  std::vector<LiveRemark> all() {
    look_at_curves();
    look_at_progress();
    look_at_borders();
    look_at_categories();
    return std::move(found_);
  }

 private:
  void look_at_curves();
  void look_at_progress();
  void look_at_borders();
  void look_at_categories();
  void look_at_category(std::size_t i, std::uint64_t index);
  std::optional<double> unit(const LiveTrial& trial, std::size_t i) const;
  bool crowds(std::size_t i, bool upper) const;
  std::string wider(std::size_t i, bool upper) const;
  std::string bound_text(std::size_t i, const Value& value, bool upper) const;

  Facts facts_;
  const spec::SweepSpec& spec_;
  const std::vector<LiveTrial>& trials_;
  std::vector<const LiveTrial*> completed_;  // best first
  std::vector<LiveRemark> found_;
};

void Look::look_at_curves() {
  if (!spec_.metric) return;
  if (!(spec_.pruner || spec_.max_steps.value_or(0) > 1)) return;
  if (completed_.size() < kCompletedForCurves) return;
  const bool once = std::all_of(completed_.begin(), completed_.end(),
                                [](const LiveTrial* t) { return t->goal_values == 1; });
  if (!once) {
    std::string why = why_never_pruned(spec_, trials_);
    if (!why.empty()) {
      found_.push_back({Rule::kPrunerNeverActs, spec_.metric->name, std::move(why)});
    }
    return;
  }
  const std::string waits =
      spec_.pruner ? "`" + std::string(spec::name_of(*spec_.pruner)) + "` has nothing to compare"
                   : "`max_steps` is never reached";
  found_.push_back(
      {Rule::kGoalLoggedOnce, spec_.metric->name,
       "trials log it only once, so " + waits + ": log it after each epoch, with its step"});
}

// A grid goes its way whatever comes; a model or chance may have found what there is.
void Look::look_at_progress() {
  if (!spec_.metric || spec_.method == spec::Method::kGrid) return;
  const auto stall = stall_of(spec_.metric->goal, trials_);
  if (!stall || stall->since < kStallMin) return;
  found_.push_back({Rule::kNoGain, spec_.metric->name,
                    "none of the " + std::to_string(stall->since) + " trials since trial " +
                        std::to_string(stall->best) +
                        " was better: if that is good enough, stop the sweep; else widen or "
                        "change what it searches"});
}

std::optional<double> Look::unit(const LiveTrial& trial, std::size_t i) const {
  const Value* value = find_param(*trial.params, facts_.name(i));
  if (value == nullptr) return {};
  const search::Domain& domain = facts_.space.domain(i);
  if (!domain.is_finite()) return domain.unit_of(*value);
  const auto index = domain.index_of(*value);
  if (!index) return {};
  // The middle of the first value's share is no border, the first value is.
  return static_cast<double>(*index) / static_cast<double>(domain.count() - 1);
}

// One trial lies near a border by chance; if the next best crowd there, too, the optimum is beyond.
bool Look::crowds(std::size_t i, bool upper) const {
  const auto distance = [&](const LiveTrial& trial) {
    const auto at = unit(trial, i);
    return !at ? 1.0 : upper ? 1 - *at : *at;
  };
  if (distance(*completed_[0]) > kBorder) return false;
  const std::size_t next = std::max(kNextBestMin, completed_.size() / 10);
  std::size_t near = 0;
  for (std::size_t k = 1; k <= next; ++k) {
    near += distance(*completed_[k]) <= kNeighbourhood ? 1 : 0;
  }
  return 2 * near > next;
}

/// The key to write, or nothing where the range ends for a reason: at 0, at 1 of a share.
std::string Look::wider(std::size_t i, bool upper) const {
  const spec::Distribution& d = facts_.distribution(i);
  const Meaning& m = facts_.meaning[i];
  const bool linear = d.kind == DistributionKind::kUniform ||
                      d.kind == DistributionKind::kQUniform ||
                      d.kind == DistributionKind::kIntUniform;
  const bool log = d.kind == DistributionKind::kLogUniformValues ||
                   d.kind == DistributionKind::kQLogUniformValues;
  if (!linear && !log) return {};
  const double half = (d.max - d.min) / 2;
  double bound = 0;
  if (upper) {
    if (m.share && d.max >= 0.9) return {};
    // At most twice: what is large costs time or memory, and a sweep can be widened again.
    bound = log ? d.max * 2 : std::min(d.max + half, d.max > 0 ? d.max * 2 : d.max + half);
    if (m.share) bound = std::min(bound, 0.95);
    if (m.learning_rate) bound = std::min(bound, 1.0);
    if (bound <= d.max) return {};
  } else {
    const double least = m.whole || d.kind == DistributionKind::kQLogUniformValues ? 1 : 0;
    if (d.min == least) return {};
    bound = log ? d.min / 10 : d.min - half;
    if (d.min >= 0) bound = std::max(bound, least);
    if (bound >= d.min) return {};
  }
  if (d.kind == DistributionKind::kIntUniform || m.whole) bound = std::round(bound);
  double shown = bound;
  (void)is_number(rough(bound), &shown);
  if (upper && shown > bound) shown = bound;
  return std::string(upper ? "max: " : "min: ") + yaml_number(shown);
}

/// A value at a border as the file writes the bound, else with three digits.
std::string Look::bound_text(std::size_t i, const Value& value, bool upper) const {
  const spec::Distribution& d = facts_.distribution(i);
  const double bound = upper ? d.max : d.min;
  double x = 0;
  const bool at_bound = as_number(value, &x) && std::abs(x - bound) <= kSameBound * std::abs(bound);
  if (at_bound) return yaml_number(bound);
  return std::holds_alternative<double>(value) ? rough(x) : to_text(value);
}

void Look::look_at_borders() {
  if (completed_.size() < kCompletedForBorder) return;
  for (const std::size_t i : facts_.searched) {
    const search::Domain& domain = facts_.space.domain(i);
    if (domain.is_categorical() || (domain.is_finite() && domain.count() < 4)) continue;
    for (const bool upper : {false, true}) {
      const std::string key = wider(i, upper);
      if (key.empty() || !crowds(i, upper)) continue;
      found_.push_back(
          {Rule::kBestAtBorder, facts_.name(i),
           "the best trial, " + std::to_string(completed_[0]->number) + ", has " +
               bound_text(i, *find_param(*completed_[0]->params, facts_.name(i)), upper) +
               ", at the " + (upper ? "upper" : "lower") +
               " border, and the next best are near: try `" + key + "` in another sweep"});
    }
  }
}

void Look::look_at_category(std::size_t i, std::uint64_t index) {
  std::size_t failed = 0;
  std::size_t others = 0;
  for (const LiveTrial& trial : trials_) {
    const bool success =
        trial.state == TrialState::kCompleted || trial.state == TrialState::kPruned;
    if (!success && !is_blamed(trial)) continue;
    const Value* value = find_param(*trial.params, facts_.name(i));
    const auto at = value == nullptr ? std::nullopt : facts_.space.domain(i).index_of(*value);
    if (!at || *at != index) {
      others += success ? 1 : 0;
    } else if (success) {
      return;
    } else {
      ++failed;
    }
  }
  if (failed < kFailuresMin || others < kSuccessesMin) return;
  const Value& value = facts_.space.domain(i).at(index);
  found_.push_back(
      {Rule::kCategoryFails, facts_.name(i),
       "all " + std::to_string(failed) + " trials with " + printable(to_json(value), 80) +
           " have failed, and " + std::to_string(others) +
           " with another value have not: remove it from `values`, or see their logs"});
}

void Look::look_at_categories() {
  const auto failed = std::count_if(trials_.begin(), trials_.end(), is_blamed);
  if (failed < static_cast<std::ptrdiff_t>(kFailuresMin)) return;
  for (const std::size_t i : facts_.searched) {
    const search::Domain& domain = facts_.space.domain(i);
    // Of many values few have the four trials that it takes, and looking at each would cost.
    if (!domain.is_categorical() || domain.count() > 32) continue;
    for (std::uint64_t index = 0; index < domain.count(); ++index) look_at_category(i, index);
  }
}

}  // namespace

std::string LiveRemark::head() const {
  return std::string(row_of(rule).code) + " `" + spec::one_line(subject) + "`:";
}

bool is_renewed(std::string_view notice) {
  constexpr std::array kRenewed = {
      Rule::kGoalLoggedOnce, Rule::kBestAtBorder, Rule::kCategoryFails, Rule::kPrunerNeverActs,
      Rule::kNoGain,         Rule::kNanFirst,     Rule::kMostDiverge,   Rule::kSameCurves};
  return std::any_of(kRenewed.begin(), kRenewed.end(), [&](Rule rule) {
    return notice.starts_with(std::string(row_of(rule).code) + " ");
  });
}

bool is_time_to_look(std::uint64_t ended) {
  if (ended < kLooksFrom || ended > kLooksTo) return false;
  return ended % (std::bit_floor(ended) / 4) == 0;
}

LiveRemark goal_never_logged(const std::string& goal, const std::vector<std::string>& logged) {
  std::string text =
      "trials end without a value of this goal metric; they logged " + quoted_list(logged);
  const std::string meant = closest_match(goal, logged);
  if (!meant.empty()) text += "; did you mean `" + spec::one_line(meant) + "`?";
  return {Rule::kGoalNeverLogged, goal, std::move(text)};
}

LiveRemark ended_by_force(std::uint64_t trial, bool killed, const std::string& grace) {
  return {
      Rule::kEndedByForce, "grace",
      "trial " + std::to_string(trial) + " was told to stop and did not end within " + grace +
          (killed ? ", so it was killed: what it had not saved is lost" : ", so it got SIGTERM") +
          "; let trainers ask `should_stop()` at each step (or heed SIGTERM), or give them "
          "longer with `grace`"};
}

LiveRemark failed_after_its_end(std::uint64_t trial, const std::string& how) {
  return {Rule::kFailedAfterItsEnd, "max_steps",
          "trial " + std::to_string(trial) + " had reached it when its trainer failed (" + how +
              "): its value counts, but what it saves after its last step may be missing; see its "
              "log"};
}

std::vector<LiveRemark> live_remarks(const spec::SweepSpec& spec,
                                     const std::vector<LiveTrial>& trials) {
  std::vector<LiveRemark> remarks = Look(spec, trials).all();
  for (LiveRemark& remark : value_remarks(spec, trials)) remarks.push_back(std::move(remark));
  return remarks;
}

}  // namespace scopa::lint
