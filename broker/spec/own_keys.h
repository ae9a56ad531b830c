#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/spec/reading.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

/// Scopa's own keys of a sweep file, wherever they stand: at the top, or in the block `scopa`.
class OwnKeys {
 public:
  /// Reports what is wrong with the block itself: unknown keys, and those that stand in both
  /// places. Refers to `root` and to the findings, which must outlive it.
  OwnKeys(const Section& root, Findings* findings);

  /// The map that the key stands in; the top where it stands nowhere.
  const Section& section_of(std::string_view key) const;
  const Entry* find(std::string_view key) const { return section_of(key).find(key); }
  /// As diagnostics name it: "retries" or "scopa.retries".
  std::string path_of(std::string_view key) const { return section_of(key).at(key); }

 private:
  const Section& root_;
  std::optional<Section> block_;
};

/// Reads all of them but those that need the parameters (`initial`). `run_cap` must have been read.
void read_own_keys(const Section& root, const OwnKeys& own, SweepSpec* spec, Findings* findings);

}  // namespace scopa::spec
