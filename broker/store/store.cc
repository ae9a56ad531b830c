#include "broker/store/store.h"

#include <rocksdb/iterator.h>

#include <array>
#include <queue>
#include <utility>

#include "broker/store/keys.h"
#include "broker/store/rocks_store.h"

namespace scopa::store {
namespace {

constexpr std::size_t kReadAheadBytes = 2 << 20;

Status corrupt(std::string_view family, std::string_view key, std::string_view problem) {
  return {Code::kCorruption,
          "family " + std::string(family) + ", key " + hex(key) + ": " + std::string(problem),
          "keep a copy of the folder; restore the latest backup"};
}

Status check_sweep(const SweepId& sweep) {
  if (sweep.size() == kSweepBytes) return Status::ok();
  return {Code::kInvalidArgument, "a sweep's id has 8 characters, not `" + sweep + "`"};
}

}  // namespace

RocksStore::RocksStore(std::optional<LockFile> lock, Database database, bool read_only,
                       Durability durability)
    : lock_(std::move(lock)),
      database_(std::move(database)),
      read_only_(read_only),
      durability_(durability) {}

Status RocksStore::commit(std::span<const core::Event> events,
                          std::span<const core::PointsAppended> points) {
  if (read_only_) return {Code::kInvalidArgument, "the store is open for reading only"};
  {
    const std::lock_guard guard(mutex_);
    if (!failure_) return failure_;
  }
  batch_.Clear();
  SCOPA_RETURN_IF_ERROR(add_events(events));
  SCOPA_RETURN_IF_ERROR(add_points(points));
  rocksdb::WriteOptions options;
  options.sync = durability_ == Durability::kPower;
  Status written = to_status(database_.db->Write(options, &batch_), "writing to the store");
  if (!written) {
    const std::lock_guard guard(mutex_);
    failure_ = written;
  }
  return written;
}

Status RocksStore::add_events(std::span<const core::Event> events) {
  for (const core::Event& event : events) {
    SCOPA_RETURN_IF_ERROR(check_sweep(event.sweep));
    event_key(event.sweep, event.seq, &key_);
    const rocksdb::Status put =
        batch_.Put(database_.family[kEvents], key_, core::encode_event(event));
    if (!put.ok()) return to_status(put, "adding an event");
  }
  return Status::ok();
}

Status RocksStore::add_points(std::span<const core::PointsAppended> points) {
  // From the last to the first, so that of each attempt the newest progress is written, and only
  // that.
  seen_attempts_.clear();
  for (std::size_t i = points.size(); i-- > 0;) {
    SCOPA_RETURN_IF_ERROR(check_sweep(points[i].attempt.sweep));
    attempt_key(points[i].attempt, &key_);
    if (!seen_attempts_.insert(key_).second) continue;
    value_.clear();
    append_u64(points[i].to, &value_);
    const rocksdb::Status put = batch_.Put(database_.family[kProgress], key_, value_);
    if (!put.ok()) return to_status(put, "adding progress");
  }
  for (const core::PointsAppended& report : points) {
    series_key(report.attempt, report.from, &key_);
    value_.clear();
    append_u64(report.seq, &value_);
    append_u64(report.to, &value_);
    const rocksdb::Slice key = slice(key_);
    const std::array<rocksdb::Slice, 2> parts = {slice(value_), slice(report.block)};
    const rocksdb::Status put =
        batch_.Put(database_.family[kSeries], rocksdb::SliceParts(&key, 1),
                   rocksdb::SliceParts(parts.data(), static_cast<int>(parts.size())));
    if (!put.ok()) return to_status(put, "adding points");
  }
  return Status::ok();
}

RocksStore::IteratorPtr RocksStore::iterate(Family family, bool whole) const {
  rocksdb::ReadOptions options;
  if (whole) {
    options.fill_cache = false;
    options.readahead_size = kReadAheadBytes;
  }
  return IteratorPtr(database_.db->NewIterator(options, database_.family[family]));
}

Status RocksStore::open_logs(std::vector<IteratorPtr>* logs) const {
  const IteratorPtr finder = iterate(kEvents, false);
  std::string past;
  for (finder->SeekToFirst(); finder->Valid(); finder->Seek(past)) {
    const auto key = parse_event_key(view(finder->key()));
    if (!key) return corrupt("events", view(finder->key()), "the key has a wrong length");
    logs->push_back(iterate(kEvents, false));
    logs->back()->Seek(finder->key());
    event_key(key->sweep, UINT64_MAX, &past);
  }
  return to_status(finder->status(), "reading the sweeps");
}

Status RocksStore::each_event(const std::function<Status(const core::Event&)>& visit) const {
  std::vector<IteratorPtr> logs;
  SCOPA_RETURN_IF_ERROR(open_logs(&logs));
  struct Head {
    std::uint64_t seq;
    std::size_t log;
    bool operator>(const Head& other) const { return seq > other.seq; }
  };
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  std::vector<std::string> sweeps;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const std::string_view key = view(logs[i]->key());
    sweeps.emplace_back(key.substr(0, kSweepBytes));
    heads.push({load_u64(key.data() + kSweepBytes), i});
  }
  while (!heads.empty()) {
    const auto [seq, log] = heads.top();
    heads.pop();
    rocksdb::Iterator& events = *logs[log];
    const auto event = core::decode_event(sweeps[log], seq, view(events.value()));
    if (!event) return event.status();
    SCOPA_RETURN_IF_ERROR(visit(*event));
    events.Next();
    if (!events.Valid()) {
      SCOPA_RETURN_IF_ERROR(to_status(events.status(), "reading events"));
      continue;
    }
    const auto key = parse_event_key(view(events.key()));
    if (!key) return corrupt("events", view(events.key()), "the key has a wrong length");
    if (key->sweep == sweeps[log]) heads.push({key->seq, log});
  }
  return Status::ok();
}

