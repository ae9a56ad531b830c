#include "broker/store/log_store.h"

#include <array>
#include <queue>
#include <utility>

#include "broker/store/backup.h"
#include "broker/store/keys.h"
#include "broker/store/schema.h"

namespace scopa::store {
namespace {

Status corrupt(std::string_view family, std::string_view key, std::string_view problem) {
  return {Code::kCorruption,
          "family " + std::string(family) + ", key " + hex(key) + ": " + std::string(problem),
          "keep a copy of the folder; restore the latest backup"};
}

Status check_sweep(const SweepId& sweep) {
  if (sweep.size() == kSweepBytes) return Status::ok();
  return {Code::kInvalidArgument, "a sweep's id has 8 characters, not `" + sweep + "`"};
}

/// Nobody reads it while all goes well: that it can be read is seen at the start.
Status check_progress(const Engine& engine) {
  const auto offsets = engine.cursor(kProgress, Engine::Scan::kWhole);
  for (offsets->seek_first(); offsets->valid(); offsets->next()) {
    if (offsets->key().size() != kAttemptKeyBytes ||
        offsets->value().size() != sizeof(std::uint64_t)) {
      return corrupt("progress", offsets->key(), "a wrong length");
    }
  }
  return offsets->status();
}

}  // namespace

LogStore::LogStore(std::unique_ptr<Engine> engine, Durability durability)
    : engine_(std::move(engine)), durability_(durability), batch_(engine_->make_batch()) {}

Result<std::unique_ptr<Store>> LogStore::open(std::unique_ptr<Engine> engine, Durability durability,
                                              std::int64_t now_us) {
  SCOPA_RETURN_IF_ERROR(check_schema(engine.get(), now_us));
  if (!engine->read_only()) SCOPA_RETURN_IF_ERROR(check_progress(*engine));
  return std::unique_ptr<Store>(new LogStore(std::move(engine), durability));
}

Status LogStore::commit(std::span<const core::Event> events,
                        std::span<const core::PointsAppended> points) {
  if (engine_->read_only()) {
    return {Code::kInvalidArgument, "the store is open for reading only"};
  }
  batch_->clear();
  SCOPA_RETURN_IF_ERROR(add_events(events));
  SCOPA_RETURN_IF_ERROR(add_points(points));
  SCOPA_RETURN_IF_ERROR(remove_for(events));  // last: also what this very write has brought
  return engine_->write(*batch_, durability_ == Durability::kPower);
}

Status LogStore::recover() { return engine_->reopen(); }

Status LogStore::look() const { return engine_->look(); }

Status LogStore::probe() const { return engine_->probe(); }

Status LogStore::backup(const std::string& folder) const { return copy_store(*engine_, folder); }

Status LogStore::add_events(std::span<const core::Event> events) {
  for (const core::Event& event : events) {
    SCOPA_RETURN_IF_ERROR(check_sweep(event.sweep));
    event_key(event.sweep, event.seq, &key_);
    SCOPA_RETURN_IF_ERROR(batch_->put(kEvents, key_, core::encode_event(event)));
  }
  return Status::ok();
}

Status LogStore::add_points(std::span<const core::PointsAppended> points) {
  // From the last to the first, so that of each attempt the newest progress is written, and only
  // that.
  seen_attempts_.clear();
  for (std::size_t i = points.size(); i-- > 0;) {
    SCOPA_RETURN_IF_ERROR(check_sweep(points[i].attempt.sweep));
    attempt_key(points[i].attempt, &key_);
    if (!seen_attempts_.insert(key_).second) continue;
    value_.clear();
    append_u64(points[i].to, &value_);
    SCOPA_RETURN_IF_ERROR(batch_->put(kProgress, key_, value_));
  }
  for (const core::PointsAppended& report : points) {
    series_key(report.attempt, report.from, &key_);
    value_.clear();
    append_u64(report.seq, &value_);
    append_u64(report.to, &value_);
    const std::array<std::string_view, 2> parts = {value_, report.block};
    SCOPA_RETURN_IF_ERROR(batch_->put(kSeries, key_, parts));
  }
  return Status::ok();
}

Status LogStore::remove_for(std::span<const core::Event> events) {
  for (const core::Event& event : events) {
    KeyRange points;
    if (const auto* removed = std::get_if<core::TrialRemoved>(&event.body)) {
      points = keys_of_trial(event.sweep, removed->trial);
    } else if (std::holds_alternative<core::SweepRemoved>(event.body)) {
      points = keys_of_sweep(event.sweep);
      std::string last;
      event_key(event.sweep, event.seq, &last);
      SCOPA_RETURN_IF_ERROR(batch_->remove_range(kEvents, points.begin, last));
    } else {
      continue;
    }
    for (const Family family : {kSeries, kProgress}) {
      SCOPA_RETURN_IF_ERROR(batch_->remove_range(family, points.begin, points.end));
    }
  }
  return Status::ok();
}

Status LogStore::compact(const SweepId& sweep, std::atomic<bool>& cancelled) const {
  SCOPA_RETURN_IF_ERROR(check_sweep(sweep));
  const KeyRange keys = keys_of_sweep(sweep);
  for (const Family family : {kEvents, kSeries, kProgress}) {
    SCOPA_RETURN_IF_ERROR(engine_->compact(family, keys.begin, keys.end, cancelled));
  }
  // The write-ahead log goes when every family has been written out.
  return engine_->compact(kMeta, "", "\x7f", cancelled);
}

Status LogStore::open_logs(std::vector<CursorPtr>* logs) const {
  const CursorPtr finder = engine_->cursor(kEvents, Engine::Scan::kSome);
  std::string past;
  for (finder->seek_first(); finder->valid(); finder->seek(past)) {
    const auto key = parse_event_key(finder->key());
    if (!key) return corrupt("events", finder->key(), "the key has a wrong length");
    logs->push_back(engine_->cursor(kEvents, Engine::Scan::kSome));
    logs->back()->seek(finder->key());
    if (!logs->back()->valid()) return logs->back()->status();
    event_key(key->sweep, UINT64_MAX, &past);
    past.push_back('\0');  // beyond even the last number that there can be
  }
  return finder->status();
}

Status LogStore::each_event(const std::function<Status(const core::Event&)>& visit) const {
  std::vector<CursorPtr> logs;
  SCOPA_RETURN_IF_ERROR(open_logs(&logs));
  struct Head {
    std::uint64_t seq;
    std::size_t log;
    bool operator>(const Head& other) const { return seq > other.seq; }
  };
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  std::vector<std::string> sweeps;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const std::string_view key = logs[i]->key();
    sweeps.emplace_back(key.substr(0, kSweepBytes));
    heads.push({load_u64(key.data() + kSweepBytes), i});
  }
  while (!heads.empty()) {
    const auto [seq, log] = heads.top();
    heads.pop();
    Cursor& events = *logs[log];
    const auto event = core::decode_event(sweeps[log], seq, events.value());
    if (!event) return event.status();
    SCOPA_RETURN_IF_ERROR(visit(*event));
    events.next();
    if (!events.valid()) {
      SCOPA_RETURN_IF_ERROR(events.status());
      continue;
    }
    const auto key = parse_event_key(events.key());
    if (!key) return corrupt("events", events.key(), "the key has a wrong length");
    if (key->sweep == sweeps[log]) heads.push({key->seq, log});
  }
  return Status::ok();
}

