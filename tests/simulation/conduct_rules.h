#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/core/event.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::sim {

/// The rules of failures, retries and quarantine in one sweep, written down a second time: reads
/// what is committed and names what must not be. Part of the Ledger.
class ConductRules {
 public:
  using Broken = std::function<void(const std::string& invariant, const std::string& detail)>;

  void apply(const core::Event& event, const spec::SweepSpec& spec, const Broken& broken);
  bool was_quarantined(const std::string& worker, const std::string& host) const {
    return ever_.contains("w" + worker) || ever_.contains("h" + host);
  }

 private:
  struct Place {
    std::string worker, host;
  };
  struct OneTrial {
    Place last;                           // of the attempt that ended last
    std::map<std::uint32_t, Place> live;  // by attempt; one at most, says the ledger
    std::uint32_t failures = 0;           // since it was retried by hand or rescued
    std::uint32_t losses = 0;
    std::uint32_t rescues = 0;  // since it was retried by hand
    bool failed = false;
  };
  struct End {
    Place place;
    bool success = false, failure = false;
  };

  void on(const core::AttemptStarted& e, const Broken& broken);
  void on(const core::AttemptHeld& e);
  void on(const core::AttemptEnded& e, const spec::SweepSpec& spec, const Broken& broken);
  void on(const core::TrialStateChanged& e, std::uint64_t seq, const Broken& broken);
  void on(const core::WorkerQuarantined& e, const Broken& broken);
  bool is_quarantined(const Place& place) const {
    return now_.contains("w" + place.worker) || now_.contains("h" + place.host);
  }

  std::map<std::uint64_t, OneTrial> trials_;
  std::vector<End> ends_;
  std::set<std::string> now_, ever_;             // "w" and a worker, or "h" and a host
  std::map<std::string, std::uint64_t> tokens_;  // of retries: the last event's seq
};

}  // namespace scopa::sim
