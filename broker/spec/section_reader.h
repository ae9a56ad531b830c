#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "broker/spec/key_table.h"
#include "broker/spec/reading.h"

namespace scopa::spec {

/// Reads the keys of one map of the sweep file as the key table has them: type, words and range are
/// the row's. Nothing when the key is absent or wrong; what is wrong is reported. Refers to the
/// section and the findings, which must outlive it.
class SectionReader {
 public:
  SectionReader(KeySection keys, const Section& section, Findings* findings)
      : keys_(keys), section_(section), findings_(findings) {}

  /// The remedy for a key that is unknown here, or "" for the usual one.
  using Remedy = std::function<std::string(const std::string& key)>;
  /// Reports every key that the table has not, and every required one that is missing.
  void check(const Remedy& remedy = {}) const;
  void check_required() const;

  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::string> word(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::chrono::microseconds> duration(std::string_view key) const;

  bool has(std::string_view key) const { return section_.find(key) != nullptr; }
  const Section& section() const { return section_; }

 private:
  const KeyRow& row(std::string_view key) const;
  bool in_range(std::string_view key, double value) const;

  KeySection keys_;
  const Section& section_;
  Findings* findings_;
};

/// "`x` must be 1 or more", for a number outside `range`.
std::string out_of_range(const std::string& path, const Range& range);
bool contains(const Range& range, double value);

}  // namespace scopa::spec
