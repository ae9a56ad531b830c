#include "worker/trial_environment.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "sdk/base/environment.h"
#include "sdk/base/value.h"

namespace scopa::worker {

namespace {

/// The kernel refuses to start a program with a variable of 128 KiB or more.
constexpr std::size_t kVariableBytesMax = 120 << 10;

class Variables {
 public:
  explicit Variables(const std::vector<std::string>& base) : all_(base) {}

  void unset(std::string_view name) {
    std::erase_if(all_, [&](const std::string& v) { return is_named(v, name); });
  }
  void set(std::string_view name, const std::string& value) {
    unset(name);
    all_.push_back(std::string(name) + "=" + value);
  }
  void set_default(std::string_view name, const std::string& value) {
    const bool is_set = std::any_of(all_.begin(), all_.end(),
                                    [&](const std::string& v) { return is_named(v, name); });
    if (!is_set) all_.push_back(std::string(name) + "=" + value);
  }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  static bool is_named(const std::string& variable, std::string_view name) {
    return variable.size() > name.size() && variable[name.size()] == '=' &&
           variable.compare(0, name.size(), name) == 0;
  }
  std::vector<std::string> all_;
};

}  // namespace

std::vector<std::string> trial_environment(const std::vector<std::string>& base,
                                           const wire::Assign& assign, const SlotDevice& slot,
                                           const TrialPlaces& places, std::uint32_t threads) {
  Variables v(base);
  for (const char* rank : environment::kRanks) v.unset(rank);
  for (const char* key : {environment::kKey, environment::kServerKey}) v.unset(key);
  v.set(environment::kJournal, places.journal);
  v.set("SCOPA_METRICS", places.metrics);
  v.set(environment::kFolder, places.folder);
  v.set(environment::kSweep, assign.sweep);
  v.set(environment::kTrial, std::to_string(assign.trial));
  v.set(environment::kAttempt, std::to_string(assign.attempt));
  v.set(environment::kSeed, std::to_string(assign.seed));
  v.set(environment::kGoal, assign.metric);
  v.set(environment::kCheckpoint, places.checkpoint);
  v.set(environment::kResumeStep, std::to_string(places.resume_step));
  v.set("SCOPA_REPLICATE", std::to_string(assign.replicate));
  const std::string params = to_json(assign.params);
  v.unset(environment::kParams);
  if (params.size() <= kVariableBytesMax) v.set(environment::kParams, params);
  if (slot.cuda_visible) v.set("CUDA_VISIBLE_DEVICES", *slot.cuda_visible);
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}) {
    v.set_default(name, std::to_string(std::max(threads, 1U)));
  }
  return v.take();
}

}  // namespace scopa::worker
