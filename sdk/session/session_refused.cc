// What a worker does whose key the broker does not take, or no longer.
#include "sdk/base/text.h"
#include "sdk/session/session.h"

namespace scopa::session {

void Session::refused(const Status& why, Instant now, Actions* actions) {
  if (done_) return;
  why_refused_ = why;
  const bool holds_trials = running() + count_in(Phase::kDelivering) + returned_.size() > 0;
  if (!was_welcome_ && !holds_trials) {
    fail(why);
    done_ = true;
    return;
  }
  if (refused_since_) return;
  refused_since_ = now;
  actions->push_back(Tell{
      printable(why.message()) +
      (running() > 0 ? "; trials go on for a while, in case that is repaired" : "; trying on")});
}

void Session::check_refusal(Instant now, Actions* actions) {
  if (!refused_since_ || now - *refused_since_ < limits::kPatienceRefused) return;
  fail(why_refused_);
  refused_since_ = now;  // the trainers' ends take their time
  stop(now, actions);
}

}  // namespace scopa::session
