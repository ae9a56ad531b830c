#include <algorithm>
#include <limits>
#include <numeric>

#include "broker/search/space.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kCombinationsMax = 1'000'000;  // of what is tied together, to count a space

// False when the product is above 2^63.
bool multiply(std::uint64_t* product, std::uint64_t factor) {
  return !__builtin_mul_overflow(*product, factor, product) &&
         *product <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

}  // namespace

// Parameters tied together by conditions, predicates and constraints.
struct Space::Group {
  struct Member {
    std::size_t parameter = 0;
    bool counts_alone = false;  // nothing rests on its value
  };
  std::vector<Member> members;  // in the space's order
  std::vector<std::size_t> constraints;
};

std::vector<Space::Group> Space::groups() const {
  std::vector<char> is_source(size(), 0);
  std::vector<std::size_t> group_of(size());
  std::iota(group_of.begin(), group_of.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (group_of[i] != i) i = group_of[i] = group_of[group_of[i]];
    return i;
  };
  const auto tie = [&](std::size_t i, std::size_t source) {
    is_source[source] = 1;
    group_of[root(i)] = root(source);
  };
  for (std::size_t i = 0; i < size(); ++i) {
    for (const Condition& condition : conditions_[i]) {
      if (condition.parent < size()) tie(i, condition.parent);
    }
    for (const spec::Expression& predicate : predicates_[i]) {
      for (const std::size_t source : sources(predicate.parameters())) tie(i, source);
    }
  }
  for (const auto& found : constraint_sources_) {
    for (const std::size_t source : found) tie(found.front(), source);
  }
  std::vector<Group> groups(size());
  for (const std::size_t i : order_) groups[root(i)].members.push_back({i, is_source[i] == 0});
  for (const std::size_t constraint : constraint_order_) {
    const auto& found = constraint_sources_[constraint];
    if (!found.empty()) groups[root(found.front())].constraints.push_back(constraint);
  }
  std::erase_if(groups, [](const Group& group) { return group.members.empty(); });
  return groups;
}

std::optional<std::uint64_t> Space::count() const {
  std::uint64_t product = 1;
  bool none = false;
  bool countable = true;
  for (const Group& group : groups()) {
    const auto count = count_group(group);
    none = none || count == 0U;
    countable = countable && count && multiply(&product, *count);
  }
  if (none) return 0;
  return countable ? std::optional(product) : std::nullopt;
}

// The sum, over the admissible combinations of what others rest on, of the product of the others'
// counts.
std::optional<std::uint64_t> Space::count_group(const Group& group) const {
  Point point = first();
  std::uint64_t sum = 0;
  for (std::uint64_t combination = 0; combination < kCombinationsMax; ++combination) {
    std::uint64_t product = 1;
    bool open = false;
    for (const auto& [i, counts_alone] : group.members) {
      if (!point[i].active) continue;
      if (!domains_[i].is_finite()) {
        if (!counts_alone) return {};
        open = true;
      } else if (counts_alone && !multiply(&product, domains_[i].count())) {
        return {};
      }
    }
    const auto violated = violated_among(group.constraints, point);
    if (!violated && (open || __builtin_add_overflow(sum, product, &sum))) return {};
    bool advanced = false;
    for (std::size_t place = group.members.size(); place-- > 0 && !advanced;) {
      const auto& [i, counts_alone] = group.members[place];
      if (counts_alone || !point[i].active || point[i].index + 1 >= domains_[i].count()) continue;
      if (violated && place_[i] > constraint_place_[*violated]) continue;
      ++point[i].index;
      for (std::size_t later = place + 1; later < group.members.size(); ++later) {
        point[group.members[later].parameter].index = 0;
      }
      settle(&point);
      advanced = true;
    }
    if (!advanced) return sum;
  }
  return {};
}

}  // namespace scopa::search
