// Workers and hosts whose trials fail again and again while those of others do not.
#include <algorithm>
#include <utility>

#include "broker/core/state.h"
#include "sdk/base/text.h"

namespace scopa::core {
namespace {

struct Others {
  std::uint64_t failed = 0;
  std::uint64_t not_failed = 0;
};

bool outlives(const Attempt& attempt, const Streak& streak, Instant now) {
  return !attempt.suspect &&
         now - from_unix_us(attempt.started_us) > std::chrono::microseconds(streak.longest_us);
}

/// What became, since the streak began, of the trials of those who are not `place` (by host or by
/// worker) nor quarantined. A trial that has run for longer than each of the failed ones, and still
/// does, has not failed; since those that failed beside it are not there any more to be seen,
/// failures count from the start of the oldest of them on.
Others since(const Sweep& sweep, const Streak& streak, const Place& place, bool by_host,
             Instant now) {
  const Conduct& conduct = sweep.conduct();
  const auto is_other = [&](const Place& other) {
    return (by_host ? other.host != place.host : other.worker != place.worker) &&
           !conduct.is_quarantined(other);
  };
  Others others;
  std::int64_t oldest_us = INT64_MAX;
  for (const std::uint64_t running : sweep.running()) {
    const Attempt& attempt = *sweep.find(running)->live_attempt();
    if (!outlives(attempt, streak, now) || !is_other({attempt.worker, attempt.host})) continue;
    ++others.not_failed;
    oldest_us = std::min(oldest_us, attempt.started_us);
  }
  std::uint64_t number = conduct.ends();
  for (auto end = conduct.recent().rbegin(); end != conduct.recent().rend(); ++end, --number) {
    if (number < streak.first && end->at_us < oldest_us) break;
    if (!is_other(end->place)) continue;
    if (end->kind == Conduct::End::Kind::kFailure) ++others.failed;
    if (end->kind == Conduct::End::Kind::kSuccess && number >= streak.first) ++others.not_failed;
  }
  return others;
}

/// What an attempt ended with: its first line, and the last one, which tells most.
std::string in_short(std::string text) {
  constexpr std::size_t kLineMax = 200;
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  const std::string first = printable(text.substr(0, text.find('\n')), kLineMax);
  const std::size_t last = text.rfind('\n');
  return last == std::string::npos ? first
                                   : first + " ... " + printable(text.substr(last + 1), kLineMax);
}

/// Those that failed so and have not been tried again since.
std::vector<std::uint64_t> rescuable(const Sweep& sweep,
                                     const std::vector<Streak::Failure>& failures) {
  std::vector<std::uint64_t> numbers;
  if (sweep.state != SweepState::kRunning && sweep.state != SweepState::kPaused) return numbers;
  for (const Streak::Failure& each : failures) {
    const Trial& trial = *sweep.find(each.trial);
    const bool is_its_end =
        trial.state == TrialState::kFailed && trial.attempts.back().number == each.attempt;
    if (is_its_end && trial.rescues < limits::kRescuesMax) numbers.push_back(each.trial);
  }
  return numbers;
}

std::string name_of(const Place& place) {
  if (place.worker.empty()) return "host " + place.host;
  return "worker " + place.worker + (place.host.empty() ? "" : " on host " + place.host);
}

std::string list(const std::vector<std::uint64_t>& numbers) {
  std::string text = numbers.size() == 1 ? "trial " : "trials ";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == numbers.size() ? " and " : ", ") + std::to_string(numbers[i]);
  }
  return text;
}

}  // namespace

