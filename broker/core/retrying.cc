// Trials that are put back into the queue by hand.
#include <algorithm>
#include <utility>

#include "broker/core/state.h"
#include "broker/core/stop_rules.h"

namespace scopa::core {
namespace {

std::string sweep_name(const Sweep& sweep) { return "sweep `" + sweep.name + "`"; }

Status check_named(const Sweep& sweep, std::uint64_t number) {
  const Trial* trial = sweep.find(number);
  const std::string which = "trial " + std::to_string(number);
  if (trial == nullptr) {
    const std::size_t count = sweep.trials().size();
    return {
        Code::kNotFound,
        "no " + which + " in " + sweep_name(sweep) +
            (count == 0 ? ", which has none yet" : ", which has 0 to " + std::to_string(count - 1)),
        "`scopa trials " + sweep.id + "` lists them"};
  }
  if (trial->state == TrialState::kRunning) {
    return {
        Code::kConflict, which + " of " + sweep_name(sweep) + " is running",
        "wait until it has ended: `scopa show " + sweep.id + "/" + std::to_string(number) + "`"};
  }
  return Status::ok();
}

/// What the request names and what can be retried of it, each once, by number. What waits already
/// is no error: that is how it should be.
Result<std::vector<std::uint64_t>> matching(const Sweep& sweep, const wire::Retry& retry) {
  std::vector<std::uint64_t> numbers = retry.trials;
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  for (const std::uint64_t number : numbers) {
    SCOPA_RETURN_IF_ERROR(check_named(sweep, number));
  }
  if (retry.trials.empty()) {
    for (const Trial& trial : sweep.trials()) {
      if (trial.state == TrialState::kFailed ||
          trial.is_without_value(sweep.spec->metric.has_value())) {
        numbers.push_back(trial.number);
      }
    }
  }
  std::erase_if(numbers, [&](std::uint64_t number) {
    const Trial& trial = *sweep.find(number);
    return !has_ended(trial.state) ||
           (retry.cause != 0 && static_cast<std::uint8_t>(trial.cause) != retry.cause);
  });
  return numbers;
}

}  // namespace

Status Core::State::may_go_on(const Sweep& target) const {
  const std::string spec = "`scopa show " + target.id + " --spec`";
  if (target.state == SweepState::kCancelled) {
    return {Code::kConflict, sweep_name(target) + " was cancelled, it cannot go on",
            "create it again from its file: " + spec};
  }
  if (const std::string used = budget_used_up(target, now_); !used.empty()) {
    return {Code::kConflict, sweep_name(target) + " cannot go on: " + used,
            "create it anew with a larger budget; " + spec + " prints its file"};
  }
  return Status::ok();
}

void Core::State::requeue(Sweep& target, const std::vector<std::uint64_t>& trials,
                          const std::string& token) {
  for (const std::uint64_t number : trials) {
    emit(target.id, TrialStateChanged{number, static_cast<std::uint8_t>(TrialState::kQueued),
                                      "retried by user", token});
  }
}

void Core::State::on(ClientId from, wire::Retry& retry) {
  const auto id = find_sweep(retry.sweep);
  if (!id) return refuse(from, retry.request, id.status());
  Sweep& target = *sweep(*id);
  wire::Retried reply;
  reply.request = retry.request;
  reply.sweep = target.id;
  if (retry.token.size() > limits::kNameBytesMax) {
    return refuse(from, retry.request, {Code::kInvalidArgument, "retry: `token` is too long"});
  }
  if (retry.cause > static_cast<std::uint8_t>(Cause::kNode)) {
    return refuse(
        from, retry.request,
        {Code::kInvalidArgument, "retry: unknown `cause` " + std::to_string(retry.cause)});
  }
  if (const auto* done = retry.token.empty() ? nullptr : target.retried_by(retry.token)) {
    for (const Sweep::RetriedTrial& each : *done) {
      reply.trials.push_back(each.trial);
      reply.causes.push_back(static_cast<std::uint64_t>(each.cause));
    }
    return send(from, std::move(reply));
  }
  if (const Status status = may_go_on(target); !status) return refuse(from, retry.request, status);
  auto numbers = matching(target, retry);
  if (!numbers) return refuse(from, retry.request, numbers.status());
  if (numbers->size() > limits::kRetriedMax) {
    reply.more = numbers->size() - limits::kRetriedMax;
    numbers->resize(limits::kRetriedMax);
  }
  for (const std::uint64_t number : *numbers) {
    reply.causes.push_back(static_cast<std::uint64_t>(target.find(number)->cause));
  }
  reply.trials = *numbers;
  if (!retry.dry_run && !numbers->empty()) {
    requeue(target, *numbers, retry.token);
    const bool goes_on =
        target.state == SweepState::kFinished || target.state == SweepState::kStopping;
    if (goes_on) set_state(target, SweepState::kRunning, "");
  }
  send(from, std::move(reply));
  dispatch(target);
}

}  // namespace scopa::core