Status RocksStore::each_points(const std::function<Status(const StoredPoints&)>& visit) const {
  const IteratorPtr series = iterate(kSeries, true);
  for (series->SeekToFirst(); series->Valid(); series->Next()) {
    const std::string_view value = view(series->value());
    auto key = parse_series_key(view(series->key()));
    const auto header = parse_series_header(value);
    if (!key || !header) return corrupt("series", view(series->key()), "a wrong length");
    SCOPA_RETURN_IF_ERROR(visit({.seq = header->seq,
                                 .attempt = std::move(key->attempt),
                                 .from = key->from,
                                 .to = header->to,
                                 .block = value.substr(kSeriesHeaderBytes)}));
  }
  return to_status(series->status(), "reading points");
}

Status RocksStore::read_points(const wire::AttemptRef& attempt, std::uint64_t offset,
                               std::size_t bytes_max, std::vector<std::string>* blocks,
                               std::uint64_t* next_offset) const {
  SCOPA_RETURN_IF_ERROR(check_sweep(attempt.sweep));
  *next_offset = 0;
  std::string prefix;
  attempt_key(attempt, &prefix);
  std::string start;
  series_key(attempt, offset, &start);
  const IteratorPtr series = iterate(kSeries, false);
  // The block that holds `offset` begins at it or before it.
  series->SeekForPrev(start);
  if (!series->Valid() || !series->key().starts_with(prefix)) series->Seek(prefix);
  std::size_t bytes = 0;
  for (; series->Valid() && series->key().starts_with(prefix); series->Next()) {
    const std::string_view value = view(series->value());
    const auto key = parse_series_key(view(series->key()));
    const auto header = parse_series_header(value);
    if (!key || !header) return corrupt("series", view(series->key()), "a wrong length");
    if (header->to <= offset) continue;
    const std::string_view block = value.substr(kSeriesHeaderBytes);
    if (bytes > 0 && bytes + block.size() > bytes_max) {
      *next_offset = key->from;
      return Status::ok();
    }
    bytes += block.size();
    blocks->emplace_back(block);
  }
  return to_status(series->status(), "reading points");
}

Result<std::uint64_t> RocksStore::progress(const wire::AttemptRef& attempt) const {
  SCOPA_RETURN_IF_ERROR(check_sweep(attempt.sweep));
  std::string key;
  attempt_key(attempt, &key);
  std::string value;
  const rocksdb::Status got =
      database_.db->Get(rocksdb::ReadOptions(), database_.family[kProgress], key, &value);
  if (got.IsNotFound()) return std::uint64_t{0};
  if (!got.ok()) return to_status(got, "reading progress");
  if (value.size() != sizeof(std::uint64_t)) return corrupt("progress", key, "a wrong length");
  return load_u64(value.data());
}

}  // namespace scopa::store
