#include "sdk/base/states.h"

#include <array>
#include <cstddef>

namespace scopa {
namespace {

constexpr std::array<std::string_view, 5> kSweepStates = {"running", "paused", "stopping",
                                                          "finished", "cancelled"};
constexpr std::array<std::string_view, 7> kTrialStates = {
    "queued", "running", "completed", "pruned", "failed", "cancelled", "diverged"};
constexpr std::array<std::string_view, 10> kStopReasons = {
    "none",     "pruned",     "cancelled",  "fenced", "worker exit",
    "diverged", "time limit", "step limit", "budget", "forgotten"};
constexpr std::array<std::string_view, 8> kCauses = {"",           "oom",     "nan",       "crash",
                                                     "user_error", "timeout", "preempted", "node"};

template <std::size_t N, class Enum>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : "unknown";
}

template <class Enum, std::size_t N>
std::optional<Enum> value_in(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(SweepState state) { return name_in(kSweepStates, state); }
std::string_view name_of(TrialState state) { return name_in(kTrialStates, state); }
std::string_view name_of(Goal goal) { return goal == Goal::kMinimize ? "minimize" : "maximize"; }
std::string_view name_of(StopReason reason) { return name_in(kStopReasons, reason); }
std::string_view name_of(Cause cause) { return name_in(kCauses, cause); }
std::optional<SweepState> sweep_state_from(std::string_view name) {
  return value_in<SweepState>(kSweepStates, name);
}
std::optional<TrialState> trial_state_from(std::string_view name) {
  return value_in<TrialState>(kTrialStates, name);
}
std::optional<Cause> cause_from(std::string_view name) {
  return name.empty() ? std::nullopt : value_in<Cause>(kCauses, name);
}

}  // namespace scopa
