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

void AttemptStream::go_back() {
  sent_ = acked_;
  in_flight_.clear();
  drained_ = false;
}

void AttemptStream::restart() {
  go_back();
  resend_after_ = release_after_ = limits::kResendAfter;
  release_sent_ = false;
}

void AttemptStream::ack(std::uint64_t to, Instant now) {
  if (to > high_) return;
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
  if (is_delivered() && (!release_sent_ || now >= release_at_)) send_release(now, out);
}

bool AttemptStream::send_report(Instant now, std::size_t frame_bytes_max,
                                std::vector<wire::Message>* out) {
  wire::Report report;
  report.sweep = ref_.sweep;
  report.trial = ref_.trial;
  report.attempt = ref_.attempt;
  report.from = sent_;
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
  release.points_dropped = end_->points_dropped;
  release.message = end_->message;
  out->emplace_back(std::move(release));
  release_sent_ = true;
  release_at_ = now + release_after_;
}

std::optional<Instant> AttemptStream::next_deadline() const {
  if (!in_flight_.empty()) return resend_at_;
  if (is_delivered() && release_sent_) return release_at_;
  return std::nullopt;
}

}  // namespace scopa::session
