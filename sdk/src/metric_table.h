#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/base/limits.h"

struct scopa_trial;

/// A metric as the C interface hands it out. `id` is the journal's, once it is known.
struct scopa_metric {  // NOLINT(readability-identifier-naming): a C name
  static constexpr std::uint32_t kIdsEnd = 0x8000'0000u;
  static constexpr std::uint32_t kUnresolved = 0xFFFF'FFFFu;  // no journal yet
  static constexpr std::uint32_t kRefused = 0xFFFF'FFFEu;     // no name for the journal

  scopa_metric(scopa_trial* owner, std::string_view text, std::uint32_t first_id)
      : trial(owner), id(first_id), name(text) {}

  scopa_trial* const trial;
  std::atomic<std::uint32_t> id;
  std::uint64_t hash = 0;
  const std::string name;
};

namespace scopa::sdk {

/// The metrics of a trial by name. Thread-safe without locks; allocates for a name's first use
/// only. Names that are empty, too long or too many all get one metric that is refused.
class MetricTable {
 public:
  explicit MetricTable(scopa_trial* trial) : refused_(trial, {}, scopa_metric::kRefused) {}
  MetricTable(const MetricTable&) = delete;
  MetricTable& operator=(const MetricTable&) = delete;
  ~MetricTable();

  /// Throws std::bad_alloc.
  scopa_metric* find_or_add(std::string_view name);

 private:
  static constexpr std::size_t kSlots = 2 * limits::kJournalMetricsMax;  // a power of two
  static_assert((kSlots & (kSlots - 1)) == 0);

  scopa_metric* add(std::string_view name, std::uint64_t hash, std::size_t slot);

  scopa_metric refused_;
  std::atomic<std::size_t> count_{0};
  std::array<std::atomic<scopa_metric*>, kSlots> slots_{};
};

}  // namespace scopa::sdk
