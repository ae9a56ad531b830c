#include "broker/server/event_log.h"

#include <spdlog/spdlog.h>

#include <string>
#include <type_traits>
#include <variant>

#include "sdk/base/log_text.h"
#include "sdk/base/states.h"

namespace scopa::server {
namespace {

std::string_view state_name(std::uint8_t state, SweepState) {
  return name_of(static_cast<SweepState>(state));
}
std::string_view state_name(std::uint8_t state, TrialState) {
  return name_of(static_cast<TrialState>(state));
}

void tell(const SweepId& sweep, const core::SweepCreated& m) {
  spdlog::info("sweep created sweep={} name={} run_cap={} seed={}", sweep, in_quotes(m.name),
               m.run_cap, m.seed);
}
void tell(const SweepId& sweep, const core::SweepStateChanged& m) {
  spdlog::info("sweep changed sweep={} state={} reason={}", sweep,
               state_name(m.state, SweepState{}), in_quotes(m.reason));
}
void tell(const SweepId& sweep, const core::RunCapChanged& m) {
  spdlog::info("sweep changed sweep={} run_cap={}", sweep, m.run_cap);
}
void tell(const SweepId& sweep, const core::TrialCreated& m) {
  spdlog::info(
      "trial created sweep={} trial={} origin={} params={}", sweep, m.trial,
      m.origin == static_cast<std::uint8_t>(core::Origin::kSampler) ? "sampler" : "enqueued",
      in_quotes(to_json(m.params)));
}
void tell(const SweepId& sweep, const core::AttemptStarted& m) {
  spdlog::info("trial assigned sweep={} trial={} attempt={} worker={} host={} device={} slot={}",
               sweep, m.trial, m.attempt, in_quotes(m.worker), in_quotes(m.host),
               in_quotes(m.device), m.slot);
}
void tell(const SweepId& sweep, const core::StopDecided& m) {
  spdlog::info("stop decided sweep={} trial={} attempt={} reason={} rung={} value={} threshold={}",
               sweep, m.trial, m.attempt,
               in_quotes(std::string(name_of(static_cast<StopReason>(m.reason)))), m.rung, m.value,
               m.threshold);
}
void tell(const SweepId& sweep, const core::AttemptEnded& m) {
  spdlog::log(m.lease_lost ? spdlog::level::warn : spdlog::level::info,
              "{} sweep={} trial={} attempt={} state={} exit_code={} signal={} points={} "
              "dropped={} cause={} extra={} reason={}",
              m.lease_lost ? "lease expired" : "trial ended", sweep, m.trial, m.attempt,
              state_name(m.state, TrialState{}), m.exit_code, m.signal, m.points, m.points_dropped,
              name_of(static_cast<Cause>(m.cause)), m.extra, in_quotes(m.reason));
}
void tell(const SweepId& sweep, const core::TrialStateChanged& m) {
  spdlog::info("trial changed sweep={} trial={} state={} reason={}", sweep, m.trial,
               state_name(m.state, TrialState{}), in_quotes(m.reason));
}
void tell(const SweepId& sweep, const core::AttemptSuspected& m) {
  spdlog::warn("attempt suspected sweep={} trial={} attempt={}", sweep, m.trial, m.attempt);
}
void tell(const SweepId& sweep, const core::AttemptHeld& m) {
  spdlog::info("attempt held sweep={} trial={} attempt={} worker={} host={} device={} slot={}",
               sweep, m.trial, m.attempt, in_quotes(m.worker), in_quotes(m.host),
               in_quotes(m.device), m.slot);
}
void tell(const SweepId& sweep, const core::AttemptResumed& m) {
  spdlog::info("attempt resumed sweep={} trial={} attempt={} step={}", sweep, m.trial, m.attempt,
               m.step);
}
void tell(const SweepId& sweep, const core::CheckpointSaved& m) {
  spdlog::info("checkpoint saved sweep={} trial={} attempt={} step={} path={}", sweep, m.trial,
               m.attempt, m.step, in_quotes(m.path));
}
void tell(const SweepId& sweep, const core::WorkerQuarantined& m) {
  spdlog::warn("worker {} sweep={} worker={} host={} reason={}",
               m.lifted ? "released" : "quarantined", sweep, in_quotes(m.worker), in_quotes(m.host),
               in_quotes(m.reason));
}
void tell(const SweepId& sweep, const core::RulesChanged& m) {
  spdlog::info("decided by other rules from here on sweep={} rules={}", sweep, m.rules);
}
void tell(const SweepId& sweep, const core::SweepEdited& m) {
  spdlog::info("sweep edited sweep={} file={}", sweep, in_quotes(m.file_name));
}
void tell(const SweepId& sweep, const core::TrialRemoved& m) {
  spdlog::info("points of a trial removed sweep={} trial={} reports={}", sweep, m.trial, m.reports);
}
void tell(const SweepId& sweep, const core::SweepRemoved& m) {
  spdlog::info("sweep removed sweep={} name={} entries={}", sweep, in_quotes(m.name), m.entries);
}
void tell(const SweepId& sweep, const core::Noticed& m) {
  spdlog::warn("notice sweep={} text={}", sweep, in_quotes(m.text));
}

}  // namespace

void log_events(std::span<const core::Event> events) {
  if (!spdlog::should_log(spdlog::level::warn)) return;
  for (const core::Event& event : events) {
    std::visit([&event](const auto& body) { tell(event.sweep, body); }, event.body);
  }
}

}  // namespace scopa::server
