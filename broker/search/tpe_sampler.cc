#include "broker/search/tpe_sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "broker/search/math.h"
#include "broker/search/random.h"
#include "broker/search/random_sampler.h"
#include "broker/search/sobol.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kRounds = 4;  // of candidates, while all are known
constexpr std::uint64_t kStartupMin = 4;
constexpr std::size_t kCandidateDraws = 20;     // for one candidate, while constraints refuse them
constexpr std::uint64_t kStratifiedDraws = 64;  // within the strata, likewise

// The newest half, which is where the search is now, and of the older ones as many, evenly.
void thin_out(std::vector<std::size_t>* trials) {
  constexpr std::size_t kHalf = TpeSampler::kOthersMax / 2;
  if (trials->size() <= 2 * kHalf) return;
  const std::size_t older = trials->size() - kHalf;
  for (std::size_t k = 0; k < kHalf; ++k) (*trials)[k] = (*trials)[k * older / kHalf];
  std::copy(trials->begin() + static_cast<std::ptrdiff_t>(older), trials->end(),
            trials->begin() + kHalf);
  trials->resize(2 * kHalf);
}

}  // namespace

TpeSampler::TpeSampler(const spec::SweepSpec& spec, std::uint64_t seed, TpeSettings settings)
    : space_(spec),
      seed_(seed),
      settings_(settings),
      observations_(spec.metric.value_or(spec::Metric{})),
      good_(&space_, settings.kernel),
      bad_(&space_, settings.kernel) {
  columns_.of.resize(space_.size());
  settings_.startup = startup(spec, settings_);
}

std::uint64_t TpeSampler::startup(const spec::SweepSpec& spec, TpeSettings settings) {
  if (spec.run_cap == 0) return settings.startup;
  return std::min(settings.startup, std::max(kStartupMin, spec.run_cap / 4));
}

void TpeSampler::refresh(const History& history) {
  observations_.update(history);
  for (auto& column : columns_.of) column.resize(history.trials().size(), Columns::kInactive);
  for (const std::size_t i : observations_.changed()) {
    const Point point = space_.locate(history.trials()[i].params);
    for (std::size_t j = 0; j < space_.size(); ++j) {
      const Domain& domain = space_.domain(j);
      double at = Columns::kInactive;
      if (point[j].active) {
        at = domain.is_categorical() ? static_cast<double>(point[j].index)
                                     : quantile(domain, point[j]);
      }
      columns_.of[j][i] = at;
    }
  }
}

// False while too little is known for a model.
bool TpeSampler::split(Why* why) {
  const auto& standing = observations_.standing();
  ranked_.clear();
  std::size_t ended = 0;
  for (std::size_t i = 0; i < standing.size(); ++i) {
    if (standing[i] == Standing::kObserved) ranked_.push_back(i);
    if (standing[i] == Standing::kObserved || standing[i] == Standing::kFailed) ++ended;
  }
  if (why != nullptr) {
    why->ended = ended;
    why->startup = settings_.startup;
  }
  if (ended < settings_.startup) return false;
  const auto n = static_cast<double>(ranked_.size());
  const auto good = std::min({static_cast<std::size_t>(std::ceil(settings_.good_share * n)),
                              settings_.good_max, ranked_.size()});
  const auto& loss = observations_.loss();
  const auto end_of_good = ranked_.begin() + static_cast<std::ptrdiff_t>(good);
  std::nth_element(ranked_.begin(), end_of_good, ranked_.end(), [&](std::size_t a, std::size_t b) {
    return loss[a] != loss[b] ? loss[a] < loss[b] : a < b;
  });
  // nth_element leaves an order that may differ between libraries, and sums depend on the order.
  good_members_.assign(ranked_.begin(), end_of_good);
  std::sort(good_members_.begin(), good_members_.end());
  bad_members_.clear();
  auto next_good = good_members_.begin();
  for (std::size_t i = 0; i < standing.size(); ++i) {
    if (next_good != good_members_.end() && *next_good == i) {
      ++next_good;
    } else if (standing[i] != Standing::kNone) {
      bad_members_.push_back(i);
    }
  }
  thin_out(&bad_members_);
  return true;
}

std::optional<Params> TpeSampler::propose(const History& history, std::uint64_t number, Why* why) {
  refresh(history);
  if (why != nullptr) why->sampler = "tpe";
  if (!split(why)) return stratified(history, number, why);
  if (why != nullptr) note_model(history, why);
  weigh_good();
  good_.build(columns_, good_members_, weights_);
  weights_.assign(bad_members_.size(), 1);
  weights_.push_back(settings_.prior_weight);
  bad_.build(columns_, bad_members_, weights_);
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    if (auto params = best_new(history, number, round, why)) return params;
  }
  if (why != nullptr) {
    why->rule = "drawn at random, as all candidates of the model were known";
    why->candidates.clear();
  }
  const auto point = draw_new(space_, history, seed_, number, why);
  if (!point) return {};
  return space_.params(*point);
}

