#include "broker/core/elsewhere.h"

#include <algorithm>

#include "sdk/base/limits.h"

namespace scopa::core {
namespace {

bool is_other(const Place& a, const Place& b, bool by_host) {
  return by_host ? a.host != b.host : a.worker != b.worker;
}

/// How much somebody else is to be preferred: not at all, another worker, another host.
enum class Wish : std::uint8_t { kNobody, kOtherWorker, kOtherHost };

Wish wish_for(const Sweep& sweep, const Place& place, Instant now) {
  if (is_anyone_else_active(sweep, place, true, now)) return Wish::kOtherHost;
  return is_anyone_else_active(sweep, place, false, now) ? Wish::kOtherWorker : Wish::kNobody;
}

bool has_waited(const Trial& trial, Instant now) {
  const Instant since = from_unix_us(trial.queued_us);
  return now < since || now - since >= limits::kElsewhereWait;  // a clock may have been set back
}

}  // namespace

bool is_anyone_else_active(const Sweep& sweep, const Place& place, bool other_host, Instant now) {
  const auto counts = [&](const Place& other) {
    return is_other(other, place, other_host) && !sweep.conduct().is_quarantined(other);
  };
  for (const std::uint64_t number : sweep.running()) {
    const Attempt& attempt = *sweep.find(number)->live_attempt();
    if (!attempt.suspect && counts({attempt.worker, attempt.host})) return true;
  }
  const auto& recent = sweep.conduct().recent();
  return std::any_of(recent.rbegin(), recent.rend(), [&](const Conduct::End& end) {
    const Instant at = from_unix_us(end.at_us);
    return end.stays && at <= now && now - at < limits::kElsewhereWait && counts(end.place);
  });
}

std::optional<std::uint64_t> queued_for(const Sweep& sweep, const Place& place, Instant now) {
  std::optional<Wish> wish;  // looked up when it matters
  std::optional<std::uint64_t> passed_over;
  std::size_t looks = 0;
  for (const auto& [failures, number] : sweep.queue()) {
    const Trial& trial = *sweep.find(number);
    if (!trial.prefers_elsewhere || trial.attempts.empty() || has_waited(trial, now)) return number;
    const Place lost{trial.attempts.back().worker, trial.attempts.back().host};
    if (is_other(lost, place, true)) return number;
    if (!wish) wish = wish_for(sweep, place, now);
    if (*wish == Wish::kNobody) return number;
    if (*wish == Wish::kOtherWorker && is_other(lost, place, false)) return number;
    if (!passed_over) passed_over = number;
    if (++looks >= limits::kElsewhereLooks) return passed_over;
  }
  return std::nullopt;
}

}  // namespace scopa::core
