#include "broker/server/standing.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "broker/server/rebuild.h"
#include "sdk/wire/codec.h"

namespace scopa::server {
namespace {

/// Answered from the core alone.
template <class M>
constexpr bool kAsksCore = std::is_same_v<M, wire::ListSweeps> ||
                           std::is_same_v<M, wire::GetSweep> || std::is_same_v<M, wire::ListTrials>;
/// Answered from the store.
template <class M>
constexpr bool kAsksStore = std::is_same_v<M, wire::GetPoints> || std::is_same_v<M, wire::GetLog>;

/// A store that fails again so soon has not really worked meanwhile.
constexpr std::chrono::seconds kReallyWell{60};

}  // namespace

Standing::Fate Standing::fate_of(const wire::Message& message) const {
  if (is_well()) return Fate::kServe;
  return std::visit(
      [this](const auto& m) {
        using M = std::decay_t<decltype(m)>;
        if constexpr (std::is_same_v<M, wire::Hello>) return Fate::kServe;
        if constexpr (std::is_same_v<M, wire::Heartbeat>) return Fate::kAlive;
        if constexpr (kAsksCore<M> || kAsksStore<M>) {
          if (state_ == State::kLost || (kAsksStore<M> && is_store_taken())) return Fate::kHold;
          if (is_readable_) return Fate::kServe;
        }
        return Fate::kRefuse;
      },
      message);
}

Status Standing::refusal(Instant now) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - since_).count();
  return {Code::kUnavailable,
          "the broker cannot write to its store, since " +
              std::to_string(std::max<std::int64_t>(seconds, 0)) + " s: " + trouble_.message(),
          (trouble_.help().empty() ? "" : trouble_.help() + "; ") +
              "nothing acknowledged is lost, trials go on, and the broker tries again by itself"};
}

void Standing::commit_failed(const Status& why, Instant now) {
  const bool again = now - well_since_ < kReallyWell;
  pause_ = again ? std::min<std::chrono::microseconds>(pause_ * 2, limits::kStoreRetryMax)
                 : std::chrono::microseconds(limits::kStoreRetry);
  state_ = State::kLost;
  is_readable_ = is_working_ = false;
  trouble_ = why;
  since_ = try_at_ = now;
}

void Standing::wait(const Status& why, Instant now, bool longer) {
  state_ = State::kWaiting;
  trouble_ = why;
  if (longer) pause_ = std::min<std::chrono::microseconds>(pause_ * 2, limits::kStoreRetryMax);
  try_at_ = now + pause_;
}

void Standing::probed(const Status& status, Instant now) {
  is_working_ = false;
  if (!status) return wait(status, now, false);
  state_ = State::kMending;
  try_at_ = now;
}

void Standing::mended(const Mended& what, Instant now) {
  const bool was_lost = state_ == State::kLost;
  is_working_ = false;
  if (what.core != nullptr) is_readable_ = true;
  if (!what.is_open) return wait(what.is_open, now, !was_lost);
  // Open, and yet it cannot be read: nothing may be built on it.
  if (what.core == nullptr) return wait(what.is_read, now, true);
  state_ = State::kWell;
  trouble_ = Status::ok();
  well_since_ = now;
}

std::optional<Instant> Standing::next_work() const {
  if (is_well() || is_working_) return std::nullopt;
  return try_at_;
}

Standing::Work Standing::take_work(Instant now) {
  if (is_well() || is_working_ || now < try_at_) return Work::kNone;
  is_working_ = true;
  if (state_ != State::kWaiting) return Work::kMend;
  state_ = State::kProbing;
  return Work::kProbe;
}

Mended mend(store::Store* store, core::Options options, bool read_anyway, const Status& keep) {
  Mended mended;
  mended.is_open = keep ? store->recover() : keep;
  if (!mended.is_open && !read_anyway) return mended;
  auto core = std::make_unique<core::Core>(std::move(options));
  mended.is_read = rebuild(*store, core.get());
  if (mended.is_read) mended.core = std::move(core);
  return mended;
}

std::vector<core::Outgoing> refusals(const Round& round, const Status& told) {
  std::vector<core::Outgoing> all;
  for (const core::Outgoing& words : round.turn.outgoing) {
    const std::uint64_t request = wire::request_of(words.message);
    // These answer messages that have no number.
    const bool is_answer = request != 0 || std::holds_alternative<wire::Ack>(words.message) ||
                           std::holds_alternative<wire::Released>(words.message) ||
                           std::holds_alternative<wire::CheckpointKept>(words.message);
    if (is_answer) all.push_back({words.to, error_reply(request, told)});
  }
  for (const Round::PointsQuery& asked : round.queries) {
    all.push_back({asked.from, error_reply(asked.query.request, told)});
  }
  for (const Round::LogQuery& asked : round.log_queries) {
    all.push_back({asked.from, error_reply(asked.query.request, told)});
  }
  return all;
}

void take_over(core::Core* core, Instant now, core::Turn* turn) { core->start(now, turn); }

}  // namespace scopa::server