void TpeSampler::weigh_good() {
  const auto& loss = observations_.loss();
  weights_.clear();
  for (const std::size_t i : good_members_) {
    const auto better = std::count_if(good_members_.begin(), good_members_.end(),
                                      [&](std::size_t other) { return loss[other] < loss[i]; });
    const double share = static_cast<double>(better) / static_cast<double>(good_members_.size());
    weights_.push_back(exp_exactly(1 - settings_.good_decay * share));
  }
  weights_.push_back(settings_.prior_weight);
}

void TpeSampler::coordinates(const Point& point) {
  at_.resize(space_.size());
  for (std::size_t j = 0; j < space_.size(); ++j) {
    const Domain& domain = space_.domain(j);
    at_[j] =
        domain.is_categorical() ? static_cast<double>(point[j].index) : quantile(domain, point[j]);
  }
}

std::optional<Params> TpeSampler::best_new(const History& history, std::uint64_t number,
                                           std::uint64_t round, Why* why) {
  Stream stream(seed_, number, hash_name("tpe candidates") + round);
  std::vector<Candidate> candidates;
  candidates.reserve(settings_.candidates);
  if (why != nullptr) {
    why->seed = seed_;
    why->numbers.push_back(
        {"tpe candidates" + (round == 0 ? "" : " + " + std::to_string(round)), stream.key(), 0});
    ++why->rounds;
  }
  const std::size_t draws =
      space_.is_constrained() ? settings_.candidates * kCandidateDraws : settings_.candidates;
  for (std::size_t k = 0; k < draws && candidates.size() < settings_.candidates; ++k) {
    Point point = good_.sample(&stream);
    if (why != nullptr) ++why->draws;
    if (!space_.admits(point)) {
      if (why != nullptr) ++why->refused;
      continue;
    }
    coordinates(point);
    const double log_good = good_.log_density(point, at_);
    const double log_bad = bad_.log_density(point, at_);
    candidates.push_back({log_good - log_bad, log_good, log_bad, std::move(point)});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    Params params = space_.params(candidates[k].point);
    if (history.contains(canonical_text(params))) continue;
    if (why != nullptr) note_candidates(history, candidates, k, why);
    return params;
  }
  if (why != nullptr) why->known += candidates.size();
  return {};
}

// The leading digits of a scrambled Sobol point; those after them are the parameters' own streams'.
std::vector<std::uint64_t> TpeSampler::strata_of(std::uint64_t number, std::uint64_t strata) const {
  std::vector<std::uint32_t> keys;
  keys.reserve(space_.size());
  for (std::size_t j = 0; j < space_.size(); ++j) {
    keys.push_back(static_cast<std::uint32_t>(scramble(j).bits_at(0)));
  }
  const auto point = Sobol(space_.size()).point(static_cast<std::uint32_t>(number), keys);
  std::vector<std::uint64_t> stratum_of;
  stratum_of.reserve(point.size());
  for (const std::uint32_t x : point) stratum_of.push_back((x * strata) >> Sobol::kBits);
  return stratum_of;
}

Stream TpeSampler::scramble(std::size_t parameter) const {
  return {seed_, 0, hash_name("sobol:" + space_.name(parameter))};
}

std::optional<Params> TpeSampler::stratified(const History& history, std::uint64_t number,
                                             Why* why) const {
  const std::uint64_t strata = std::bit_ceil(std::max<std::uint64_t>(settings_.startup, 1));
  const std::vector<std::uint64_t> stratum_of = strata_of(number, strata);
  if (why != nullptr) why->rule = "a start-up point, before there is a model";
  Point point(space_.size());
  for (std::uint64_t attempt = 0; attempt < kStratifiedDraws; ++attempt) {
    if (why != nullptr) ++why->draws;
    for (std::size_t j = 0; j < space_.size(); ++j) {
      const Stream inside(seed_, number, hash_name(space_.name(j)));
      point[j].unit = (static_cast<double>(stratum_of[j]) + inside.unit_at(attempt)) /
                      static_cast<double>(strata);
      if (space_.domain(j).is_finite()) point[j].index = space_.domain(j).index_at(point[j].unit);
    }
    space_.settle(&point);
    if (!space_.admits(point)) {
      if (why != nullptr) ++why->refused;
      continue;
    }
    Params params = space_.params(point);
    if (!history.contains(canonical_text(params))) {
      if (why != nullptr) note_strata(point, stratum_of, strata, number, attempt, why);
      return params;
    }
    if (why != nullptr) ++why->known;
    break;
  }
  if (why != nullptr) {
    why->rule = "a start-up point, drawn freely, as the one in its strata was not to be had";
  }
  const auto other = draw_new(space_, history, seed_, number, why);
  if (!other) return {};
  return space_.params(*other);
}

}  // namespace scopa::search
