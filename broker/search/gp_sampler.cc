#include "broker/search/gp_sampler.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <span>

#include "broker/search/exact.h"
#include "broker/search/math.h"
#include "broker/search/random.h"
#include "broker/search/random_sampler.h"
#include "broker/search/standardise.h"
#include "broker/search/why_members.h"

namespace scopa::search {
namespace {

constexpr std::size_t kPendingMax = 64;  // of which more would tell little
constexpr std::uint64_t kDrawsPerCandidate = 20;

// With more parameters each matters less (Hvarfner, Hellsten, Nardi, "Vanilla Bayesian optimization
// performs great in high dimensions", ICML 2024). Two categories are 1 apart, two random points of
// an ordered coordinate 0.41 in the root of the mean square: hence the longer scale.
std::vector<GaussianProcess::Coordinate> coordinates_of(const Space& space) {
  const auto searched = static_cast<double>(std::max<std::size_t>(space.searched(), 1));
  const double length = 0.25 * log_exactly(searched);
  std::vector<GaussianProcess::Coordinate> coordinates(space.size());
  for (std::size_t j = 0; j < space.size(); ++j) {
    coordinates[j].is_category = space.domain(j).is_categorical();
    coordinates[j].log_length = length + (coordinates[j].is_category ? 0.7 : 0);
  }
  return coordinates;
}

// How many of n trials the hyperparameters are fitted to.
std::size_t fit_count(std::size_t n) {
  std::size_t count = 8;
  while (count + std::max<std::size_t>(count / 8, 1) <= n)
    count += std::max<std::size_t>(count / 8, 1);
  return std::min(count, n);
}

}  // namespace

GpSampler::GpSampler(const spec::SweepSpec& spec, std::uint64_t seed, GpSettings settings)
    : space_(spec),
      seed_(seed),
      settings_(settings),
      startup_(startup(spec, settings)),
      tpe_(spec, seed),
      observations_(spec.metric.value_or(spec::Metric{})),
      process_(coordinates_of(space_)) {}

std::uint64_t GpSampler::startup(const spec::SweepSpec& spec, const GpSettings& settings) {
  return std::min(settings.startup, TpeSampler::startup(spec));
}

void GpSampler::refresh(const History& history) {
  observations_.update(history);
  observations_.forecast_ends();
  at_.resize(history.trials().size());
  for (const std::size_t i : observations_.changed()) {
    at_[i] = process_coordinates(space_, space_.locate(history.trials()[i].params));
  }
  learned_.clear();
  pending_.clear();
  for (std::size_t i = 0; i < observations_.standing().size(); ++i) {
    const Standing standing = observations_.standing()[i];
    if (standing == Standing::kPending) pending_.push_back(i);
    if (standing == Standing::kObserved || standing == Standing::kFailed) learned_.push_back(i);
  }
  limit_partial();
}

// All that came to their end, and the newest of the others.
void GpSampler::limit_partial() {
  std::size_t partial = 0;
  for (const std::size_t i : learned_) partial += observations_.is_partial(i) ? 1 : 0;
  const std::size_t whole = learned_.size() - partial;
  if (learned_.size() <= settings_.trials_max || whole > settings_.trials_max) return;
  std::size_t leave = learned_.size() - settings_.trials_max;
  std::erase_if(learned_, [&](std::size_t i) {
    return observations_.is_partial(i) && leave > 0 && leave-- > 0;
  });
}

GaussianProcess::Points GpSampler::columns(std::span<const std::size_t> trials) const {
  GaussianProcess::Points points(static_cast<Eigen::Index>(space_.size()),
                                 static_cast<Eigen::Index>(trials.size()));
  for (std::size_t k = 0; k < trials.size(); ++k) {
    points.col(static_cast<Eigen::Index>(k)) = at_[trials[k]];
  }
  return points;
}

GaussianProcess::Data GpSampler::data(std::span<const std::size_t> trials) const {
  GaussianProcess::Data data;
  data.points = columns(trials);
  data.doubts = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(trials.size()));
  std::vector<double> losses;
  losses.reserve(trials.size());
  std::vector<std::size_t> failed;
  for (const std::size_t i : trials) {
    if (observations_.standing()[i] == Standing::kFailed) failed.push_back(losses.size());
    data.doubts[static_cast<Eigen::Index>(losses.size())] = observations_.doubt()[i];
    losses.push_back(observations_.loss()[i]);
  }
  standardise(losses, failed, &data);
  return data;
}

