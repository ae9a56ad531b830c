#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/base/states.h"
#include "sdk/base/time.h"
#include "sdk/session/point_source.h"
#include "sdk/wire/messages.h"

namespace scopa::session {

/// How a trainer ended.
struct TrialEnd {
  wire::Outcome outcome = wire::Outcome::kExited;
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  bool ran_to_end = false;           ///< successfully, and without having been told to stop
  std::uint64_t points_dropped = 0;  ///< beside those that the source tells
  std::string message;               ///< why, for people; printable
  bool interrupted = false;  ///< by the machine, not by itself: the trial deserves another try
  Cause cause = Cause::kNone;
  std::string folder;                        ///< of the trial; empty: it has none
  wire::TrainerNotes notes;                  ///< beside those that the source tells
  wire::Forced forced = wire::Forced::kNot;  ///< what it took to end it, after it had been told to
};

/// Delivers one attempt: its points in order, its latest checkpoint once all points before that are
/// acknowledged, then its release. Pure; one thread.
///
/// At most limits::kReportsInFlight reports are unacknowledged. With none in flight whatever there
/// is goes out at once, so a lone point waits for nothing; with some in flight only full reports
/// are added, so reports grow exactly when acknowledgements are slow. Nothing is kept here: a lost
/// report is read from the source again.
class AttemptStream {
 public:
  explicit AttemptStream(wire::AttemptRef ref);

  const wire::AttemptRef& ref() const { return ref_; }
  /// The source must outlive the stream, or be detached by null.
  void attach(PointSource* source) { source_ = source; }
  /// No point will be added any more; what is left is delivered, then the release.
  void end(TrialEnd how, bool requeue);
  bool has_ended() const { return end_.has_value(); }
  /// Before the first pump(): another worker has delivered the points below `acked`.
  void begin_at(std::uint64_t acked);
  /// Nobody will go on from this attempt: its checkpoints are not told any more.
  void leave_out_checkpoints() { tells_checkpoints_ = false; }
  /// The connection is new: what was in flight is sent again, from the last acknowledged point.
  void restart();
  /// Below the acknowledged offset it takes the stream back there (the broker lost points, or the
  /// ack is an old one, which costs a repetition); above what was ever sent it is ignored.
  void ack(std::uint64_t to, Instant now);
  void checkpoint_kept(std::int64_t step);
  /// Appends what is due to `out`.
  void pump(Instant now, std::size_t frame_bytes_max, std::vector<wire::Message>* out);
  /// When pump() has something to do even if no point, ack or end comes.
  std::optional<Instant> next_deadline() const;

  std::uint64_t acked() const { return acked_; }
  std::size_t in_flight() const { return in_flight_.size(); }

 private:
  struct Sent {
    std::uint64_t to = 0;
    Instant at{};
  };

  void go_back();
  bool send_report(Instant now, std::size_t frame_bytes_max, std::vector<wire::Message>* out);
  void send_checkpoint(Instant now, std::vector<wire::Message>* out);
  void ask_what_is_applied(Instant now, std::vector<wire::Message>* out);
  void send_release(Instant now, std::vector<wire::Message>* out);
  std::int64_t resumed();
  /// Points and checkpoint: what is left is the release.
  bool is_delivered() const {
    return has_ended() && drained_ && in_flight_.empty() && !checkpoint_;
  }

  wire::AttemptRef ref_;
  PointSource* source_ = nullptr;
  std::uint64_t acked_ = 0;  // durable at the broker
  std::uint64_t sent_ = 0;   // the next record to send
  std::uint64_t high_ = 0;   // the most that was ever sent
  // A broker that has lost its power may have lost what it had acknowledged. Until it has spoken on
  // this connection no checkpoint is told that counts on those points.
  bool confirmed_ = true;
  std::optional<Instant> confirm_again_at_;
  std::deque<Sent> in_flight_;
  Instant resend_at_{};
  std::chrono::milliseconds resend_after_ = limits::kResendAfter;

  bool tells_checkpoints_ = true;
  std::optional<CheckpointNote> checkpoint_;  // to be told
  std::optional<std::int64_t> kept_step_;     // of the one that was told last
  bool checkpoint_sent_ = false;              // and not answered
  Instant checkpoint_at_{};                   // then: when to send it again
  std::chrono::milliseconds checkpoint_after_ = limits::kResendAfter;
  std::optional<std::int64_t> resumed_;  // once somebody was told

  std::optional<TrialEnd> end_;
  bool requeue_ = false;
  bool drained_ = false;  // ended, and everything readable has been sent
  Instant release_at_{};
  bool release_sent_ = false;
  std::chrono::milliseconds release_after_ = limits::kResendAfter;

  PointBlock block_;  // kept for its room
};

}  // namespace scopa::session
