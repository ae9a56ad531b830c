// Workers and hosts whose trials fail again and again while those of others do not.
#include <algorithm>
#include <utility>

#include "broker/core/state.h"
#include "sdk/base/text.h"

namespace scopa::core {
namespace {

constexpr std::size_t kNoticesMax = 100;

struct Others {
  std::uint64_t failed = 0;
  std::uint64_t not_failed = 0;
};

/// What became, since the streak began, of the trials of those who are not `place` (by host or by
/// worker) nor quarantined. A trial that has run for longer than each of the failed ones, and still
/// does, has not failed.
Others since(const Sweep& sweep, const Streak& streak, const Place& place, bool by_host,
             Instant now) {
  const Conduct& conduct = sweep.conduct();
  const auto is_other = [&](const Place& other) {
    return (by_host ? other.host != place.host : other.worker != place.worker) &&
           !conduct.is_quarantined(other);
  };
  Others others;
  std::uint64_t number = conduct.ends();
  for (auto end = conduct.recent().rbegin(); end != conduct.recent().rend(); ++end, --number) {
    if (number < streak.first) break;
    if (end->kind == Conduct::End::Kind::kNeither || !is_other(end->place)) continue;
    ++(end->kind == Conduct::End::Kind::kFailure ? others.failed : others.not_failed);
  }
  for (const std::uint64_t running : sweep.running()) {
    const Attempt& attempt = *sweep.find(running)->live_attempt();
    const bool outlives =
        now - from_unix_us(attempt.started_us) > std::chrono::microseconds(streak.longest_us);
    if (outlives && !attempt.suspect && is_other({attempt.worker, attempt.host})) {
      ++others.not_failed;
    }
  }
  return others;
}

std::string first_line(const std::string& text) {
  return printable(text.substr(0, text.find('\n')), 200);
}

std::string list(const std::vector<std::uint64_t>& numbers) {
  std::string text = numbers.size() == 1 ? "trial " : "trials ";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == numbers.size() ? " and " : ", ") + std::to_string(numbers[i]);
  }
  return text;
}

}  // namespace

// Called after each end of an attempt; quarantines its worker, or its host when several
// of its workers have failed so.
void Core::State::judge_conduct(Sweep& target, const Attempt& attempt) {
  const Place place{attempt.worker, attempt.host};
  const std::string why = attempt.ended;
  if (!may_be_of_either(attempt.cause) && attempt.cause != Cause::kNode) return;
  if (target.conduct().is_quarantined(place)) return;
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
                 " trials in a row failed there, the last: " + first_line(why) +
                 "; others' did not";
  std::vector<std::uint64_t> rescued;
  const bool may_run = target.state == SweepState::kRunning || target.state == SweepState::kPaused;
  for (const Streak::Failure& each : streak.failures) {
    const Trial& trial = *target.find(each.trial);
    const bool is_its_end =
        trial.state == TrialState::kFailed && trial.attempts.back().number == each.attempt;
    if (may_run && is_its_end && trial.rescues < limits::kRescuesMax) {
      rescued.push_back(each.trial);
    }
  }
  const std::string name = place.worker.empty() ? "host " + place.host
                           : place.host.empty()
                               ? "worker " + place.worker
                               : "worker " + place.worker + " on host " + place.host;
  std::string text = name + " is quarantined: " + event.reason;
  if (!rescued.empty()) text += "; tried again elsewhere: " + list(rescued);
  emit(target.id, std::move(event));
  for (const std::uint64_t number : rescued) {
    TrialStateChanged changed;
    changed.trial = number;
    changed.state = static_cast<std::uint8_t>(TrialState::kQueued);
    changed.reason =
        "failed on a quarantined " + std::string(place.worker.empty() ? "host" : "worker");
    changed.requeued = static_cast<std::uint8_t>(Requeued::kRescued);
    emit(target.id, std::move(changed));
  }
  if (target.notice_count() < kNoticesMax) emit(target.id, Noticed{std::move(text)});
  turn_away(target);
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

// Whether all useless trials so far are this worker's or host's alone, while others hold trials
// that have logged something: then it is not (yet) the sweep's fault.
bool Core::State::is_it_alone(const Sweep& target, const Attempt& attempt) const {
  const auto covers = [&](const Streak* streak) {
    return streak != nullptr && std::cmp_greater_equal(streak->count, target.start_failures);
  };
  const bool by_worker = covers(target.conduct().streak_of_worker(attempt.worker));
  const bool by_host = covers(target.conduct().streak_of_host(attempt.host));
  return std::any_of(target.running().begin(), target.running().end(), [&](std::uint64_t number) {
    const Attempt& other = *target.find(number)->live_attempt();
    return !other.suspect && other.points > 0 &&
           ((by_worker && other.worker != attempt.worker) ||
            (by_host && other.host != attempt.host));
  });
}

}  // namespace scopa::core
