#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace scopa::core {

/// What was logged of one metric, in short.
struct MetricSummary {
  std::uint32_t metric = 0;  ///< index into Sweep::metrics()
  bool is_whole = false;     ///< later values do not count: it is the goal, and at max_steps
  double last = 0;           ///< finite or not
  std::int64_t last_step = 0;
  std::uint64_t last_at = 0;  ///< its number among the points of its attempt
  double min = 0, max = 0;    ///< of the finite values; 0 while there is none
  std::int64_t min_step = 0, max_step = 0;
  std::uint64_t values = 0;  ///< finite ones

  /// What came after it, of an attempt that went on from this one.
  void follow(const MetricSummary& next);
};

/// Two summaries of an attempt's metrics: of all that it logged, and of what lies up to its latest
/// checkpoint, which is what counts for an attempt that goes on from there. Both come out the same
/// whether checkpoints are told of between the points, as they happen, or before all of them, as in
/// a replay. Only points that lie more than limits::kPointsBeyondMax points before the word of
/// their checkpoint and beyond its step are not taken back.
class AttemptMetrics {
 public:
  struct Point {
    std::uint32_t metric = 0;
    std::int64_t step = 0;
    double value = 0;
  };
  struct Rules {
    bool is_goal = false;         ///< has a place whatever the others take
    bool ends = false;            ///< values of this metric that come later do not count
    bool keeps_beyond = false;    ///< a later checkpoint may still be told of
    bool has_checkpoint = false;  ///< one was
  };
  AttemptMetrics() = default;
  /// Of points that are not there any more.
  explicit AttemptMetrics(std::vector<MetricSummary> all) : all_(std::move(all)) {}

  void add(const Point& point, const Rules& rules);
  /// A checkpoint that holds what was logged up to this step.
  void saved(std::int64_t step);
  /// No checkpoint will be told of any more.
  void over();
  /// Another attempt has the trial: of this one only what was saved can count.
  void followed(bool has_checkpoint);

  const std::vector<MetricSummary>& all() const { return all_; }
  const std::vector<MetricSummary>& up_to_checkpoint() const { return saved_; }

 private:
  struct Beyond {
    std::uint64_t at = 0;
    Point point;
  };
  static void note(std::vector<MetricSummary>* in, const Point& point, std::uint64_t at, bool ends);
  void fold_oldest();

  std::vector<MetricSummary> all_;
  std::vector<MetricSummary> saved_;
  std::vector<Beyond> beyond_;  // in the order of logging
  std::uint64_t points_ = 0;
  std::int64_t saved_step_ = -1;
};

/// Of pieces that follow each other: the next one's metrics after those that are there.
void follow(std::vector<MetricSummary>* metrics, const std::vector<MetricSummary>& next);

}  // namespace scopa::core
