#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

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
    for (const spec::Expression& predicate : space_.predicates(i)) {
      if (!needs.empty()) needs += " and ";
      needs += "`" + predicate.text() + "`";
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

// A configuration that is being completed.
class Completion {
 public:
  Completion(const spec::SweepSpec& spec, const Space& space, std::uint64_t seed,
             std::uint64_t number)
      : spec_(spec),
        space_(space),
        given_(space_.size()),
        limits_(space_),
        seed_(seed),
        number_(number) {}

  /// In a grid sweep its own points are meant as well, and q_uniform's need be no multiples of q.
  Status take(const Params& chosen, const Space& grid);
  Result<Params> draw();

 private:
  Point draw(std::uint64_t attempt);
  Status check(const Point& point) const;
  Status check_derived(const Params& params) const;
  bool all_given(const Point& point) const;

  const spec::SweepSpec& spec_;
  const Space& space_;
  std::vector<std::optional<Value>> given_;
  Params derived_;  // given, too
  Limits limits_;
  std::vector<Stream> streams_;
  std::uint64_t seed_, number_;
};

Status Completion::take(const Params& chosen, const Space& grid) {
  for (const Param& param : chosen) {
    const auto i = space_.find(param.name);
    if (!i && space_.has_derived(param.name)) {
      if (find_param(derived_, param.name)) return refused("`" + param.name + "` is given twice");
      derived_.push_back(param);
      continue;
    }
    if (!i) return unknown(space_, param.name);
    if (given_[*i]) return refused("`" + param.name + "` is given twice");
    Result<Value> value = space_.domain(*i).admit(param.value);
    if (!value && spec_.method == spec::Method::kGrid) value = grid.domain(*i).admit(param.value);
    if (!value) return value.status().with_prefix("`" + param.name + "`");
    given_[*i] = std::move(value).value();
  }
  for (std::size_t i = 0; i < space_.size(); ++i) {
    if (given_[i]) SCOPA_RETURN_IF_ERROR(limits_.require_active(i));
    streams_.emplace_back(seed_, number_, hash_name("complete:" + space_.name(i)));
  }
  return Status::ok();
}

Point Completion::draw(std::uint64_t attempt) {
  Point point = space_.draw(seed_, number_, attempt);
  for (std::size_t i = 0; i < space_.size(); ++i) {
    if (given_[i]) {
      place(space_.domain(i), *given_[i], &point[i]);
    } else if (limits_.limited(i)) {
      const auto& allowed = limits_.allowed(i);
      point[i].index = allowed[streams_[i].below(allowed.size())];
    }
  }
  space_.settle(&point, given_);
  return point;
}

Status Completion::check(const Point& point) const {
  for (std::size_t i = 0; i < space_.size(); ++i) {
    if (given_[i] && !point[i].active) return limits_.inactive(i);
  }
  if (const auto violated = space_.violated(point, given_)) {
    return refused("the constraint `" + space_.constraints()[*violated].text() + "` is violated");
  }
  return Status::ok();
}

// A given value of a derived parameter is a check, no wish.
Status Completion::check_derived(const Params& params) const {
  for (const Param& param : derived_) {
    const Value* computed = find_param(params, param.name);
    if (computed == nullptr) {
      return refused("`" + param.name + "` is derived, and absent with these values",
                     "leave it out");
    }
    if (canonical_text(*computed) != canonical_text(param.value)) {
      return refused("`" + param.name + "` is derived: here it is " + to_json(*computed) +
                         ", not " + to_json(param.value),
                     "leave it out, or choose the parameters that it comes from");
    }
  }
  return Status::ok();
}

bool Completion::all_given(const Point& point) const {
  for (std::size_t i = 0; i < space_.size(); ++i) {
    if (point[i].active && !given_[i] && !space_.domain(i).is_constant()) return false;
  }
  return true;
}

Result<Params> Completion::draw() {
  Status status;
  const bool may_help = space_.has_rules() || !derived_.empty();
  const std::uint64_t draws = may_help ? space_.draws_max() : 1;
  for (std::uint64_t attempt = 0; attempt < draws; ++attempt) {
    const Point point = draw(attempt);
    status = check(point);
    if (status) {
      Params params = space_.params(point, given_);
      status = check_derived(params);
      if (status) return params;
    }
    if (all_given(point)) return status;
  }
  if (!may_help) return status;
  return refused(status.message() + ", as with all other values that were drawn for the rest (" +
                     std::to_string(draws) + ")",
                 status.help());
}

// The same for many points: a space takes longer to make than a point to complete.
class Completer {
 public:
  explicit Completer(const spec::SweepSpec& spec)
      : spec_(spec), space_(spec), grid_(spec, Domain::Use::kGrid) {}

  Result<Params> complete(const Params& chosen, std::uint64_t seed, std::uint64_t number) const {
    Completion completion(spec_, space_, seed, number);
    SCOPA_RETURN_IF_ERROR(completion.take(chosen, grid_));
    return completion.draw();
  }

 private:
  const spec::SweepSpec& spec_;
  Space space_, grid_;
};

}  // namespace

Result<Params> complete(const spec::SweepSpec& spec, const Params& chosen, std::uint64_t seed,
                        std::uint64_t number) {
  return Completer(spec).complete(chosen, seed, number);
}

Result<std::vector<Params>> initial_points(const spec::SweepSpec& spec, std::uint64_t seed) {
  const Completer completer(spec);
  std::vector<Params> points;
  std::unordered_map<std::string, std::size_t> seen;
  for (const Params& chosen : spec.initial) {
    const std::string place = "initial[" + std::to_string(points.size()) + "]";
    Result<Params> params = completer.complete(chosen, seed, points.size());
    if (!params) return params.status().with_prefix(place);
    const auto [first, is_new] = seen.emplace(canonical_text(*params), points.size());
    if (!is_new) {
      return refused(
          place + " is the same configuration as initial[" + std::to_string(first->second) + "]",
          "remove one of them; `replicates: N` runs every configuration N times");
    }
    points.push_back(std::move(params).value());
  }
  return points;
}

}  // namespace scopa::search
