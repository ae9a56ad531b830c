#include "sdk/session/attempt_stream.h"

#include <algorithm>
#include <utility>

#include "sdk/wire/points.h"

namespace scopa::session {

namespace {

/// Room that the fields around the points take in a frame.
constexpr std::size_t kFrameOverhead = 512;

std::chrono::milliseconds doubled(std::chrono::milliseconds d) {
  return std::min<std::chrono::milliseconds>(d * 2, limits::kReconnectMax);
}

}  // namespace

AttemptStream::AttemptStream(wire::AttemptRef ref) : ref_(std::move(ref)) {}

void AttemptStream::end(TrialEnd how, bool requeue) {
  if (end_) return;
  end_ = std::move(how);
  requeue_ = requeue;
}

void AttemptStream::begin_at(std::uint64_t acked) { acked_ = sent_ = high_ = acked; }

void AttemptStream::go_back() {
  sent_ = acked_;
  in_flight_.clear();
  drained_ = false;
}

void AttemptStream::restart() {
  go_back();
  resend_after_ = release_after_ = checkpoint_after_ = limits::kResendAfter;
  release_sent_ = checkpoint_sent_ = false;
  confirmed_ = acked_ == 0;
  confirm_again_at_.reset();
}

void AttemptStream::ack(std::uint64_t to, Instant now) {
  if (to > high_) return;
  confirmed_ = true;
  confirm_again_at_.reset();
  if (to < acked_) {
    acked_ = to;
    go_back();
    release_sent_ = false;
    return;
  }
  if (to == acked_) {
    // The answer to a gap looks like the answer to a duplicate. Going back at once would answer
    // duplicates with more duplicates, for ever; progress within the time of a few round trips
    // tells the two apart.
    if (!in_flight_.empty()) {
      resend_at_ = std::min(resend_at_, in_flight_.front().at + limits::kGapResend);
    }
    return;
  }
  acked_ = to;
  while (!in_flight_.empty() && in_flight_.front().to <= to) in_flight_.pop_front();
  if (sent_ < to) sent_ = to;
  resend_after_ = limits::kResendAfter;
  resend_at_ = now + resend_after_;
}

void AttemptStream::pump(Instant now, std::size_t frame_bytes_max,
                         std::vector<wire::Message>* out) {
  if (!in_flight_.empty() && now >= resend_at_) {
    go_back();
    resend_after_ = doubled(resend_after_);
  }
  while (in_flight_.size() < limits::kReportsInFlight && !drained_) {
    const std::uint64_t available = source_ == nullptr ? 0 : source_->available();
    const std::uint64_t pending = available > sent_ ? available - sent_ : 0;
    const bool wait_for_more = !in_flight_.empty() && pending < limits::kReportPointsMax;
    if (!has_ended() && (pending == 0 || wait_for_more)) break;
    if (pending > 0 && send_report(now, frame_bytes_max, out)) continue;
    drained_ = has_ended();
    break;
  }
  send_checkpoint(now, out);
  if (is_delivered() && (!release_sent_ || now >= release_at_)) send_release(now, out);
}

bool AttemptStream::send_report(Instant now, std::size_t frame_bytes_max,
                                std::vector<wire::Message>* out) {
  wire::Report report;
  report.sweep = ref_.sweep;
  report.trial = ref_.trial;
  report.attempt = ref_.attempt;
  report.from = sent_;
  if (sent_ == 0) report.resumed = resumed();
  for (std::size_t records = limits::kReportPointsMax; records > 0; records /= 4) {
    block_.clear();
    report.to = source_->read(sent_, records, &block_);
    if (report.to <= sent_ || report.to - sent_ > records) return false;
    if (block_.metrics.size() > limits::kReportMetricsMax && records > 1) continue;
    report.points.clear();
    wire::encode_points(block_, &report.points);
    if (report.points.size() + kFrameOverhead <= frame_bytes_max) break;
  }
  if (in_flight_.empty()) resend_at_ = now + resend_after_;
  in_flight_.push_back({report.to, now});
  sent_ = report.to;
  high_ = std::max(high_, sent_);
  out->emplace_back(std::move(report));
  return true;
}

// A request whose answer is lost is repeated with the same content, so that what the first report
// said is what the release says.
std::int64_t AttemptStream::resumed() {
  if (!resumed_) resumed_ = source_ == nullptr ? -1 : source_->resumed();
  return *resumed_;
}

void AttemptStream::checkpoint_kept(std::int64_t step) {
  if (!checkpoint_ || !checkpoint_sent_ || checkpoint_->step != step) return;
  kept_step_ = step;
  checkpoint_.reset();
  checkpoint_sent_ = false;
  checkpoint_after_ = limits::kResendAfter;
}

void AttemptStream::send_checkpoint(Instant now, std::vector<wire::Message>* out) {
  const bool tells = tells_checkpoints_ && source_ != nullptr;
  const auto latest = tells ? source_->checkpoint() : std::nullopt;
  if (!latest) {
    // Also what was noted before and is not there any more: a trainer may write over its own notes,
    // and to wait for that one would be to wait for ever.
    checkpoint_.reset();
    checkpoint_sent_ = false;
    return;
  }
  const auto known = checkpoint_ ? std::optional(checkpoint_->step) : kept_step_;
  // The file of an older one has been written over, so nobody is told of it any more.
  if (!known || *known != latest->step) {
    checkpoint_ = latest;
    checkpoint_sent_ = false;
  }
  if (!checkpoint_) return;
  // A trainer that was killed may have noted more records than can be read.
  const bool all_before = acked_ >= checkpoint_->records || (drained_ && in_flight_.empty());
  if (!all_before || (checkpoint_sent_ && now < checkpoint_at_)) return;
  if (!confirmed_) return ask_what_is_applied(now, out);
  if (checkpoint_sent_) checkpoint_after_ = doubled(checkpoint_after_);
  wire::Checkpoint message;
  message.sweep = ref_.sweep;
  message.trial = ref_.trial;
  message.attempt = ref_.attempt;
  message.step = checkpoint_->step;
  message.path = checkpoint_->path;
  out->emplace_back(std::move(message));
  checkpoint_sent_ = true;
  checkpoint_at_ = now + checkpoint_after_;
}

// A report of nothing is answered like a duplicate.
void AttemptStream::ask_what_is_applied(Instant now, std::vector<wire::Message>* out) {
  if (!in_flight_.empty() || (confirm_again_at_ && now < *confirm_again_at_)) return;
  wire::Report report;
  report.sweep = ref_.sweep;
  report.trial = ref_.trial;
  report.attempt = ref_.attempt;
  report.from = report.to = acked_;
  block_.clear();
  wire::encode_points(block_, &report.points);
  out->emplace_back(std::move(report));
  confirm_again_at_ = now + limits::kResendAfter;
}

void AttemptStream::send_release(Instant now, std::vector<wire::Message>* out) {
  if (release_sent_) release_after_ = doubled(release_after_);
  wire::Release release;
  release.sweep = ref_.sweep;
  release.trial = ref_.trial;
  release.attempt = ref_.attempt;
  release.to = acked_;
  release.outcome = static_cast<std::uint8_t>(end_->outcome);
  release.exit_code = end_->exit_code;
  release.signal = end_->signal;
  release.ran_to_end = end_->ran_to_end;
  release.requeue = requeue_;
  release.points_dropped = end_->points_dropped + (source_ == nullptr ? 0 : source_->dropped());
  release.message = end_->message;
  release.cause = static_cast<std::uint8_t>(end_->cause);
  release.resumed = resumed();
  release.folder = end_->folder;
  release.notes = end_->notes;
  if (source_ != nullptr) source_->add_notes(&release.notes);
  release.forced = static_cast<std::uint8_t>(end_->forced);
  out->emplace_back(std::move(release));
  release_sent_ = true;
  release_at_ = now + release_after_;
}

std::optional<Instant> AttemptStream::next_deadline() const {
  std::optional<Instant> next;
  if (!in_flight_.empty()) next = resend_at_;
  if (checkpoint_sent_ && (!next || checkpoint_at_ < *next)) next = checkpoint_at_;
  if (confirm_again_at_ && (!next || *confirm_again_at_ < *next)) next = confirm_again_at_;
  if (is_delivered() && release_sent_) next = release_at_;
  return next;
}

}  // namespace scopa::session
