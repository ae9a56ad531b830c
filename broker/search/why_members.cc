#include "broker/search/why_members.h"

#include <algorithm>

namespace scopa::search {
namespace {

Why::As as_of(Standing standing) {
  return standing == Standing::kObserved ? Why::As::kObserved
         : standing == Standing::kFailed ? Why::As::kFailed
                                         : Why::As::kPending;
}

}  // namespace

std::vector<Why::Member> members_of(const History& history, const Observations& observations,
                                    std::vector<std::size_t> trials) {
  const auto as = [&](std::size_t i) { return as_of(observations.standing()[i]); };
  const auto& loss = observations.loss();
  std::stable_sort(trials.begin(), trials.end(), [&](std::size_t a, std::size_t b) {
    if (as(a) != as(b)) return as(a) < as(b);
    return as(a) == Why::As::kObserved && loss[a] < loss[b];
  });
  std::vector<Why::Member> members;
  for (const std::size_t i : trials) {
    Why::Member member;
    member.trial = i;
    member.state = history.trials()[i].state;
    member.as = as(i);
    if (member.as == Why::As::kObserved) member.value = observations.value_of(loss[i]);
    members.push_back(member);
  }
  return members;
}

}  // namespace scopa::search
