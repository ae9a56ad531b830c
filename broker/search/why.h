#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/states.h"
#include "sdk/base/value.h"

namespace scopa::search {

/// How a sampler came to a suggestion: what it saw, what it drew and what it weighed. The sampler
/// writes it down while it computes the suggestion (Sampler::explain), so it is never an account of
/// something else than what was proposed.
struct Why {
  enum class How : std::uint8_t {
    kDrawn,       ///< each parameter from its own distribution
    kGrid,        ///< the next combination in order
    kStratified,  ///< a start-up point of a model
    kModel,       ///< the best candidate of a model
  };

  std::string sampler;  ///< "random", "grid", "tpe", "gp"
  How how = How::kDrawn;
  std::string rule;  ///< one sentence for people, without a full stop

  // ---- random numbers: Philox4x32-10. Number k of a purpose is the block at the counter
  // (k, number) under the purpose's key, which is made of the sweep's seed and the purpose.
  std::uint64_t seed = 0;
  std::uint64_t number = 0;  ///< of the suggestion
  struct Numbers {
    std::string purpose;  ///< "draw of `lr`", "tpe candidates"
    std::uint64_t key = 0;
    std::uint64_t position = 0;  ///< the first one that was used
  };
  std::vector<Numbers> numbers;  ///< empty: nothing was drawn

  // ---- what was seen: trials of the history by state; replicates of one configuration are one.
  struct Seen {
    std::uint64_t queued = 0, running = 0, completed = 0, pruned = 0, failed = 0, cancelled = 0,
                  diverged = 0;
    std::uint64_t total() const {
      return queued + running + completed + pruned + failed + cancelled + diverged;
    }
  } seen;
  std::uint64_t ended = 0;    ///< trials that count towards `startup`
  std::uint64_t startup = 0;  ///< how many must have ended before the model is asked

  // ---- what was learned from (kModel)
  enum class As : std::uint8_t {
    kObserved,  ///< with a value
    kFailed,    ///< as one that is worse than all
    kPending,   ///< it runs or waits: kept away from
  };
  struct Member {
    std::uint64_t trial = 0;
    TrialState state = TrialState::kQueued;
    As as = As::kObserved;
    double value = 0;  ///< that it counts with, as logged (not negated); kObserved only
  };
  std::vector<Member> good, bad;  ///< "tpe": each from the best to the worst
  std::vector<Member> learned;    ///< "gp": from the best to the worst

  // ---- what was weighed (kModel): the densities l of the good and g of the bad trials, in the
  // model's coordinate, in which the prior of an ordered parameter has density 1.
  struct Candidate {
    double log_good = 0;  ///< ln l
    double log_bad = 0;   ///< ln g
    double score = 0;     ///< ln l - ln g
    bool is_known = false;
    Params params;
  };
  std::vector<Candidate> candidates;  ///< of the last round, from the best to the worst
  std::size_t winner = 0;             ///< index in `candidates`
  std::uint64_t rounds = 0;           ///< of candidates; more than one where all were known

  // ---- draws (kDrawn, kStratified; candidates of kModel)
  std::uint64_t draws = 0;    ///< in all
  std::uint64_t refused = 0;  ///< of them, violating a constraint
  std::uint64_t known = 0;    ///< of them, tried before
  bool walked = false;        ///< after them the combinations were walked through in order
  std::uint64_t covered = 0;  ///< kGrid: different points that trials cover already

  // ---- each parameter that was searched and is active, in the order of the spec
  struct Parameter {
    std::string name;
    Value value;
    std::optional<double> log_good, log_bad;  ///< kModel: of this parameter alone; see
                                              ///< Mixture::log_marginal
    std::optional<std::uint64_t> stratum;     ///< kStratified: of `strata`, from 0
  };
  std::vector<Parameter> parameters;
  std::uint64_t strata = 0;
};

std::string_view name_of(Why::How how);
std::string_view name_of(Why::As as);

}  // namespace scopa::search
