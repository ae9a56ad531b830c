#include "broker/search/belief.h"

#include <algorithm>

#include "broker/search/acquisition.h"
#include "broker/search/math.h"
#include "broker/search/standardise.h"

namespace scopa::search {
namespace {

constexpr std::size_t kPendingMax = 64;  // of which more would tell little

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

// The first of them, evenly chosen where they are many.
std::vector<std::size_t> thinned(std::vector<std::size_t> all, std::size_t most) {
  all.resize(fit_count(all.size()));
  const std::size_t every = (all.size() + most - 1) / most;
  if (every <= 1) return all;
  std::vector<std::size_t> chosen;
  for (std::size_t k = 0; k < all.size(); k += every) chosen.push_back(all[k]);
  return chosen;
}

}  // namespace

Belief::Belief(const Space& space, const spec::Metric& metric, BeliefSettings settings)
    : space_(space),
      settings_(settings),
      observations_(metric),
      losses_(coordinates_of(space)),
      feasibility_(coordinates_of(space)) {}

void Belief::update(const History& history) {
  observations_.update(history);
  observations_.forecast_ends();
  at_.resize(history.trials().size());
  points_.resize(history.trials().size());
  for (const std::size_t i : observations_.changed()) {
    points_[i] = space_.locate(history.trials()[i].params);
    at_[i] = process_coordinates(space_, points_[i]);
  }
  for (auto* list : {&observed_, &failed_, &pending_}) list->clear();
  for (std::size_t i = 0; i < observations_.standing().size(); ++i) {
    const Standing standing = observations_.standing()[i];
    if (standing == Standing::kPending) pending_.push_back(i);
    if (standing == Standing::kObserved) observed_.push_back(i);
    if (standing == Standing::kFailed) failed_.push_back(i);
  }
  if (pending_.size() > kPendingMax) {
    pending_.erase(pending_.begin(), pending_.end() - static_cast<std::ptrdiff_t>(kPendingMax));
  }
  limit_partial();
}

// All that came to their end, and the newest of the others.
void Belief::limit_partial() {
  std::size_t partial = 0;
  for (const std::size_t i : observed_) partial += observations_.is_partial(i) ? 1 : 0;
  const std::size_t whole = observed_.size() - partial;
  if (observed_.size() <= settings_.trials_max || whole > settings_.trials_max) return;
  std::size_t leave = observed_.size() - settings_.trials_max;
  std::erase_if(observed_, [&](std::size_t i) {
    return observations_.is_partial(i) && leave > 0 && leave-- > 0;
  });
}

GaussianProcess::Points Belief::columns(std::span<const std::size_t> trials) const {
  GaussianProcess::Points points(static_cast<Eigen::Index>(space_.size()),
                                 static_cast<Eigen::Index>(trials.size()));
  for (std::size_t k = 0; k < trials.size(); ++k) {
    points.col(static_cast<Eigen::Index>(k)) = at_[trials[k]];
  }
  return points;
}

GaussianProcess::Data Belief::data(std::span<const std::size_t> trials) const {
  GaussianProcess::Data data;
  data.points = columns(trials);
  data.doubts = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(trials.size()));
  std::vector<double> losses;
  losses.reserve(trials.size());
  for (const std::size_t i : trials) {
    data.doubts[static_cast<Eigen::Index>(losses.size())] = observations_.doubt()[i];
    losses.push_back(observations_.loss()[i]);
  }
  standardise(losses, &data);
  return data;
}

// Of the trials that have ended, whose losses seldom change.
std::vector<std::size_t> Belief::chosen_to_fit(const History& history) const {
  std::vector<std::size_t> ended;
  for (const std::size_t i : observed_) {
    if (has_ended(history.trials()[i].state)) ended.push_back(i);
  }
  return ended.size() < 3 ? observed_ : thinned(std::move(ended), settings_.fit_max);
}

void Belief::learn(const History& history) {
  learn_losses(history);
  learn_failures(history);
}

void Belief::learn_losses(const History& history) {
  const std::vector<std::size_t> chosen = chosen_to_fit(history);
  std::vector<double> key;
  for (const std::size_t i : chosen) {
    key.push_back(static_cast<double>(i));
    key.push_back(observations_.loss()[i]);
    key.push_back(observations_.doubt()[i]);
  }
  if (key != fitted_to_) {
    hyper_ = losses_.fit(data(chosen), settings_.fit_steps);
    fitted_to_ = std::move(key);
  }
  losses_.condition(hyper_, data(observed_));
  gain_ = losses_.left_out_gain();
  const Eigen::VectorXd means = losses_.means();
  Eigen::Index lowest = 0;
  best_ = means.minCoeff(&lowest);
  incumbent_ = observed_[static_cast<std::size_t>(lowest)];
  if (pending_.empty()) return;
  const GaussianProcess::Points open = columns(pending_);
  for (const auto& predicted : losses_.predict_all(open)) best_ = std::min(best_, predicted.mean);
  losses_.believe(open);
}

void Belief::learn_failures(const History& history) {
  std::vector<std::size_t> ended;
  for (const std::size_t i : observed_) {
    if (has_ended(history.trials()[i].state)) ended.push_back(i);
  }
  ended.insert(ended.end(), failed_.begin(), failed_.end());
  std::sort(ended.begin(), ended.end());
  std::vector<char> failed;
  std::vector<std::size_t> numbers;
  for (const std::size_t i : ended) {
    failed.push_back(std::binary_search(failed_.begin(), failed_.end(), i) ? 1 : 0);
    numbers.push_back(numbers.size());
  }
  feasibility_.learn(columns(ended), failed, thinned(std::move(numbers), settings_.fit_max),
                     settings_.fit_steps);
}

}  // namespace scopa::search
