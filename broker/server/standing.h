#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "broker/core/core.h"
#include "broker/server/round.h"
#include "broker/store/store.h"
#include "sdk/base/limits.h"
#include "sdk/base/status.h"
#include "sdk/base/time.h"
#include "sdk/wire/messages.h"

namespace scopa::server {

/// What the store's thread found.
struct Mended {
  Status is_open;                    ///< ok: the store takes commits again
  Status is_read;                    ///< ok: `core` is what the store holds
  std::unique_ptr<core::Core> core;  ///< not yet started
};
/// Whether the broker can change anything, and what it does while it cannot: a state machine
/// without clock, thread or socket, so that simulations run this very code.
///
///     kWell ──commit failed──► kLost ──read again──► kWaiting ──due──► kProbing
///       ▲                        │                     ▲  ▲───disk fails──┘ │ disk works
///       └────store works─────────┴───store works───────┼───────────── kMending
///                                                       └──store fails──┘
///
/// A failed commit leaves a core that knows more than the store. It is dropped at once, and what
/// the store holds is read again into a new one (Mended), of another broker id: as after a restart,
/// whoever is connected says hello again. While the disk fails that core only answers questions.
/// Nothing is acknowledged, and no lease ends: take_over() begins them anew.
class Standing {
 public:
  /// What the store's thread is to do next, one at a time.
  enum class Work : std::uint8_t {
    kNone,
    kProbe,  ///< Store::probe(): then probed()
    kMend,   ///< mend(), while nobody else uses the store: then mended()
  };
  /// What becomes of a message.
  enum class Fate : std::uint8_t {
    kServe,   ///< it goes to the core
    kHold,    ///< asked again soon: the store is being read or opened
    kAlive,   ///< a heartbeat: only that somebody is there
    kRefuse,  ///< with refusal()
  };

  bool is_well() const { return state_ == State::kWell; }
  /// Whether the core holds what the store holds, so that it may answer questions.
  bool is_readable() const { return is_readable_; }
  /// Whether leases end and deadlines pass.
  bool may_tick() const { return is_well(); }
  /// Whether nobody but the store's thread may use the store now.
  bool is_store_taken() const { return state_ == State::kLost || state_ == State::kMending; }
  /// Why nothing can be changed; ok when all is well.
  const Status& trouble() const { return trouble_; }
  Instant since() const { return since_; }

  Fate fate_of(const wire::Message& message) const;
  /// For whoever wants something changed: kUnavailable, why, for how long, and that it goes on by
  /// itself.
  Status refusal(Instant now) const;

  // ---- what happens
  /// The store refused a round. The core is to be dropped.
  void commit_failed(const Status& why, Instant now);
  /// Of the work that take_work() gave.
  void probed(const Status& status, Instant now);
  void mended(const Mended& what, Instant now);

  /// When take_work() has something; nothing while all is well or work is under way.
  std::optional<Instant> next_work() const;
  Work take_work(Instant now);

 private:
  enum class State : std::uint8_t { kWell, kLost, kWaiting, kProbing, kMending };
  void wait(const Status& why, Instant now, bool longer);

  State state_ = State::kWell;
  bool is_readable_ = true;
  Status trouble_;
  Instant since_{};
  Instant well_since_{};
  Instant try_at_{};
  std::chrono::microseconds pause_ = limits::kStoreRetry;
  bool is_working_ = false;  // on what take_work() gave
};

/// Opens the store again, and reads it into a new core: if it is open again, or `read_anyway`. May
/// take as long as a broker's start. In the store's thread. Unless `keep` is ok it is only read, as
/// somebody else is reading it, and `keep` is why it takes no commits.
Mended mend(store::Store* store, core::Options options, bool read_anyway,
            const Status& keep = Status::ok());

/// The answers to all who wait for the words of a round that could not be written: `told` instead.
std::vector<core::Outgoing> refusals(const Round& round, const Status& told);

/// `core`, read from a store that takes commits again, begins to decide: leases of attempts that
/// run start anew, since nobody could renew them.
void take_over(core::Core* core, Instant now, core::Turn* turn);

}  // namespace scopa::server
