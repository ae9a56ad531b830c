#include "broker/store/verify.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "broker/core/core.h"
#include "broker/core/log_check.h"
#include "broker/store/keys.h"
#include "broker/store/rocks_engine.h"
#include "broker/store/schema.h"
#include "sdk/base/text.h"
#include "sdk/wire/points.h"

namespace scopa::store {
namespace {

constexpr std::uint64_t kProgressEvery = 10'000;

bool is_sweep_id(std::string_view id) {
  return id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz") == std::string_view::npos;
}

class Verifier {
 public:
  Verifier(const Engine& engine, const VerifyProgress& progress)
      : progress_(progress),
        engine_(engine),
        events_(engine.cursor(kEvents, Engine::Scan::kWhole)),
        series_(engine.cursor(kSeries, Engine::Scan::kWhole)),
        offsets_(engine.cursor(kProgress, Engine::Scan::kWhole)) {}

  Result<Verified> run() {
    SCOPA_RETURN_IF_ERROR(check_meta());
    for (Cursor* each : {events_.get(), series_.get(), offsets_.get()}) each->seek_first();
    while (const auto sweep = next_sweep()) SCOPA_RETURN_IF_ERROR(check_sweep(*sweep));
    for (Cursor* each : {events_.get(), series_.get(), offsets_.get()}) {
      SCOPA_RETURN_IF_ERROR(each->status());
    }
    check_numbers();
    return std::move(found_);
  }

 private:
  void wrong(Family family, std::string key, std::string text) {
    ++found_.problem_count;
    if (found_.problems.size() < limits::kStoreProblemsMax) {
      found_.problems.push_back({kFamilyNames[family], std::move(key), std::move(text)});
    }
  }
  void read_one() {
    if (++entries_ % kProgressEvery == 0 && progress_) progress_(entries_);
  }

  Status check_meta();
  /// The least sweep that any family goes on with; keys of a wrong length are left behind.
  std::optional<SweepId> next_sweep();
  void skip_malformed(Cursor& cursor, Family family, std::size_t key_bytes);
  Status check_sweep(const SweepId& sweep);
  void read_events(const SweepId& sweep, core::LogCheck* check);
  void read_reports(const SweepId& sweep, core::LogCheck* check);
  void read_offsets(const SweepId& sweep, const core::LogCheck& check);
  Status replay(const SweepId& sweep, const core::LogCheck& check);
  Status replay_into(const SweepId& sweep, core::Core* core) const;
  void check_numbers();

