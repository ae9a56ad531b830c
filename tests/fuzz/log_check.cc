// A sweep's log as `scopa replay` and `scopa explain` take it from whoever answers.
#include "tests/fuzz/log_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "broker/core/explain.h"
#include "broker/core/replay.h"

namespace scopa::fuzz {
namespace {

constexpr std::uint64_t kExplainedMax = 3;

std::string check(const SweepId& sweep, const std::vector<store::LogItem>& items) {
  core::Replay replay(sweep);
  core::Explain explain(sweep);
  for (const store::LogItem& item : items) {
    std::visit([&](const auto& each) { replay.add(each); }, item);
    std::visit([&](const auto& each) { explain.add(each); }, item);
  }
  const auto outcome = replay.run();
  if (!outcome) return outcome.status().message().empty() ? "refused without a reason" : "";
  if (outcome->mismatches.size() > outcome->differ) return "more mismatches than there are";
  for (std::uint64_t trial = 0; trial <= std::min(outcome->trials, kExplainedMax); ++trial) {
    const auto told = explain.run(trial);
    if (told.is_ok() != (trial < outcome->trials)) return "a trial that replays is not explained";
    // What one finds of a trial, the other finds as well.
    if (!told || outcome->differ > outcome->mismatches.size()) continue;
    std::size_t own = 0;
    for (const auto& each : outcome->mismatches) {
      own += each.what != core::Replay::What::kEnd && each.trial == trial ? 1 : 0;
    }
    if (own != told->mismatches.size()) return "replay and explain do not agree";
  }
  return {};
}

}  // namespace

std::string check_replay(const store::Store& store, const SweepId& sweep) {
  std::vector<store::LogItem> items;
  store::Store::LogPage page;
  do {
    const std::string cursor = page.cursor;
    if (!store.read_log(sweep, cursor, std::size_t{1} << 16, &page)) return {};
    for (std::size_t i = 0; i < page.keys.size(); ++i) {
      auto item = store::decode_log_item(sweep, page.keys[i], page.values[i]);
      if (!item) return item.status().message().empty() ? "refused without a reason" : "";
      items.push_back(std::move(*item));
    }
  } while (!page.cursor.empty());
  return check(sweep, items);
}

}  // namespace scopa::fuzz
