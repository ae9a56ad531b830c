#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/base/time.h"
#include "sdk/journal/journal.h"

namespace scopa::worker {

/// The FIFO into which programs without the SDK write their metrics, a JSON object a line
/// (metric_line.h). Each number becomes a point in the journal, named by its path where it is
/// nested.
///
/// The worker holds both ends open, and so does the trainer (kHeldPipe): a trainer's open() never
/// waits, and none gets SIGPIPE, also when the worker dies. A line without `step` gets the step
/// after that of the line before, from 0. Lines that cannot be read are counted, and the first few
/// are explained in the trial's log; they are never fatal. One thread.
class MetricPipe {
 public:
  /// Makes the FIFO `path`. `journal` must outlive the pipe; `log_file` is appended to.
  /// Errors: kResource.
  static Result<std::unique_ptr<MetricPipe>> open(const std::string& path,
                                                  journal::Journal* journal, std::string log_file);
  /// One that is there, whose worker has died. Lines without `step` go on after the last point in
  /// the journal; of a line that the dead worker had read in part the rest is no line.
  /// Errors: kResource.
  static Result<std::unique_ptr<MetricPipe>> adopt(const std::string& path,
                                                   journal::Journal* journal, std::string log_file);
  ~MetricPipe();
  MetricPipe(const MetricPipe&) = delete;
  MetricPipe& operator=(const MetricPipe&) = delete;

  int fd() const { return fd_; }
  /// Reads what is there, about a mebibyte at most; true when there may be more.
  bool drain(Instant wall_clock);
  /// Nobody writes any more: reads all, also a last line without its end.
  void finish(Instant wall_clock);

  std::uint64_t lines() const { return lines_; }
  std::uint64_t malformed() const { return malformed_; }
  std::uint64_t points() const { return points_; }
  std::uint64_t dropped() const { return dropped_; }  ///< numbers that the journal did not take
  /// Lines, and values of lines, that were not taken; what was wrong with the first.
  std::uint64_t left_out() const { return left_out_; }
  const std::string& left_out_why() const { return left_out_why_; }

 private:
  static Result<std::unique_ptr<MetricPipe>> open_made(const std::string& path,
                                                       journal::Journal* journal,
                                                       std::string log_file);
  MetricPipe(int fd, std::string path, journal::Journal* journal, std::string log_file);
  void take(std::string_view bytes, Instant wall_clock);
  void take_line(std::string_view line, Instant wall_clock);
  void complain(const std::string& why, std::string_view line);
  void leave_out(std::uint64_t count, const std::string& why);
  void note(const std::string& text) const;

  int fd_;
  std::string path_;
  journal::Journal* journal_;
  std::string log_file_;
  std::vector<char> buffer_;  // of what is read; nothing rests in it
  std::string rest_;          // the beginning of a line whose end has not come
  bool skipping_ = false;     // a line that is too long, up to its end
  std::int64_t next_step_ = 0;
  std::uint64_t lines_ = 0, malformed_ = 0, points_ = 0, dropped_ = 0, left_out_ = 0;
  std::string left_out_why_;
};

}  // namespace scopa::worker
