// The bytes are keys and values:
//
//     u8   family, modulo 4: 0 events, 1 series, 2 progress, 3 meta
//     u8   length of the key
//     u16  length of the value
//     key, value
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/store/log_store.h"
#include "sdk/wire/points.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/log_check.h"
#include "tests/support/memory_engine.h"

namespace scopa::fuzz {
namespace {

constexpr std::size_t kPageBytes = 512;
constexpr int kPagesMax = 100'000;

/// A store that the program has made, then these keys and values beside or instead of its own.
Result<std::unique_ptr<store::Store>> open_store(std::string_view items) {
  const auto disk = std::make_shared<store::MemoryDisk>(7);
  auto engine = store::MemoryEngine::open(disk);
  if (!engine) return engine.status();
  if (auto made = store::LogStore::open(std::move(*engine), store::Durability::kPower, 1); !made) {
    return made.status();
  }
  engine = store::MemoryEngine::open(disk);
  if (!engine) return engine.status();
  auto batch = (*engine)->make_batch();
  for (Input input(items); !input.empty();) {
    const auto family = static_cast<store::Family>(input.number(1) % store::kFamilies);
    const std::size_t key_bytes = input.number(1);
    const std::size_t value_bytes = input.number(2);
    const std::string key(input.text(key_bytes));
    SCOPA_RETURN_IF_ERROR(batch->put(family, key, input.text(value_bytes)));
  }
  SCOPA_RETURN_IF_ERROR((*engine)->write(*batch, true));
  return store::LogStore::open(std::move(*engine), store::Durability::kPower, 1);
}

/// Page by page, as it is asked for over the wire.
std::string check_log(const store::Store& store, const SweepId& sweep) {
  std::string cursor;
  for (int i = 0; i < kPagesMax; ++i) {
    store::Store::LogPage page;
    if (!store.read_log(sweep, cursor, kPageBytes, &page)) return {};
    if (page.keys.size() != page.values.size()) return "keys without values";
    if (page.cursor.empty()) return {};
    cursor = page.cursor;
  }
  return "the pages of a log do not end";
}

std::string check_points(const store::Store& store, const wire::AttemptRef& attempt) {
  (void)store.progress(attempt);
  std::uint64_t offset = 0;
  for (int i = 0; i < kPagesMax; ++i) {
    std::vector<std::string> blocks;
    std::uint64_t next = 0;
    if (!store.read_points(attempt, offset, kPageBytes, &blocks, &next) || next == 0) return {};
    if (next <= offset) return "the pages of points do not go on";
    offset = next;
  }
  return "the pages of points do not end";
}

/// As at the broker's start, with the sweeps and attempts that it met.
Status read_all(const store::Store& store, std::set<SweepId>* sweeps,
                std::set<wire::AttemptRef>* attempts) {
  SCOPA_RETURN_IF_ERROR(store.each_event([&](const core::Event& event) {
    sweeps->insert(event.sweep);
    return Status::ok();
  }));
  return store.each_points([&](const store::Store::StoredPoints& points) {
    attempts->insert(points.attempt);
    return wire::PointsView::parse(points.block).status();
  });
}

}  // namespace

bool is_readable(std::string_view items) {
  const auto store = open_store(items);
  std::set<wire::AttemptRef> attempts;
  std::set<SweepId> sweeps;
  return store && read_all(**store, &sweeps, &attempts) && !sweeps.empty();
}

std::string check_store(std::string_view items) {
  const auto store = open_store(items);
  if (!store) return store.status().message().empty() ? "refused without a reason" : "";
  std::set<wire::AttemptRef> attempts;
  std::set<SweepId> sweeps;
  const Status read = read_all(**store, &sweeps, &attempts);
  if (!read && read.message().empty()) return "refused without a reason";
  for (const SweepId& sweep : sweeps) {
    if (auto why = check_log(**store, sweep); !why.empty()) return why;
    if (auto why = check_replay(**store, sweep); !why.empty()) return why;
  }
  for (const wire::AttemptRef& attempt : attempts) {
    if (auto why = check_points(**store, attempt); !why.empty()) return why;
  }
  return {};
}

}  // namespace scopa::fuzz