Status LogStore::each_points(const std::function<Status(const StoredPoints&)>& visit) const {
  const CursorPtr series = engine_->cursor(kSeries, Engine::Scan::kWhole);
  for (series->seek_first(); series->valid(); series->next()) {
    const std::string_view value = series->value();
    auto key = parse_series_key(series->key());
    const auto header = parse_series_header(value);
    if (!key || !header) return corrupt("series", series->key(), "a wrong length");
    SCOPA_RETURN_IF_ERROR(visit({.seq = header->seq,
                                 .attempt = std::move(key->attempt),
                                 .from = key->from,
                                 .to = header->to,
                                 .block = value.substr(kSeriesHeaderBytes)}));
  }
  return series->status();
}

Status LogStore::read_points(const wire::AttemptRef& attempt, std::uint64_t offset,
                             std::size_t bytes_max, std::vector<std::string>* blocks,
                             std::uint64_t* next_offset) const {
  SCOPA_RETURN_IF_ERROR(check_sweep(attempt.sweep));
  *next_offset = 0;
  std::string prefix;
  attempt_key(attempt, &prefix);
  std::string start;
  series_key(attempt, offset, &start);
  const CursorPtr series = engine_->cursor(kSeries, Engine::Scan::kSome);
  // The block that holds `offset` begins at it or before it.
  series->seek_for_prev(start);
  if (!series->valid() || !series->key().starts_with(prefix)) series->seek(prefix);
  std::size_t bytes = 0;
  for (; series->valid() && series->key().starts_with(prefix); series->next()) {
    const std::string_view value = series->value();
    const auto key = parse_series_key(series->key());
    const auto header = parse_series_header(value);
    if (!key || !header) return corrupt("series", series->key(), "a wrong length");
    if (header->to <= offset) continue;
    const std::string_view block = value.substr(kSeriesHeaderBytes);
    if (bytes > 0 && bytes + block.size() > bytes_max) {
      *next_offset = key->from;
      return Status::ok();
    }
    bytes += block.size();
    blocks->emplace_back(block);
  }
  return series->status();
}

