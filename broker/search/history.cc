#include "broker/search/history.h"

#include <bit>
#include <cmath>
#include <functional>

#include "sdk/base/limits.h"

namespace scopa::search {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
  hash ^= hash >> 32;
  hash *= 0xD6E8FEB86659FD93U;
  return hash ^ (hash >> 29);
}

}  // namespace

void History::apply(const HistoryChange& change) {
  const std::uint64_t index = raw(change.number);
  if (change.kind == HistoryChange::Kind::kAdded) {
    add(change, index);
    return;
  }
  if (index >= trials_.size()) return;
  TrialRecord& trial = trials_[index];
  switch (change.kind) {
    case HistoryChange::Kind::kPoints:
      for (const CurvePoint& point : change.points) {
        if (!std::isfinite(point.value)) continue;
        trial.curve.push_back(point);
        touch(index, static_cast<std::uint64_t>(point.step));
        touch(index, std::bit_cast<std::uint64_t>(point.value));
      }
      break;
    case HistoryChange::Kind::kState:
      trial.state = change.state;
      trial.blameless = change.blameless;
      trial.value = change.value;
      if (trial.value && !std::isfinite(*trial.value)) trial.value.reset();
      trial.replicates = change.replicates;
      trial.spread = change.spread;
      touch(index, (trial.blameless ? 0x200 : 0x100) + static_cast<std::uint64_t>(trial.state));
      touch(index, trial.value ? std::bit_cast<std::uint64_t>(*trial.value) : 1);
      if (trial.replicates > 1) {
        touch(index, trial.replicates);
        touch(index, std::bit_cast<std::uint64_t>(trial.spread));
      }
      break;
    case HistoryChange::Kind::kRestart:
      trial.curve.clear();
      trial.value.reset();
      touch(index, 2);
      break;
    case HistoryChange::Kind::kAdded:
      break;
  }
}

void History::add(const HistoryChange& change, std::uint64_t index) {
  if (index >= limits::kTrialsMax) return;
  while (trials_.size() <= index) {
    TrialRecord& trial = trials_.emplace_back();
    trial.number = TrialNumber{trials_.size() - 1};
    trial.state = TrialState::kCancelled;  // a gap: nothing is known of it
    digests_.push_back(0);
  }
  TrialRecord& trial = trials_[index];
  trial.state = change.state;
  trial.params = change.params;
  trial.blameless = false;
  trial.curve.clear();
  trial.value.reset();
  std::string canonical = canonical_text(change.params);
  digests_[index] = 0;
  touch(index, std::hash<std::string>{}(canonical));
  touch(index, 0x100 + static_cast<std::uint64_t>(trial.state));
  seen_.insert(std::move(canonical));
}

void History::touch(std::uint64_t index, std::uint64_t word) {
  digests_[index] = mix(digests_[index], word) | 1;
}

}  // namespace scopa::search
