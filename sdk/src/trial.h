#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "scopa/scopa.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"
#include "sdk/journal/writer.h"
#include "sdk/src/given_params.h"
#include "sdk/src/metric_table.h"

/// What is behind the C interface's handle. Thread-safe; scopa.h says what each function means.
///
/// It is in one of four conditions: attached to a worker's journal; told, where a worker started
/// the trial and its journal cannot be seen, but the environment tells what it is; standalone, with
/// a journal of its own from the first point on; or broken, with nothing. Points of a trial without
/// a journal are counted and dropped.
struct scopa_trial {  // NOLINT(readability-identifier-naming): a C name
 public:
  static std::unique_ptr<scopa_trial> current(int argc, char** argv);
  static std::unique_ptr<scopa_trial> open(const char* folder);
  scopa_trial(const scopa_trial&) = delete;
  scopa_trial& operator=(const scopa_trial&) = delete;

  double param(std::string_view name, double fallback) const;
  std::int64_t param(std::string_view name, std::int64_t fallback) const;
  bool param(std::string_view name, bool fallback) const;
  /// The text that was given, or null.
  const std::string* text_param(std::string_view name, const char* fallback) const;
  bool has_param(std::string_view name) const;
  const std::string& params_json() const;

  /// The same, and nothing counts as asked for.
  const std::string& peek_params() const { return params_json_; }

  scopa_metric* metric(std::string_view name);
  [[gnu::always_inline]] void log(scopa_metric& metric, std::int64_t step, double value,
                                  std::int64_t time_us) noexcept {
    scopa::journal::Writer* writer = writer_.load(std::memory_order_acquire);
    const std::uint32_t id = metric.id.load(std::memory_order_relaxed);
    if (writer != nullptr && id < scopa_metric::kIdsEnd) [[likely]] {
      writer->log(id, step, value, time_us);
    } else {
      log_slowly(metric, step, value, time_us);
    }
  }
  std::uint64_t dropped() const;
  void finish();

  std::uint32_t stop_reason() const {
    auto* const writer = worker_journal_;
    return writer == nullptr ? 0 : writer->stop_reason();
  }
  bool take_checkpoint_request();
  void checkpoint_saved(std::int64_t step);
  std::int64_t resume_step();
  void start_over();

  const std::string& checkpoint_path() const { return checkpoint_path_; }
  const std::string& id() const { return id_; }
  const std::string& folder() const { return folder_; }
  const std::string& goal() const { return goal_; }
  std::uint64_t number() const { return number_; }
  std::uint32_t attempt() const { return attempt_; }
  std::uint64_t seed() const { return seed_; }
  bool standalone() const { return worker_journal_ == nullptr && !told_ && ok_; }
  bool ok() const { return ok_; }
  int rank() const { return rank_; }
  const char* error() const;
  ~scopa_trial();

 private:
  scopa_trial() : metrics_(this) {}

  void attach(const std::string& folder, bool by_environment, int argc, char** argv);
  void be(const scopa::journal::TrialHeader& header, int argc, char** argv);
  void be_broken(const std::string& why, int argc, char** argv);
  void use(std::unique_ptr<scopa::journal::Writer> journal);
  void stand_alone(int argc, char** argv);
  void log_slowly(scopa_metric& metric, std::int64_t step, double value,
                  std::int64_t time_us) noexcept;
  scopa::journal::Writer* standalone_writer();
  scopa::Result<std::unique_ptr<scopa::journal::Writer>> make_own_journal() const;
  void resolve(scopa_metric& metric, scopa::journal::Writer& writer);
  void count_drop(scopa::journal::Drop reason);
  void note_use(std::string_view name, const scopa::sdk::Given* given) const;
  void note_unreadable(const scopa::sdk::Given& given, const char* wanted) const;
  void note_inexact(const scopa::sdk::Given& given, const std::string& as) const;
  void note_drops() const;
  void note_error(std::string text) const;
  template <class Read, class T>
  T read_param(std::string_view name, T fallback, Read read, const char* wanted) const;
  void record(std::string_view name, scopa::Value value) const;

  // Where points go now: null before a standalone trial's first point, and after the end.
  std::atomic<scopa::journal::Writer*> writer_{nullptr};
  scopa::journal::Writer* worker_journal_ = nullptr;
  scopa::sdk::MetricTable metrics_;

  scopa::sdk::GivenParams given_;
  std::string params_json_ = "{}";
  std::string id_ = "standalone";
  std::string folder_ = ".";
  std::string checkpoint_path_ = "checkpoint";
  std::atomic<std::int64_t> resume_step_{-1};
  std::mutex checkpoint_mutex_;  // for the writer of notes
  std::string goal_;
  std::uint64_t number_ = 0;
  std::uint32_t attempt_ = 0;
  std::uint64_t seed_ = 0;
  int rank_ = 0;
  bool ok_ = true;          // false: nobody knows what the parameters are
  bool told_ = false;       // by the environment, without a journal
  bool logs_ = true;        // false in the ranks that do not
  bool makes_own_ = false;  // a standalone trial's journal, at its first point

  std::atomic<bool> finished_{false};
  std::atomic<std::uint32_t> checkpoints_seen_{0};
  std::atomic<std::uint64_t> dropped_here_{0};  // where there is no journal to count them
  mutable std::atomic<const std::string*> error_{nullptr};

  std::atomic<scopa::journal::Writer*> opened_{nullptr};  // the journal, once there is one
  std::atomic<bool> own_failed_{false};
  std::string own_folder_;

  mutable std::mutex own_mutex_;  // guards what follows
  std::unique_ptr<scopa::journal::Writer> journal_;
  mutable scopa::Params asked_;  // what a standalone trial was run with
};
