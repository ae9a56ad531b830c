#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "broker/search/history.h"
#include "broker/search/why.h"
#include "broker/spec/sweep_spec.h"
#include "sdk/base/status.h"

namespace scopa::search {

/// Proposes configurations: a function of (spec, seed, history, number) and of nothing else. The
/// same four give the same answer, bit for bit, on any machine (a Gaussian process: of one
/// architecture); that is what `explain` and replay rest on.
///
/// Not thread-safe: an implementation may keep derived state between calls, as long as the answers
/// do not depend on it.
class Sampler {
 public:
  virtual ~Sampler() = default;

  /// The configuration for suggestion `number` (0, 1, 2 ... within the sweep): only active
  /// parameters, in the order of the spec, constants included, none that `history` contains.
  /// Nothing when the space is finite and used up, or when constraints leave nothing that could be
  /// found.
  std::optional<Params> suggest(const History& history, std::uint64_t number) {
    return propose(history, number, nullptr);
  }
  /// The very same computation, which writes down meanwhile how it goes.
  std::optional<Params> explain(const History& history, std::uint64_t number, Why* why);

 private:
  /// `why` is null unless somebody asks; it must not change the answer. Otherwise the sampler fills
  /// in all that applies to it but `seen`, `seed` (unless it draws) and `number`. There is no other
  /// way to explain a suggestion, so no second computation that could say something else.
  virtual std::optional<Params> propose(const History& history, std::uint64_t number, Why* why) = 0;
};

/// With more parameters than this `bayes.model: auto` is `tpe`: with 60 of which few matter a
/// Gaussian process still finds more (docs/search.md), beyond that it has not been measured, and
/// what it costs grows with them.
constexpr std::size_t kProcessParametersMax = 60;

/// Whether `method: bayes` models this sweep with a Gaussian process.
bool models_by_process(const spec::SweepSpec& spec);

/// How many trials must have ended before the model of `method: bayes` proposes; before that its
/// suggestions are random, if evenly spread.
std::uint64_t startup_trials(const spec::SweepSpec& spec);

/// The sampler that `spec.method` names. `spec` has passed validation.
std::unique_ptr<Sampler> make_sampler(const spec::SweepSpec& spec, std::uint64_t seed);

/// A configuration with the parameters of `chosen`, the others drawn at random (keyed by `seed`,
/// `number`) so that conditions and constraints hold. Derived values are computed; given ones must
/// be what comes out. Errors: kInvalidArgument for an unknown name (did you mean ...) or a value
/// outside its distribution (says the range); inactive parameters and what violates a constraint
/// are refused too.
Result<Params> complete(const spec::SweepSpec& spec, const Params& chosen, std::uint64_t seed,
                        std::uint64_t number);

/// For the start of a sweep: fails when no configuration that the constraints admit is found, and
/// names the one that refuses most.
Status check_searchable(const spec::SweepSpec& spec, std::uint64_t seed);

/// The spec's initial points, completed as trials 0, 1 ... Errors: kInvalidArgument for one that
/// cannot be completed, and for one that is the same configuration as another; both are named.
Result<std::vector<Params>> initial_points(const spec::SweepSpec& spec, std::uint64_t seed);

/// How many configurations the space has; nothing when it is infinite, above 2^63, or has more than
/// 10^6 combinations of the values that conditions and constraints tie together.
std::optional<std::uint64_t> space_size(const spec::SweepSpec& spec);

}  // namespace scopa::search