// Called after each end of an attempt; quarantines its worker, or its host when several of its
// workers have failed so.
void Core::State::judge_conduct(Sweep& target, std::uint64_t number) {
  const Attempt& attempt = target.find(number)->attempts.back();
  if (!may_be_of_either(attempt.cause) && attempt.cause != Cause::kNode) return;
  const Place place{attempt.worker, attempt.host};
  if (target.conduct().is_quarantined(place)) {
    return rescue(target, rescuable(target, {{number, attempt.number, attempt.worker}}));
  }
  const std::string why = attempt.ended;
  const Streak* of_worker = target.conduct().streak_of_worker(place.worker);
  if (of_worker != nullptr) {
    const Others others = since(target, *of_worker, place, false, now_);
    if (is_beyond_chance(*of_worker, others.failed, others.not_failed)) {
      return quarantine(target, *of_worker, place, why);
    }
  }
  const Streak* of_host = target.conduct().streak_of_host(place.host);
  if (of_host == nullptr || !of_host->has_several_workers()) return;
  const Others others = since(target, *of_host, place, true, now_);
  if (is_beyond_chance(*of_host, others.failed, others.not_failed)) {
    quarantine(target, *of_host, {"", place.host}, why);
  }
}

void Core::State::quarantine(Sweep& target, const Streak& streak, const Place& place,
                             const std::string& why) {
  WorkerQuarantined event;
  event.worker = place.worker;
  event.host = place.host;
  event.reason = std::to_string(streak.count) +
                 " trials in a row failed there, the last: " + in_short(why) + "; others' did not";
  const std::vector<std::uint64_t> rescued = rescuable(target, streak.failures);
  std::string text = name_of(place) + " is quarantined: " + event.reason;
  if (!rescued.empty()) text += "; tried again elsewhere: " + list(rescued);
  emit(target.id, std::move(event));
  rescue(target, rescued);
  if (target.has_room_for_notice()) emit(target.id, Noticed{std::move(text)});
  turn_away(target);
}

void Core::State::rescue(Sweep& target, const std::vector<std::uint64_t>& trials) {
  for (const std::uint64_t number : trials) {
    TrialStateChanged changed;
    changed.trial = number;
    changed.state = static_cast<std::uint8_t>(TrialState::kQueued);
    changed.reason = "failed on a worker or host that is quarantined";
    changed.requeued = static_cast<std::uint8_t>(Requeued::kRescued);
    emit(target.id, std::move(changed));
  }
}

// Those of its slots that wait for a suggestion.
void Core::State::turn_away(Sweep& target) {
  std::erase_if(target.waiting, [&](const WaitingAsk& waiting) {
    const Place place{waiting.worker, workers_[waiting.worker].host};
    if (!target.conduct().is_quarantined(place)) return false;
    no_work(target, waiting);
    return true;
  });
}

Status Core::State::lift(Sweep& target, const std::string& name) {
  const std::vector<Conduct::Quarantine> all = target.conduct().quarantined();
  std::vector<std::string> known;
  std::size_t lifted = 0;
  for (const Conduct::Quarantine& each : all) {
    known.push_back(each.name);
    const bool is_meant = name.empty() || each.name == name || (!each.is_host && each.host == name);
    if (!is_meant) continue;
    WorkerQuarantined event;
    event.worker = each.is_host ? "" : each.name;
    event.host = each.host;
    event.reason = "lifted by user";
    event.lifted = true;
    emit(target.id, std::move(event));
    ++lifted;
  }
  if (lifted > 0 || name.empty()) return Status::ok();
  const std::string meant = closest_match(name, known);
  return {
      Code::kNotFound,
      "sweep `" + target.name + "` has no quarantined worker or host `" + printable(name, 64) + "`",
      (meant.empty() ? "" : "did you mean `" + meant + "`? ") + "`scopa quarantine " + target.id +
          "` lists them"};
}

// Whether all of the last `failures` useless trials are this worker's or host's alone, while trials
// of others have run for longer than those: then it is not (yet) the sweep's fault.
bool Core::State::is_it_alone(const Sweep& target, const Attempt& attempt,
                              std::uint64_t failures) const {
  const auto others_outlive = [&](const Streak* streak, bool by_host) {
    if (streak == nullptr || streak->count < failures) return false;
    return std::any_of(target.running().begin(), target.running().end(), [&](std::uint64_t number) {
      const Attempt& other = *target.find(number)->live_attempt();
      return outlives(other, *streak, now_) &&
             (by_host ? other.host != attempt.host : other.worker != attempt.worker);
    });
  };
  return others_outlive(target.conduct().streak_of_worker(attempt.worker), false) ||
         others_outlive(target.conduct().streak_of_host(attempt.host), true);
}

}  // namespace scopa::core
