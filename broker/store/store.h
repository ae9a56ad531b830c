#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "broker/core/event.h"
#include "sdk/base/status.h"
#include "sdk/wire/points.h"

namespace scopa::store {

enum class OpenMode : std::uint8_t {
  kReadWrite,  ///< creates it if it is not there; locks it against a second broker
  kReadOnly,   ///< reads what is there, also beside a live broker; commit() is refused
};

enum class Durability : std::uint8_t {
  kPower,    ///< every commit is synced to the disk
  kProcess,  ///< the write-ahead log, without a sync: survives the death of any process
};

/// The sweeps' state on the disk; docs/storage.md describes every key. One thread may call commit()
/// while others read.
///
/// The folder given is Scopa's own (`.scopa`); the database lies in `store/` below it.
class Store {
 public:
  /// Errors: kConflict when another process holds it (names it), kUnsupported when its schema is
  /// newer (says both versions), kCorruption, kResource, kNotFound (read-only and not there).
  static Result<std::unique_ptr<Store>> open(const std::string& folder, OpenMode mode,
                                             Durability durability = Durability::kPower);
  virtual ~Store() = default;

  /// All of it or nothing, durable when it returns. A TrialRemoved takes with it the points that
  /// are stored of the trial, a SweepRemoved all that is stored of the sweep but itself. After a
  /// failure nothing more is written until recover() or until the store is opened again: every
  /// later commit returns the first failure. What was committed before stays readable, and what
  /// failed is not to be seen.
  virtual Status commit(std::span<const core::Event> events,
                        std::span<const core::PointsAppended> points) = 0;

  /// After a failed commit: opens the same folder again, without giving up its lock. With success
  /// commits are taken again; state must be rebuilt from each_event() and each_points() before, as
  /// what had failed may have come back, whole and from now on durable, as after a crash.
  /// Otherwise says why not: the store stays readable where that is possible at all, commits fail
  /// with the same reason, and recover() can be tried again. Costs no more than probe() while the
  /// disk still fails. Nobody else may use the store meanwhile.
  virtual Status recover() = 0;

  /// Whether the folder still is what was opened: kResource when somebody has deleted, moved or
  /// replaced it. Costs a system call or two; from any thread.
  virtual Status look() const { return Status::ok(); }

  /// Whether the disk takes writes now: there is room, and a small file in the folder can be
  /// written and synced. kResource with the place and the remedy. From any thread, also beside
  /// commit().
  virtual Status probe() const = 0;

  /// A consistent copy of all that is committed, as a folder that Store::open takes: in `folder`,
  /// which is not there yet or empty, readable by its owner alone. Complete and synced when it
  /// returns; of one that fails nothing is left. From any thread, beside commit(), not beside
  /// recover(). Errors: kConflict when something is in `folder`, kResource.
  virtual Status backup(const std::string& folder) const = 0;

  /// Gives back the room of what commits have removed of this sweep (TrialRemoved, SweepRemoved),
  /// as far as the disk has the room for doing so. Takes as long as rewriting what lies beside it.
  /// From any thread, beside commit(), not beside recover(); ends soon once `cancelled` is set.
  /// Errors: kResource.
  virtual Status compact(const SweepId& sweep, std::atomic<bool>& cancelled) const = 0;

  /// Every event in order of seq.
  virtual Status each_event(const std::function<Status(const core::Event&)>& visit) const = 0;

  struct StoredPoints {
    std::uint64_t seq = 0;
    wire::AttemptRef attempt;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::string_view block;  ///< valid during the visit
  };
  /// Every block of points, by sweep, trial, attempt and offset.
  virtual Status each_points(const std::function<Status(const StoredPoints&)>& visit) const = 0;
  /// Blocks of one attempt from the one that holds `offset` on, at most `bytes_max` of them.
  /// `next_offset` is 0 when these were the last.
  virtual Status read_points(const wire::AttemptRef& attempt, std::uint64_t offset,
                             std::size_t bytes_max, std::vector<std::string>* blocks,
                             std::uint64_t* next_offset) const = 0;
  struct LogPage {
    std::vector<std::string> keys;    ///< 16 bytes: an event, 28 bytes: a report
    std::vector<std::string> values;  ///< as stored
    std::string cursor;               ///< for the next page; empty: that was all
  };
  /// What is stored of one sweep, as it is stored: its events by seq, then its reports by trial,
  /// attempt and offset; from `cursor` on (empty: from the start), at least one and at most about
  /// `bytes_max` of values. Errors: kInvalidArgument for a cursor that is none of this sweep.
  virtual Status read_log(const SweepId& sweep, std::string_view cursor, std::size_t bytes_max,
                          LogPage* page) const = 0;

  /// Last applied offset of an attempt; 0 when it has none.
  virtual Result<std::uint64_t> progress(const wire::AttemptRef& attempt) const = 0;
};

}  // namespace scopa::store