Result<std::uint64_t> LogStore::progress(const wire::AttemptRef& attempt) const {
  SCOPA_RETURN_IF_ERROR(check_sweep(attempt.sweep));
  std::string key;
  attempt_key(attempt, &key);
  SCOPA_ASSIGN_OR_RETURN(const std::optional<std::string> value, engine_->get(kProgress, key));
  if (!value) return std::uint64_t{0};
  if (value->size() != sizeof(std::uint64_t)) return corrupt("progress", key, "a wrong length");
  return load_u64(value->data());
}

Status LogStore::read_log(const SweepId& sweep, std::string_view cursor, std::size_t bytes_max,
                          LogPage* page) const {
  SCOPA_RETURN_IF_ERROR(check_sweep(sweep));
  const bool is_cursor = cursor.size() == kEventKeyBytes || cursor.size() == kSeriesKeyBytes;
  if (!cursor.empty() && !(is_cursor && cursor.starts_with(sweep))) {
    return {Code::kInvalidArgument, "this is no cursor into the log of sweep `" + sweep + "`",
            "use that of the page before, or none"};
  }
  *page = {};
  std::size_t bytes = 0;
  for (const Family family : {kEvents, kSeries}) {
    // A cursor into the reports is longer than the key of an event.
    if (family == kEvents && cursor.size() == kSeriesKeyBytes) continue;
    const bool begins_here =
        cursor.size() == (family == kEvents ? kEventKeyBytes : kSeriesKeyBytes);
    const CursorPtr log = engine_->cursor(family, Engine::Scan::kSome);
    log->seek(begins_here ? cursor : std::string_view(sweep));
    for (; log->valid() && log->key().starts_with(sweep); log->next()) {
      if (log->key().size() != (family == kEvents ? kEventKeyBytes : kSeriesKeyBytes)) {
        return corrupt(kFamilyNames[family], log->key(), "the key has a wrong length");
      }
      if (bytes > 0 && bytes + log->value().size() > bytes_max) {
        page->cursor = log->key();
        return Status::ok();
      }
      bytes += log->value().size();
      page->keys.emplace_back(log->key());
      page->values.emplace_back(log->value());
    }
    SCOPA_RETURN_IF_ERROR(log->status());
  }
  return Status::ok();
}

}  // namespace scopa::store
