#include "broker/search/gp_sampler.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>

#include "broker/search/random.h"
#include "broker/search/random_sampler.h"
#include "broker/search/why_members.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kDrawsPerCandidate = 20;
constexpr std::size_t kObservedMin = 3;
constexpr std::size_t kLately = 20;  // trials whose failures say how careful to be
constexpr double kCopy = 0.05;       // in the quantiles of all ordered parameters

// Whether two points have the same categories and nearly the same everything else.
bool are_copies(const Space& space, const Point& a, const Point& b) {
  for (std::size_t j = 0; j < space.size(); ++j) {
    const Domain& domain = space.domain(j);
    if (a[j].active != b[j].active) return false;
    if (!a[j].active) continue;
    const bool differ = domain.is_categorical()
                            ? a[j].index != b[j].index
                            : std::abs(quantile(domain, a[j]) - quantile(domain, b[j])) > kCopy;
    if (differ) return false;
  }
  return true;
}

}  // namespace

GpSampler::GpSampler(const spec::SweepSpec& spec, std::uint64_t seed, GpSettings settings)
    : space_(spec),
      seed_(seed),
      settings_(settings),
      startup_(startup(spec, settings)),
      tpe_(spec, seed),
      belief_(space_, spec.metric.value_or(spec::Metric{}), settings.belief) {}

std::uint64_t GpSampler::startup(const spec::SweepSpec& spec, const GpSettings& settings) {
  return std::min(settings.startup, TpeSampler::startup(spec));
}

bool GpSampler::has_started() const {
  const std::size_t observed = belief_.observed().size();
  return observed >= kObservedMin && observed + belief_.failed().size() >= startup_;
}

GpSampler::Look GpSampler::look(std::uint64_t number) const {
  const double on_bounds = share_on_bounds(space_, belief_.point(belief_.incumbent()));
  if (on_bounds >= settings_.on_bounds && belief_.gain() > 0) {
    return number % settings_.around_every == 0 ? Look::kAround : Look::kEverywhere;
  }
  if (belief_.gain() > settings_.explained) {
    return number % 2 == 0 ? Look::kInside : Look::kAround;
  }
  return number % settings_.tpe_every == 0 ? Look::kTpe : Look::kAround;
}

Region GpSampler::region(Look look) const {
  if (look == Look::kEverywhere) return Region(space_);
  if (look == Look::kInside) return Region::inside(space_, settings_.margin);
  return {space_, belief_.point(belief_.incumbent()), settings_.side};
}

double GpSampler::caution(const History& history) const {
  std::size_t ended = 0;
  std::size_t failed = 0;
  const auto& standing = belief_.observations().standing();
  for (std::size_t i = standing.size(); i-- > 0 && ended < kLately;) {
    if (standing[i] != Standing::kFailed && standing[i] != Standing::kObserved) continue;
    if (!has_ended(history.trials()[i].state)) continue;
    ++ended;
    failed += standing[i] == Standing::kFailed ? 1 : 0;
  }
  const double share = ended == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(ended);
  return 1 + settings_.caution * share;
}

std::uint64_t GpSampler::candidate_seed() const { return seed_ ^ hash_name("gp candidates"); }

std::vector<GpSampler::Candidate> GpSampler::candidates(const Region& region,
                                                        std::uint64_t number) const {
  std::vector<Candidate> all;
  const std::uint64_t draws =
      space_.is_constrained() ? settings_.drawn * kDrawsPerCandidate : settings_.drawn;
  for (std::uint64_t k = 0; k < draws && all.size() < settings_.drawn; ++k) {
    const Stream coins(candidate_seed() + k, number, hash_name("gp categories"));
    Point point = region.bring_in(space_.draw(candidate_seed(), number, k), coins);
    if (space_.admits(point)) all.push_back({0, std::move(point)});
  }
  return all;
}

void GpSampler::put_copies_last(std::vector<Candidate>* candidates) const {
  const auto is_apart = [this](const Candidate& candidate) {
    return std::none_of(belief_.pending().begin(), belief_.pending().end(), [&](std::size_t open) {
      return are_copies(space_, candidate.point, belief_.point(open));
    });
  };
  std::stable_partition(candidates->begin(), candidates->end(), is_apart);
}

std::optional<Params> GpSampler::by_tpe(const History& history, std::uint64_t number, Why* why) {
  if (why == nullptr) return tpe_.suggest(history, number);
  auto params = tpe_.explain(history, number, why);
  if (!has_started()) {
    why->sampler = "gp";
    why->startup = startup_;
  }
  return params;
}

std::optional<Params> GpSampler::at_random(const History& history, std::uint64_t number,
                                           Why* why) const {
  if (why != nullptr) {
    why->sampler = "gp";
    why->rule = "drawn at random, as all candidates of the model were known";
  }
  const auto point = draw_new(space_, history, seed_, number, why);
  if (!point) return {};
  return space_.params(*point);
}

std::optional<Params> GpSampler::propose(const History& history, std::uint64_t number, Why* why) {
  belief_.update(history);
  const bool nothing_to_model = space_.size() == 0;  // all parameters are derived
  if (nothing_to_model || !has_started() ||
      belief_.observed().size() > settings_.belief.trials_max) {
    return by_tpe(history, number, why);
  }
  belief_.learn(history);
  const Look where = look(number);
  if (where == Look::kTpe) return by_tpe(history, number, why);
  const Region region = this->region(where);
  const Aim aim{&belief_.losses(),      belief_.best(),   settings_.widening,
                &belief_.feasibility(), caution(history), &region};
  const Acquisition acquisition(space_, aim);
  std::vector<Candidate> all = candidates(region, number);
  acquisition.score(&all);
  acquisition.improve(std::span(all).first(std::min(settings_.climbs, all.size())),
                      settings_.climb_steps);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  put_copies_last(&all);
  for (std::size_t k = 0; k < all.size(); ++k) {
    Params params = space_.params(all[k].point);
    if (history.contains(canonical_text(params))) continue;
    if (why != nullptr) note(history, where, all[k], all.size(), why);
    return params;
  }
  return at_random(history, number, why);
}

std::string_view GpSampler::where_text(Look look) {
  if (look == Look::kEverywhere) return "of the whole space";
  if (look == Look::kInside) return "away from the bounds";
  return "around the best that it believes in";
}

void GpSampler::note(const History& history, Look look, const Candidate& winner, std::size_t count,
                     Why* why) const {
  const auto predicted = belief_.losses().predict(process_coordinates(space_, winner.point));
  char text[320];
  std::snprintf(
      text, sizeof text,
      "the largest expected improvement (ln %.3g) of %zu candidates %s, by a Gaussian "
      "process that expects %.3g +- %.3g deviations of what was seen there, and %.3g at best",
      winner.score, count, where_text(look).data(), predicted.mean, std::sqrt(predicted.variance),
      belief_.best());
  why->sampler = "gp";
  why->how = Why::How::kModel;
  why->rule = text;
  why->ended = belief_.observed().size() + belief_.failed().size();
  why->startup = startup_;
  why->seed = seed_;
  why->numbers.push_back({"candidates, drawn as by `random` with this seed", candidate_seed(), 0});
  std::vector<std::size_t> learned = belief_.observed();
  learned.insert(learned.end(), belief_.failed().begin(), belief_.failed().end());
  learned.insert(learned.end(), belief_.pending().begin(), belief_.pending().end());
  why->learned = members_of(history, belief_.observations(), std::move(learned));
  note_parameters(space_, winner.point, why);
}

}  // namespace scopa::search
