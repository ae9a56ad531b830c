#include "broker/search/grid_sampler.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "broker/search/random_sampler.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kLeftOutMax = 10'000'000;

nlohmann::json object_of(const Value& value) {
  const auto* composite = std::get_if<Composite>(&value);
  if (composite == nullptr) return {};
  auto json = nlohmann::json::parse(composite->json, nullptr, false);
  return json.is_object() ? json : nlohmann::json();
}

Value without_other_keys(const Value& value, const std::vector<std::string>& keys) {
  if (keys.empty()) return value;
  nlohmann::json object = object_of(value);
  if (object.is_null()) return value;
  nlohmann::json kept = nlohmann::json::object();
  for (const std::string& key : keys) {
    if (const auto item = object.find(key); item != object.end()) kept[key] = *item;
  }
  return Composite{kept.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace

GridSampler::GridSampler(const spec::SweepSpec& spec) : space_(spec, Domain::Use::kGrid) {
  object_keys_.resize(space_.size());
  for (std::size_t i = 0; i < space_.size(); ++i) {
    std::set<std::string> keys;
    for (const Value& value : spec.parameters[i].distribution.values) {
      const nlohmann::json object = object_of(value);
      for (auto item = object.begin(); item != object.end(); ++item) keys.insert(item.key());
    }
    object_keys_[i].assign(keys.begin(), keys.end());
  }
  next_ = space_.first();
}

std::string GridSampler::key(const Params& params) const {
  Params searched;
  for (std::size_t i = 0; i < space_.size(); ++i) {
    if (space_.domain(i).distribution().kind == spec::DistributionKind::kConstant) continue;
    const Value* value = find_param(params, space_.name(i));
    if (value == nullptr) continue;
    // A number's index, as its last bits depend on who counted the steps: 0.30000000000000004 is
    // 0.3.
    const Domain& domain = space_.domain(i);
    const auto index = domain.is_categorical() ? std::nullopt : domain.index_of(*value);
    searched.push_back(
        {space_.name(i), index ? domain.at(*index) : without_other_keys(*value, object_keys_[i])});
  }
  return canonical_text(searched);
}

void GridSampler::refresh(const History& history) {
  const auto& digests = history.digests();
  bool lost = false;
  for (std::size_t i = 0; i < std::max(digests.size(), digests_.size()); ++i) {
    if (i < digests.size() && i < digests_.size() && digests[i] == digests_[i]) continue;
    std::string fresh = i < digests.size() ? key(history.trials()[i].params) : std::string();
    if (i < trial_keys_.size()) {
      if (i < digests.size() && fresh == trial_keys_[i]) continue;
      const auto old = covered_.find(trial_keys_[i]);
      if (old != covered_.end() && --old->second == 0) {
        covered_.erase(old);
        lost = true;
      }
    }
    if (i >= digests.size()) continue;
    if (i >= trial_keys_.size()) trial_keys_.emplace_back();
    ++covered_[fresh];
    trial_keys_[i] = std::move(fresh);
  }
  trial_keys_.resize(digests.size());
  digests_ = digests;
  if (lost) {
    next_ = space_.first();
    left_out_ = 0;
    done_ = false;
  }
}

std::optional<Params> GridSampler::propose(const History& history, std::uint64_t /*number*/,
                                           Why* why) {
  refresh(history);
  if (why != nullptr) {
    why->sampler = "grid";
    why->how = Why::How::kGrid;
    why->rule = "the first combination in order that no trial covers";
    // The gaps in the history, which are replicates, cover nothing.
    why->covered = covered_.size() - (covered_.contains(key({})) ? 1 : 0);
  }
  while (!done_) {
    if (const auto violated = space_.violated(next_)) {
      done_ = !space_.next(&next_, violated) || ++left_out_ >= kLeftOutMax;
      continue;
    }
    Params params = space_.params(next_);
    if (!covered_.contains(key(params))) {
      if (why != nullptr) note_parameters(space_, next_, why);
      return params;
    }
    done_ = !space_.next(&next_);
  }
  return {};
}

}  // namespace scopa::search
