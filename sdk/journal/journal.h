#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/ids.h"
#include "sdk/base/point_block.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::journal {

/// What a trial is told at its start.
struct TrialHeader {
  SweepId sweep;
  std::string sweep_name;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint64_t seed = 0;
  std::string metric;  ///< the goal metric's name
  std::string folder;  ///< of the trial: the place for output
  Params params;
  std::string checkpoint;         ///< path of the trial's checkpoint; empty: nobody keeps one
  std::int64_t resume_step = -1;  ///< that the checkpoint there holds; -1: start at the beginning
};

/// A checkpoint that the trainer has saved at TrialHeader::checkpoint.
struct SavedCheckpoint {
  std::int64_t step = 0;      ///< the last one that it holds
  std::uint64_t records = 0;  ///< that were logged before it was noted
};

/// How a trainer with the SDK uses its parameters, as far as it has noted it.
struct ParamUse {
  std::vector<std::string> unread;  ///< of the trial header; none where it asked for none by name
  std::vector<std::string> asked;   ///< names that it asked for and that are none
  std::vector<std::string> errors;  ///< values that could not be read as what they were asked for
};

/// The trial journal from the worker's side: it creates the folder of mmap'd files, reads what the
/// trainer publishes, and sets the flags that the trainer reads. sdk/journal/layout.h draws the
/// bytes.
///
/// One thread at a time. Distrusts the other side: a trainer that scribbles over its journal gets
/// an error or loses its own points, never more. One that cuts its files short makes it *damaged*:
/// then nothing more is read from it (bus_guard.h says where even the access in that moment is
/// survived).
class Journal {
 public:
  /// Makes the journal in `folder`, which must not exist yet.
  /// Errors: kResource when there is no room.
  static Result<std::unique_ptr<Journal>> create(const std::string& folder,
                                                 const TrialHeader& header);
  /// Opens one that is there, e.g. a standalone trial's, or after the worker's own restart.
  static Result<std::unique_ptr<Journal>> open(const std::string& folder);
  virtual ~Journal() = default;

  virtual const TrialHeader& header() const = 0;
  virtual const std::string& folder() const = 0;

  /// Appends the published points of at most `records_max` records from record `from` on to `block`
  /// and returns the offset after the last one looked at (== from: nothing new). Stops before a
  /// record that is reserved but not published yet, unless `writers_gone`: then such holes are
  /// skipped.
  virtual std::uint64_t read(std::uint64_t from, std::size_t records_max, bool writers_gone,
                             PointBlock* block) = 0;
  /// Number of records reserved so far, an upper bound of what can be read. One atomic load.
  virtual std::uint64_t reserved() const = 0;
  /// Nobody writes any more. What reserved() says has its last value, which records that nobody can
  /// have made do not count for, and behind the records follow the metrics' last points for which
  /// there had been no room.
  virtual void seal() {}

  /// Writes a point as the trainer would: for programs without the SDK, whose metrics come by the
  /// pipe.
  virtual Status append(const std::string& metric, std::int64_t step, double value,
                        std::int64_t time_us) = 0;

  virtual void set_stop(StopReason reason) = 0;
  virtual void request_checkpoint() = 0;
  /// Whether a trainer with the SDK has opened it.
  virtual bool attached() const = 0;
  /// Whether the trainer has been told of the stop.
  virtual bool stop_seen() const = 0;
  /// The latest checkpoint that the trainer has noted.
  virtual std::optional<SavedCheckpoint> checkpoint() const = 0;
  /// Whether it saves one when it is asked to: it looks for requests, or has saved one already.
  virtual bool saves_checkpoints() const = 0;
  /// The step from which it goes on, TrialHeader::resume_step; -1: it began at the beginning.
  virtual std::int64_t resumed() const = 0;
  /// Whether set_stop() was called, by this worker or one before it.
  virtual bool stopped() const = 0;
  /// With what the process that trains has left, where the SDK was there to note it.
  virtual std::optional<int> exit_code() const = 0;
  /// How many processes have said that training is complete.
  virtual std::uint32_t finished() const = 0;
  /// Points that the trainer could not write, for want of room or of names, or that were lost.
  virtual std::uint64_t dropped() const = 0;
  virtual ParamUse param_use() const { return {}; }
  /// What has happened to its files, for people; empty: they are as they must be. Looks anew.
  virtual std::string damage() { return {}; }
};

/// Removes the files of a journal. Not there is fine.
Status remove(const std::string& folder);

}  // namespace scopa::journal
