#pragma once

#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "sdk/base/time.h"
#include "sdk/wire/messages.h"

namespace scopa::core {

/// When each live attempt's worker must have been heard from. Renewing is one hash look-up: the
/// heap keeps the first deadline of a lease and is corrected only when that passes.
class Leases {
 public:
  void renew(const wire::AttemptRef& attempt, Instant until);
  void end(const wire::AttemptRef& attempt) { until_.erase(attempt); }
  bool holds(const wire::AttemptRef& attempt) const { return until_.contains(attempt); }
  /// No lease ends before this.
  std::optional<Instant> next_deadline() const;
  /// Removes and returns the leases that have ended by `now`.
  std::vector<wire::AttemptRef> take_expired(Instant now);

 private:
  struct Hash {
    std::size_t operator()(const wire::AttemptRef& a) const;
  };
  struct Entry {
    Instant at;
    wire::AttemptRef attempt;
    // The earliest on top; equal ones by attempt, so that replays expire them in the same order.
    bool operator<(const Entry& other) const {
      return at != other.at ? at > other.at : other.attempt < attempt;
    }
  };
  std::unordered_map<wire::AttemptRef, Instant, Hash> until_;
  std::priority_queue<Entry> heap_;
};

}  // namespace scopa::core
