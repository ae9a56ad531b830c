#ifndef SCOPA_SCOPA_HPP_
#define SCOPA_SCOPA_HPP_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "scopa/scopa.h"

namespace scopa {

/// One metric of a trial: the fast way to log. Copies are free; a default-made one ignores what it
/// is given. Thread-safe. Must not be used after its Trial is gone.
class Metric {
 public:
  Metric() = default;
  /// Keeps a point with the time of now. NaN and infinities are facts too, and kept.
  void log(std::int64_t step, double value) const noexcept {
    scopa_metric_log(handle_, step, value);
  }
  explicit operator bool() const noexcept { return handle_ != nullptr; }

 private:
  friend class Trial;
  explicit Metric(scopa_metric* handle) : handle_(handle) {}
  scopa_metric* handle_ = nullptr;
};

/// One trial of a sweep, seen from the program that trains it.
///
/// Thread-safe, but for moving and destroying. No member function throws once the trial is open
/// (texts that are returned by value may run out of memory), and none waits. If worker or broker is
/// slow, gone or was never there, training goes on and points are delivered later.
///
///     auto trial = scopa::Trial::current(argc, argv);
///     const double rate = trial.param("learning_rate", 1e-3);
///     const scopa::Metric loss = trial.metric("loss");
///     for (int epoch = 0; epoch < 10 && !trial.should_stop(); ++epoch) {
///       loss.log(epoch, train(rate));
///     }
class Trial {
 public:
  /// Values as in scopa.h.
  enum class StopReason : int {
    kNone = SCOPA_STOP_NONE,
    kPruned = SCOPA_STOP_PRUNED,
    kCancelled = SCOPA_STOP_CANCELLED,
    kFenced = SCOPA_STOP_FENCED,
    kWorkerExit = SCOPA_STOP_WORKER_EXIT,
    kDiverged = SCOPA_STOP_DIVERGED,
    kTimeLimit = SCOPA_STOP_TIME_LIMIT,
    kStepLimit = SCOPA_STOP_STEP_LIMIT,
    kBudget = SCOPA_STOP_BUDGET,
  };

