#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sdk/wire/messages.h"
#include "tests/integration/support/ledger.h"
#include "tests/integration/support/stored_sweep.h"

namespace scopa::test {

/// What a broker was heard to say on the wire, by somebody who listened between it and its workers:
/// whatever it has acknowledged must be so for ever.
class Overheard {
 public:
  using Attempt = std::pair<std::uint64_t, std::uint32_t>;  ///< trial, number

  void add(const wire::Message& message);
  /// Counts of messages that acknowledged something.
  std::uint64_t acknowledgements() const { return count_; }

  std::set<Attempt> assigned;
  std::map<Attempt, std::uint64_t> acked;  ///< the highest
  std::map<Attempt, std::int64_t> checkpoints;
  std::set<Attempt> released;

 private:
  std::uint64_t count_ = 0;
};

/// The points that count for each trial, in order.
using Curves = std::map<std::uint64_t, std::vector<StoredSweep::Point>>;
/// As a broker that starts on `folder` would count them.
Result<Curves> counted_curves(const std::string& folder, const SweepId& sweep,
                              const StoredSweep& stored);

/// Everything that must agree when a run has ended.
struct CrashEvidence {
  std::vector<LedgerEntry> ledger;  ///< by the trainers
  Overheard overheard;              ///< of the broker
  StoredSweep stored;
  wire::SweepInfo info;  ///< as the last broker told
  Curves curves;
};

/// What does not agree, one sentence each. `checked`: how many points were compared.
std::vector<std::string> audit(const SweepId& sweep, const CrashEvidence& evidence,
                               std::uint64_t* checked);

}  // namespace scopa::test
