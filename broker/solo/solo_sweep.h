#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "broker/core/models.h"
#include "sdk/base/ids.h"
#include "sdk/base/status.h"
#include "sdk/base/time.h"
#include "sdk/base/value.h"

namespace scopa::solo {

/// One sweep without broker, store, network and clock: the broker's own core, samplers and pruners
/// behind function calls. What it proposes and stops depends on the spec, the seed and the calls
/// alone. Nothing is kept when it goes away. Pure; not thread-safe.
///
///     auto sweep = SoloSweep::create(yaml, 7);
///     while (true) {
///       auto asked = (*sweep)->ask();
///       if (!asked || asked->trial == nullptr) break;
///       double loss = train(asked->trial->params);
///       (*sweep)->report(asked->trial->number, 1, loss);
///       (*sweep)->tell(asked->trial->number, TrialState::kCompleted, loss);
///     }
class SoloSweep {
 public:
  struct Trial {
    std::uint64_t number = 0;
    Params params;  ///< active parameters only, in the spec's order
  };
  struct Asked {
    const Trial* trial = nullptr;  ///< until it is told; null: there is none now
    bool done = false;             ///< ... and never will be
    std::string reason;            ///< why there is none, for people
  };

  /// `spec` is a sweep file's text. A trial that failed is given again if its `retries` say so.
  /// `seed` and `run_cap` stand for those of the file, unless they are 0. Errors: kInvalidArgument,
  /// with what is wrong and where.
  static Result<std::unique_ptr<SoloSweep>> create(const std::string& spec, std::uint64_t seed,
                                                   std::uint64_t run_cap = 0);

  /// The next trial. Up to limits::kSoloTrialsOpenMax may be open at once. Where a broker would
  /// pause the sweep, because all that was tried has failed, this goes on. Errors: kResource when
  /// too many are open.
  Result<Asked> ask(Instant now = kEpoch);

  /// A value of the goal metric, which may be NaN or infinite, at a step, which may repeat, skip or
  /// go back. Returns whether the trial should stop now.
  /// Errors: kNotFound for a trial that was never given, kConflict for one that has ended.
  Result<bool> report(std::uint64_t trial, std::int64_t step, double value, Instant now = kEpoch);

  /// The trial is over: kCompleted, kPruned (told to stop, or by its own decision), kDiverged or
  /// kFailed. A `value` that is not the one reported last counts as one more value at the step
  /// after it, unless max_steps has been reached; a trial that diverges without having reported NaN
  /// or an infinity counts with one. Errors: as report(), kInvalidArgument for another state and
  /// for kCompleted without any value.
  Status tell(std::uint64_t trial, TrialState state, std::optional<double> value,
              Instant now = kEpoch);

  /// How many trials have been given and not been told.
  std::size_t open() const { return open_.size(); }
  wire::SweepInfo info() const;

  static constexpr Instant kEpoch = from_unix_us(1'000'000);

 private:
  struct Open {
    Trial trial;
    wire::AttemptRef attempt;
    std::uint64_t points = 0;
    std::int64_t last_step = 0;
    double last_value = 0;
    bool should_stop = false;
    bool is_complete = false;  ///< max_steps is reached
  };

  SoloSweep();
  std::vector<wire::Message> send(core::ClientId from, wire::Message message, Instant now);
  void follow(const wire::Message& message);
  Result<Open*> find(std::uint64_t trial);
  void add_point(Open& open, std::int64_t step, double value, Instant now);

  core::Core core_;
  core::Models models_;
  SweepId sweep_;
  std::string metric_;
  std::optional<std::int64_t> max_steps_;
  std::map<std::uint64_t, Open> open_;
  std::uint64_t asks_ = 0;
  std::uint64_t given_ = 0;  ///< trials below this number have been given
};

}  // namespace scopa::solo