  /// Joins the trial that the worker started this process for; without one, a standalone trial with
  /// the fallbacks in the code, which the command line may override: `--name=value`,
  /// `--name value`, `name=value`.
  static Trial current(int argc = 0, char** argv = nullptr) noexcept {
    return Trial(scopa_trial_current(argc, argv));
  }
  /// Joins the trial whose journal is in `folder`, whatever the environment says.
  static Trial open(const std::string& folder) noexcept {
    return Trial(scopa_trial_open(folder.c_str()));
  }
  /// Takes over a handle of the C interface.
  static Trial adopt(scopa_trial* handle) noexcept { return Trial(handle); }

  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  Trial(Trial&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Trial& operator=(Trial&& other) noexcept {
    if (this != &other) {
      scopa_trial_close(handle_);
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Trial() { scopa_trial_close(handle_); }

  /// False when a worker started this trial and nothing tells what its parameters are: leave.
  bool ok() const noexcept { return scopa_trial_ok(handle_) != 0; }

  /// The value chosen for `name`; `fallback` where neither the sweep nor the command line says one,
  /// or where what they say cannot be read as the fallback's type (then error() tells). Reals are
  /// rounded and numbers clamped where the fallback is a (smaller) integer; 0.0013 is no integer.
  template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
  T param(std::string_view name, T fallback) const noexcept {
    if constexpr (std::is_same_v<T, bool>) {
      return scopa_trial_param_bool(handle_, name.data(), name.size(), fallback ? 1 : 0) != 0;
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(scopa_trial_param_double(handle_, name.data(), name.size(),
                                                     static_cast<double>(fallback)));
    } else {
      return integer_param<T>(name, fallback);
    }
  }
  std::string param(std::string_view name, const char* fallback) const {
    std::size_t bytes = 0;
    const char* text = scopa_trial_param_text(handle_, name.data(), name.size(), fallback, &bytes);
    return text == nullptr ? std::string() : std::string(text, bytes);
  }
  std::string param(std::string_view name, const std::string& fallback) const {
    std::size_t bytes = 0;
    const char* text = scopa_trial_param_text(handle_, name.data(), name.size(), nullptr, &bytes);
    return text == nullptr ? fallback : std::string(text, bytes);
  }
  std::string param(std::string_view name, std::string_view fallback) const {
    return param(name, std::string(fallback));
  }
  bool has_param(std::string_view name) const noexcept {
    return scopa_trial_has_param(handle_, name.data(), name.size()) != 0;
  }
  /// The trial's configuration as one JSON object; standalone: what the command line says.
  std::string params_json() const { return scopa_trial_params_json(handle_); }

  /// The metric `name`, 1 to 256 bytes. Fetch it once, outside of the loop.
  Metric metric(std::string_view name) noexcept {
    return Metric(scopa_trial_metric(handle_, name.data(), name.size()));
  }
  /// Logs by name; the look-up costs some 10 ns more than Metric::log().
  void log(std::string_view metric, std::int64_t step, double value) noexcept {
    scopa_trial_log(handle_, metric.data(), metric.size(), step, value);
  }
  /// Logs several metrics of one step: `trial.log(epoch, {{"loss", loss}, {"accuracy", hits}});`
  void log(std::int64_t step,
           std::initializer_list<std::pair<std::string_view, double>> values) noexcept {
    constexpr std::size_t kAtOnce = 32;
    scopa_value batch[kAtOnce];
    std::size_t count = 0;
    for (const auto& value : values) {
      batch[count++] = {value.first.data(), value.first.size(), value.second};
      if (count == kAtOnce) {
        scopa_trial_log_values(handle_, step, batch, count);
        count = 0;
      }
    }
    scopa_trial_log_values(handle_, step, batch, count);
  }
  /// Points that could not be kept.
  std::uint64_t dropped() const noexcept { return scopa_trial_dropped(handle_); }

  /// True once the trial should end: save what is wanted and return. One atomic load.
  bool should_stop() const noexcept { return scopa_trial_should_stop(handle_) != 0; }
  StopReason stop_reason() const noexcept {
    return static_cast<StopReason>(scopa_trial_stop_reason(handle_));
  }
  /// True once per request, in each process: save a checkpoint soon, the machine will be taken
  /// away. A trainer that looks for such requests gets a minute to do it.
  ///
  ///     std::int64_t epoch = 0;
  ///     if (trial.resume_step() >= 0) {
  ///       load(trial.checkpoint_path());
  ///       epoch = trial.resume_step() + 1;
  ///     }
  ///     for (; epoch < 100 && !trial.should_stop(); ++epoch) {
  ///       trial.log("loss", epoch, train());
  ///       if (epoch % 10 == 9 || trial.checkpoint_requested()) {
  ///         save(trial.checkpoint_path());
  ///         trial.checkpoint_saved(epoch);
  ///       }
  ///     }
  bool checkpoint_requested() noexcept { return scopa_trial_checkpoint_requested(handle_) != 0; }
  /// Where this trial's checkpoint is read and written: a file or a folder of your own making; the
  /// folder that it is in is there. Write beside it and rename.
  std::string checkpoint_path() const { return scopa_trial_checkpoint_path(handle_); }
  /// Says that the checkpoint is saved and holds everything up to `step`, 0 or more. Call it after
  /// all points up to that step, and before those after it.
  void checkpoint_saved(std::int64_t step) noexcept { scopa_trial_checkpoint_saved(handle_, step); }
  /// The step up to which the checkpoint holds everything: go on after it, or -1: there is none,
  /// start from the beginning. Whoever asks and gets a step goes on from it, unless it says
  /// start_over().
  std::int64_t resume_step() const noexcept { return scopa_trial_resume_step(handle_); }
  /// The checkpoint cannot be used and this attempt starts from the beginning. Before the first
  /// point.
  void start_over() noexcept { scopa_trial_start_over(handle_); }
  /// Says that training is complete. Points logged later are dropped and counted.
  void finish() noexcept { scopa_trial_finish(handle_); }

  /// "k3v9q2ha/17", or "standalone".
  std::string id() const { return scopa_trial_id(handle_); }
  std::uint64_t number() const noexcept { return scopa_trial_number(handle_); }
  std::uint32_t attempt() const noexcept { return scopa_trial_attempt(handle_); }
  std::uint64_t seed() const noexcept { return scopa_trial_seed(handle_); }
  /// The trial's own folder for checkpoints and output.
  std::string folder() const { return scopa_trial_folder(handle_); }
  /// The goal metric's name; empty in a standalone trial.
  std::string goal() const { return scopa_trial_goal(handle_); }
  bool standalone() const noexcept { return scopa_trial_standalone(handle_) != 0; }
  int rank() const noexcept { return scopa_trial_rank(handle_); }
  /// The first thing that went wrong, one sentence; empty when nothing did.
  std::string error() const { return scopa_trial_error(handle_); }

  /// For calls of the C interface; stays owned by this object.
  scopa_trial* handle() const noexcept { return handle_; }

 private:
  explicit Trial(scopa_trial* handle) noexcept : handle_(handle) {}

  template <class T>
  T integer_param(std::string_view name, T fallback) const noexcept {
    constexpr auto kLowest = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    constexpr auto kHighest = std::numeric_limits<T>::max() > static_cast<std::uint64_t>(INT64_MAX)
                                  ? INT64_MAX
                                  : static_cast<std::int64_t>(std::numeric_limits<T>::max());
    if (!has_param(name)) {  // A fallback above INT64_MAX must come back as it is.
      scopa_trial_param_int(handle_, name.data(), name.size(), static_cast<std::int64_t>(fallback));
      return fallback;
    }
    const std::int64_t value = scopa_trial_param_int(handle_, name.data(), name.size(),
                                                     static_cast<std::int64_t>(fallback));
    return static_cast<T>(value < kLowest ? kLowest : (value > kHighest ? kHighest : value));
  }

  scopa_trial* handle_ = nullptr;
};

}  // namespace scopa

#endif  // SCOPA_SCOPA_HPP_
