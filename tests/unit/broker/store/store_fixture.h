#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/store/store.h"
#include "tests/support/temp_folder.h"

namespace scopa::store {

inline core::Event noticed(const SweepId& sweep, std::uint64_t seq, std::string text = "hello") {
  return {.seq = seq, .at_us = 1, .sweep = sweep, .body = core::Noticed{.text = std::move(text)}};
}

inline core::PointsAppended report(const wire::AttemptRef& attempt, std::uint64_t seq,
                                   std::uint64_t from, std::uint64_t to, std::string block) {
  return {.seq = seq, .attempt = attempt, .from = from, .to = to, .block = std::move(block)};
}

inline std::unique_ptr<Store> open_store(const std::string& folder,
                                         OpenMode mode = OpenMode::kReadWrite) {
  auto store = Store::open(folder, mode, Durability::kProcess);
  EXPECT_TRUE(store) << store.status().to_string();
  return store ? std::move(*store) : nullptr;
}

inline Status commit_event(Store& store, const core::Event& event) {
  return store.commit(std::span(&event, 1), {});
}
inline Status commit_report(Store& store, const core::PointsAppended& points) {
  return store.commit({}, std::span(&points, 1));
}

inline std::vector<core::Event> events_of(const Store& store) {
  std::vector<core::Event> events;
  const Status status = store.each_event([&events](const core::Event& event) {
    events.push_back(event);
    return Status::ok();
  });
  EXPECT_TRUE(status) << status.to_string();
  return events;
}

struct StoredReport {
  std::uint64_t seq;
  wire::AttemptRef attempt;
  std::uint64_t from, to;
  std::string block;
  bool operator==(const StoredReport&) const = default;
};

inline std::vector<StoredReport> reports_of(const Store& store) {
  std::vector<StoredReport> reports;
  const Status status = store.each_points([&reports](const Store::StoredPoints& p) {
    reports.push_back({p.seq, p.attempt, p.from, p.to, std::string(p.block)});
    return Status::ok();
  });
  EXPECT_TRUE(status) << status.to_string();
  return reports;
}

}  // namespace scopa::store
