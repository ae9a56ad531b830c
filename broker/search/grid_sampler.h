#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/search/history.h"
#include "broker/search/sampler.h"
#include "broker/search/space.h"

namespace scopa::search {

/// `method: grid`: every combination of values once, in W&B's order: parameters by path, level by
/// level, the last running fastest; values as listed. With conditions, parents stand before their
/// children, and an inactive parameter takes no part in the product. Points that violate a
/// constraint are left out, at most ten million of them: a grid of which hardly anything is
/// admissible ends there.
///
/// A trial covers a point, whatever became of it, when it agrees with it on every parameter that is
/// no constant (a list of one value is none). Keys that none of a parameter's object values has are
/// left out of the comparison: trainers add such keys.
class GridSampler final : public Sampler {
 public:
  /// `seed` plays no part.
  explicit GridSampler(const spec::SweepSpec& spec);

 private:
  /// The first point that no trial covers; `number` plays no part.
  std::optional<Params> propose(const History& history, std::uint64_t number, Why* why) override;
  void refresh(const History& history);
  std::string key(const Params& params) const;

  Space space_;
  std::vector<std::vector<std::string>> object_keys_;  // of each parameter; empty: no objects
  std::vector<std::string> trial_keys_;
  std::vector<std::uint64_t> digests_;
  std::unordered_map<std::string, std::uint64_t> covered_;  // key -> trials
  Point next_;                                              // all points before it are covered
  std::uint64_t left_out_ = 0;                              // of these, violating a constraint
  bool done_ = false;                                       // all points are
};

}  // namespace scopa::search
