#include "sdk/src/metric_table.h"

#include <functional>
#include <memory>

namespace scopa::sdk {

MetricTable::~MetricTable() {
  for (auto& slot : slots_) delete slot.load(std::memory_order_relaxed);
}

scopa_metric* MetricTable::find_or_add(std::string_view name) {
  const std::uint64_t hash = std::hash<std::string_view>{}(name);
  for (std::size_t slot = hash & (kSlots - 1);; slot = (slot + 1) & (kSlots - 1)) {
    scopa_metric* metric = slots_[slot].load(std::memory_order_acquire);
    if (metric == nullptr) return add(name, hash, slot);
    if (metric->hash == hash && metric->name == name) return metric;
  }
}

scopa_metric* MetricTable::add(std::string_view name, std::uint64_t hash, std::size_t slot) {
  if (name.empty() || name.size() > limits::kNameBytesMax ||
      count_.load(std::memory_order_relaxed) >= limits::kJournalMetricsMax) {
    return &refused_;
  }
  auto metric = std::make_unique<scopa_metric>(refused_.trial, name, scopa_metric::kUnresolved);
  metric->hash = hash;
  for (;; slot = (slot + 1) & (kSlots - 1)) {
    scopa_metric* there = nullptr;
    if (slots_[slot].compare_exchange_strong(there, metric.get(), std::memory_order_acq_rel)) {
      count_.fetch_add(1, std::memory_order_relaxed);
      return metric.release();
    }
    if (there->hash == hash && there->name == name) return there;
  }
}

}  // namespace scopa::sdk