// Of the trials that have ended, whose losses seldom change.
std::vector<std::size_t> GpSampler::chosen_to_fit(const History& history) const {
  std::vector<std::size_t> ended;
  for (const std::size_t i : learned_) {
    if (has_ended(history.trials()[i].state)) ended.push_back(i);
  }
  ended.resize(fit_count(ended.size()));
  const std::size_t every = (ended.size() + settings_.fit_max - 1) / settings_.fit_max;
  if (every <= 1) return ended;
  std::vector<std::size_t> chosen;
  for (std::size_t k = 0; k < ended.size(); k += every) chosen.push_back(ended[k]);
  return chosen;
}

void GpSampler::fit(const History& history) {
  std::vector<std::size_t> chosen = chosen_to_fit(history);
  if (chosen.size() < startup_) chosen = learned_;
  std::vector<double> key;
  for (const std::size_t i : chosen) {
    key.push_back(static_cast<double>(i));
    key.push_back(observations_.loss()[i]);
    key.push_back(observations_.doubt()[i]);
  }
  if (key != fitted_to_) {
    hyper_ = process_.fit(data(chosen), settings_.fit_steps);
    fitted_to_ = std::move(key);
  }
  process_.condition(hyper_, data(learned_));
  best_ = process_.means().minCoeff();
  if (pending_.empty()) return;
  process_.believe(columns(std::span(pending_).last(std::min(pending_.size(), kPendingMax))));
}

std::uint64_t GpSampler::candidate_seed() const { return seed_ ^ hash_name("gp candidates"); }

std::vector<GpSampler::Candidate> GpSampler::candidates(std::uint64_t number) const {
  std::vector<Candidate> all;
  const std::uint64_t draws =
      space_.is_constrained() ? settings_.drawn * kDrawsPerCandidate : settings_.drawn;
  for (std::uint64_t k = 0; k < draws && all.size() < settings_.drawn; ++k) {
    Point point = space_.draw(candidate_seed(), number, k);
    if (space_.admits(point)) all.push_back({0, std::move(point)});
  }
  return all;
}

std::optional<Params> GpSampler::start_up(const History& history, std::uint64_t number, Why* why) {
  if (why == nullptr) return tpe_.suggest(history, number);
  auto params = tpe_.explain(history, number, why);
  if (learned_.size() < startup_) {
    why->sampler = "gp";
    why->startup = startup_;
  }
  return params;
}

std::optional<Params> GpSampler::propose(const History& history, std::uint64_t number, Why* why) {
  refresh(history);
  const bool nothing_to_model = space_.size() == 0;  // all parameters are derived
  if (nothing_to_model || learned_.size() < startup_ || learned_.size() > settings_.trials_max) {
    return start_up(history, number, why);
  }
  fit(history);
  const Acquisition acquisition(space_, process_, best_, settings_.widening);
  std::vector<Candidate> all = candidates(number);
  acquisition.score(&all);
  acquisition.improve(std::span(all).first(std::min(settings_.climbs, all.size())),
                      settings_.climb_steps);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  for (std::size_t k = 0; k < all.size(); ++k) {
    Params params = space_.params(all[k].point);
    if (history.contains(canonical_text(params))) continue;
    if (why != nullptr) note(history, all[k], all.size(), why);
    return params;
  }
  if (why != nullptr) {
    why->sampler = "gp";
    why->rule = "drawn at random, as all candidates of the model were known";
  }
  const auto point = draw_new(space_, history, seed_, number, why);
  if (!point) return {};
  return space_.params(*point);
}

void GpSampler::note(const History& history, const Candidate& winner, std::size_t count,
                     Why* why) const {
  const auto predicted = process_.predict(process_coordinates(space_, winner.point));
  char text[200];
  std::snprintf(
      text, sizeof text,
      "the largest expected improvement (ln %.3g) of %zu candidates, by a Gaussian "
      "process that expects %.3g +- %.3g deviations of what was seen there, and %.3g at best",
      winner.score, count, predicted.mean, std::sqrt(predicted.variance), best_);
  why->sampler = "gp";
  why->how = Why::How::kModel;
  why->rule = text;
  why->ended = learned_.size();
  why->startup = startup_;
  why->seed = seed_;
  why->numbers.push_back({"candidates, drawn as by `random` with this seed", candidate_seed(), 0});
  std::vector<std::size_t> learned = learned_;
  learned.insert(learned.end(), pending_.begin(), pending_.end());
  why->learned = members_of(history, observations_, std::move(learned));
  note_parameters(space_, winner.point, why);
}

}  // namespace scopa::search
