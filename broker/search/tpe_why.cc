// What TpeSampler writes down of a suggestion that somebody wants explained.
#include <algorithm>
#include <string>

#include "broker/search/random.h"
#include "broker/search/random_sampler.h"
#include "broker/search/tpe_sampler.h"
#include "broker/search/why_members.h"

namespace scopa::search {

void TpeSampler::note_model(const History& history, Why* why) const {
  why->how = Why::How::kModel;
  why->rule = "the best new one of " + std::to_string(settings_.candidates) +
              " candidates, by the density l of the good trials over g of the others";
  why->good = members_of(history, observations_, good_members_);
  why->bad = members_of(history, observations_, bad_members_);
}

void TpeSampler::note_candidates(const History& history, const std::vector<Candidate>& candidates,
                                 std::size_t winner, Why* why) {
  why->winner = winner;
  why->known += winner;
  for (const Candidate& each : candidates) {
    Why::Candidate candidate{each.log_good, each.log_bad, each.score, false,
                             space_.params(each.point)};
    candidate.is_known = history.contains(canonical_text(candidate.params));
    why->candidates.push_back(std::move(candidate));
  }
  const Point& point = candidates[winner].point;
  coordinates(point);
  note_parameters(space_, point, why);
  std::size_t next = 0;
  for (std::size_t j = 0; j < space_.size(); ++j) {
    if (next == why->parameters.size() || why->parameters[next].name != space_.name(j)) continue;
    Why::Parameter& parameter = why->parameters[next++];
    parameter.log_good = good_.log_marginal(j, at_);
    parameter.log_bad = bad_.log_marginal(j, at_);
  }
}

void TpeSampler::note_strata(const Point& point, const std::vector<std::uint64_t>& stratum_of,
                             std::uint64_t strata, std::uint64_t number, std::uint64_t attempt,
                             Why* why) const {
  why->how = Why::How::kStratified;
  why->seed = seed_;
  why->strata = strata;
  note_parameters(space_, point, why);
  std::size_t next = 0;
  for (std::size_t j = 0; j < space_.size(); ++j) {
    if (next == why->parameters.size() || why->parameters[next].name != space_.name(j)) continue;
    why->parameters[next++].stratum = stratum_of[j];
    why->numbers.push_back({"scrambling of `" + space_.name(j) + "`", scramble(j).key(), 0});
    const Stream inside(seed_, number, hash_name(space_.name(j)));
    why->numbers.push_back({"draw of `" + space_.name(j) + "`", inside.key(), attempt});
  }
}

}  // namespace scopa::search