  const VerifyProgress& progress_;
  const Engine& engine_;
  const std::unique_ptr<Cursor> events_, series_, offsets_;
  Verified found_;
  std::uint64_t entries_ = 0;
  std::vector<std::uint64_t> numbers_;
  std::uint64_t removed_ = 0;  // numbers that went with what was removed
};

Status Verifier::check_meta() {
  const auto number = [&](const char* key) -> Result<std::uint64_t> {
    SCOPA_ASSIGN_OR_RETURN(const std::optional<std::string> text, engine_.get(kMeta, key));
    std::uint64_t value = 0;
    const char* end = text ? text->data() + text->size() : nullptr;
    if (!text || std::from_chars(text->data(), end, value).ptr != end || text->empty()) {
      wrong(kMeta, key, text ? "is no number: `" + printable(*text, 40) + "`" : "is not there");
    }
    return value;
  };
  SCOPA_ASSIGN_OR_RETURN(found_.schema, number("schema"));
  SCOPA_RETURN_IF_ERROR(number("created_us").status());
  SCOPA_ASSIGN_OR_RETURN(const std::optional<std::string> software, engine_.get(kMeta, "software"));
  found_.software = software.value_or("");
  if (found_.software.empty()) wrong(kMeta, "software", "is not there");
  return Status::ok();
}

void Verifier::skip_malformed(Cursor& cursor, Family family, std::size_t key_bytes) {
  for (; cursor.valid() && cursor.key().size() != key_bytes; cursor.next()) {
    wrong(family, hex(cursor.key()), "the key has a wrong length");
    read_one();
  }
}

std::optional<SweepId> Verifier::next_sweep() {
  skip_malformed(*events_, kEvents, kEventKeyBytes);
  skip_malformed(*series_, kSeries, kSeriesKeyBytes);
  skip_malformed(*offsets_, kProgress, kAttemptKeyBytes);
  std::optional<SweepId> least;
  for (const Cursor* each : {events_.get(), series_.get(), offsets_.get()}) {
    if (!each->valid()) continue;
    SweepId id(each->key().substr(0, kSweepBytes));
    if (!least || id < *least) least = std::move(id);
  }
  return least;
}

Status Verifier::check_sweep(const SweepId& sweep) {
  const std::uint64_t problems = found_.problem_count;
  if (!is_sweep_id(sweep)) wrong(kEvents, hex(sweep), "is no sweep's id");
  // What a problem is told of: the key at which the cursor stands.
  Cursor* at = events_.get();
  Family family = kEvents;
  core::LogCheck check([&](std::uint64_t seq, std::string problem) {
    const bool is_whole = seq == 0 || !at->valid();
    wrong(family, is_whole ? sweep : hex(at->key()),
          sweep + (seq == 0 ? "" : ", entry " + std::to_string(seq)) + ": " + std::move(problem));
  });
  read_events(sweep, &check);
  SCOPA_RETURN_IF_ERROR(events_->status());
  at = series_.get();
  family = kSeries;
  read_reports(sweep, &check);
  SCOPA_RETURN_IF_ERROR(series_->status());
  family = kEvents;
  check.finish();
  read_offsets(sweep, check);
  SCOPA_RETURN_IF_ERROR(offsets_->status());
  // The state's own code may trust a log that is in order, and no other.
  ++(check.is_removed() ? found_.removed : found_.sweeps);
  removed_ += check.removed_entries();
  return found_.problem_count == problems ? replay(sweep, check) : Status::ok();
}

void Verifier::read_events(const SweepId& sweep, core::LogCheck* check) {
  for (; events_->valid() && events_->key().starts_with(sweep); events_->next()) {
    read_one();
    const auto key = parse_event_key(events_->key());
    if (!key) {
      wrong(kEvents, hex(events_->key()), "the key has a wrong length");
      continue;
    }
    ++found_.events;
    numbers_.push_back(key->seq);
    const auto event = core::decode_event(sweep, key->seq, events_->value());
    if (!event) {
      wrong(kEvents, hex(events_->key()), event.status().message());
      continue;
    }
    check->add(*event);
  }
}

void Verifier::read_reports(const SweepId& sweep, core::LogCheck* check) {
  for (; series_->valid() && series_->key().starts_with(sweep); series_->next()) {
    read_one();
    const auto key = parse_series_key(series_->key());
    const auto header = parse_series_header(series_->value());
    if (!key || !header) {
      wrong(kSeries, hex(series_->key()), "key or value has a wrong length");
      continue;
    }
    ++found_.reports;
    numbers_.push_back(header->seq);
    const auto view = wire::PointsView::parse(series_->value().substr(kSeriesHeaderBytes));
    if (!view) {
      wrong(kSeries, hex(series_->key()), "the block of points: " + view.status().message());
    }
    const std::uint64_t points = view ? view->size() : 0;
    found_.points += points;
    check->add({.seq = header->seq,
                .trial = key->attempt.trial,
                .attempt = key->attempt.attempt,
                .from = key->from,
                .to = header->to,
                .points = points});
  }
}

void Verifier::read_offsets(const SweepId& sweep, const core::LogCheck& check) {
  std::set<core::LogCheck::AttemptName> seen;
  for (; offsets_->valid() && offsets_->key().starts_with(sweep); offsets_->next()) {
    read_one();
    const std::string_view key = offsets_->key();
    if (key.size() != kAttemptKeyBytes || offsets_->value().size() != sizeof(std::uint64_t)) {
      wrong(kProgress, hex(key), "key or value has a wrong length");
      continue;
    }
    const core::LogCheck::AttemptName name{load_u64(key.data() + kSweepBytes),
                                           load_u32(key.data() + kSweepBytes + 8)};
    seen.insert(name);
    const std::uint64_t offset = load_u64(offsets_->value().data());
    const auto reached = check.reached().find(name);
    const std::uint64_t stored = reached == check.reached().end() ? 0 : reached->second;
    if (offset == stored) continue;
    wrong(kProgress, hex(key),
          sweep + ": attempt " + std::to_string(name.attempt) + " of trial " +
              std::to_string(name.trial) + " has progress " + std::to_string(offset) +
              ", its points end at " + std::to_string(stored));
  }
  for (const auto& [name, stored] : check.reached()) {
    if (seen.contains(name)) continue;
    wrong(kProgress, sweep,
          sweep + ": attempt " + std::to_string(name.attempt) + " of trial " +
              std::to_string(name.trial) + " has no progress, its points end at " +
              std::to_string(stored));
  }
}

Status Verifier::replay_into(const SweepId& sweep, core::Core* core) const {
  const auto events = engine_.cursor(kEvents, Engine::Scan::kSome);
  for (events->seek(sweep); events->valid() && events->key().starts_with(sweep); events->next()) {
    SCOPA_ASSIGN_OR_RETURN(
        const core::Event event,
        core::decode_event(sweep, parse_event_key(events->key())->seq, events->value()));
    SCOPA_RETURN_IF_ERROR(core->replay(event));
  }
  const auto series = engine_.cursor(kSeries, Engine::Scan::kSome);
  for (series->seek(sweep); series->valid() && series->key().starts_with(sweep); series->next()) {
    const auto key = parse_series_key(series->key());
    const auto header = parse_series_header(series->value());
    SCOPA_ASSIGN_OR_RETURN(const wire::PointsView view,
                           wire::PointsView::parse(series->value().substr(kSeriesHeaderBytes)));
    SCOPA_RETURN_IF_ERROR(
        core->replay_points(key->attempt, header->seq, key->from, header->to, view));
  }
  return Status::ok();
}

// The state that a broker would start with, and whether it counts what the log says.
Status Verifier::replay(const SweepId& sweep, const core::LogCheck& check) {
  if (check.is_removed()) return Status::ok();
  core::Core core({.broker_id = "verify"});
  if (const Status replayed = replay_into(sweep, &core); !replayed) {
    wrong(kEvents, sweep, "the state cannot be rebuilt: " + replayed.message());
    return Status::ok();
  }
  const auto info = core.sweep_info(sweep);
  if (!info) return info.status();
  const wire::StateCounts& c = info->counts;
  const std::vector<std::uint64_t> counts = {c.queued, c.running,   c.completed, c.pruned,
                                             c.failed, c.cancelled, c.diverged};
  found_.trials += c.total();
  found_.attempts += check.attempts();
  if (counts == check.counts()) return Status::ok();
  wrong(kEvents, sweep, sweep + ": the rebuilt state counts its trials otherwise than the log");
  return Status::ok();
}

// One counter numbers all events and reports, and what fails to be written gives its numbers back.
// What was removed took so many numbers with it; which, nothing tells.
void Verifier::check_numbers() {
  std::sort(numbers_.begin(), numbers_.end());
  std::uint64_t expected = 1, missing = 0;
  std::vector<std::string> gaps;
  for (const std::uint64_t number : numbers_) {
    if (number < expected) {
      wrong(kEvents, "", "number " + std::to_string(number) + " is there twice");
      continue;
    }
    if (number > expected) {
      missing += number - expected;
      if (gaps.size() < limits::kStoreProblemsMax) {
        gaps.push_back(number - expected == 1 ? "number " + std::to_string(expected) + " is missing"
                                              : "numbers " + std::to_string(expected) + " to " +
                                                    std::to_string(number - 1) + " are missing");
      }
    }
    expected = number + 1;
    if (number == UINT64_MAX) break;
  }
  found_.last_seq = numbers_.empty() ? 0 : numbers_.back();
  if (missing == removed_) return;
  if (removed_ == 0) {
    for (std::string& gap : gaps) wrong(kEvents, "", std::move(gap));
    return;
  }
  wrong(kEvents, "",
        std::to_string(missing) + " numbers are missing, and " + std::to_string(removed_) +
            " went with what was removed");
}

}  // namespace

Result<Verified> verify(const Engine& engine, const VerifyProgress& progress) {
  return Verifier(engine, progress).run();
}

Result<Verified> verify_folder(const std::string& folder, const VerifyProgress& progress) {
  SCOPA_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                         RocksEngine::open({.folder = folder, .read_only = true}));
  if (const Status known = check_schema(engine.get(), 0); !known) {
    return known.with_prefix("the store in `" + folder + "`");
  }
  return verify(*engine, progress);
}

}  // namespace scopa::store
