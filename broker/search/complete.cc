#include <algorithm>
#include <set>

#include "broker/search/random.h"
#include "broker/search/sampler.h"
#include "broker/search/space.h"
#include "sdk/base/text.h"

namespace scopa::search {
namespace {

Status refused(std::string message, std::string help = {}) {
  return {Code::kInvalidArgument, std::move(message), std::move(help)};
}

Status unknown(const Space& space, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < space.size(); ++i) names.push_back(space.name(i));
  const std::string meant = closest_match(name, names);
  return refused("the sweep has no parameter `" + printable(name, 64) + "`",
                 meant.empty() ? "" : "did you mean `" + meant + "`?");
}

// Which values the parents may take so that the chosen parameters are active; all where empty.
class Limits {
 public:
  explicit Limits(const Space& space) : space_(space), allowed_(space.size()) {}

  Status require_active(std::size_t i) {
    for (const Space::Condition& condition : space_.conditions(i)) {
      if (condition.parent >= space_.size()) return inactive(i);
      auto& allowed = allowed_[condition.parent];
      std::vector<std::uint64_t> both = condition.allowed;
      if (limited(condition.parent)) {
        both.clear();
        std::set_intersection(allowed.begin(), allowed.end(), condition.allowed.begin(),
                              condition.allowed.end(), std::back_inserter(both));
      }
      if (both.empty()) return inactive(i);
      allowed = std::move(both);
      limited_.insert(condition.parent);
      SCOPA_RETURN_IF_ERROR(require_active(condition.parent));
    }
    return Status::ok();
  }

  bool limited(std::size_t i) const { return limited_.contains(i); }
  const std::vector<std::uint64_t>& allowed(std::size_t i) const { return allowed_[i]; }

  Status inactive(std::size_t i) const {
    std::string needs;
    for (const Space::Condition& condition : space_.conditions(i)) {
      if (condition.parent >= space_.size()) continue;
      if (!needs.empty()) needs += " and ";
      needs += "`" + space_.name(condition.parent) + "` is ";
      for (std::size_t k = 0; k < condition.allowed.size(); ++k) {
        needs += (k > 0 ? " or " : "") +
                 to_json(space_.domain(condition.parent).at(condition.allowed[k]));
      }
    }
    return refused("`" + space_.name(i) + "` is not active with these values",
                   "it is used only when " + needs);
  }

 private:
  const Space& space_;
  std::vector<std::vector<std::uint64_t>> allowed_;
  std::set<std::size_t> limited_;
};

void place(const Domain& domain, const Value& value, Choice* choice) {
  if (domain.is_finite()) {
    choice->index = domain.index_of(value).value_or(0);
  } else {
    choice->unit = domain.unit_of(value).value_or(0.5);
  }
}

}  // namespace

Result<Params> complete(const spec::SweepSpec& spec, const Params& chosen, std::uint64_t seed,
                        std::uint64_t number) {
  const Space space(spec);
  // In a grid sweep its own points are meant as well, and q_uniform's need be no multiples of q.
  const Space grid(spec, Domain::Use::kGrid);
  std::vector<std::optional<Value>> given(space.size());
  Limits limits(space);
  for (const Param& param : chosen) {
    const auto i = space.find(param.name);
    if (!i) return unknown(space, param.name);
    if (given[*i]) return refused("`" + param.name + "` is given twice");
    Result<Value> value = space.domain(*i).admit(param.value);
    if (!value && spec.method == spec::Method::kGrid) value = grid.domain(*i).admit(param.value);
    if (!value) return value.status().with_prefix("`" + param.name + "`");
    given[*i] = std::move(value).value();
  }
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (given[i]) SCOPA_RETURN_IF_ERROR(limits.require_active(i));
  }
  Point point = space.draw(seed, number, 0);
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (given[i]) {
      place(space.domain(i), *given[i], &point[i]);
    } else if (limits.limited(i)) {
      const auto& allowed = limits.allowed(i);
      Stream stream(seed, number, hash_name("complete:" + space.name(i)));
      point[i].index = allowed[stream.below(allowed.size())];
    }
  }
  space.settle(&point);
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (given[i] && !point[i].active) return limits.inactive(i);
  }
  Params params;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!point[i].active) continue;
    const Domain& domain = space.domain(i);
    params.push_back({space.name(i), given[i]             ? *given[i]
                                     : domain.is_finite() ? domain.at(point[i].index)
                                                          : domain.value(point[i].unit)});
  }
  return params;
}

}  // namespace scopa::search
