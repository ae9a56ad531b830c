#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sdk/base/value.h"
#include "sdk/wire/messages.h"

namespace scopa::analysis {

/// What Scopa itself says of a trial, one row for each field: every table, CSV file and JSON
/// document about trials reads its names and values here.
struct OwnField {
  std::string_view name;
  bool is_number = false;
  bool is_usual = false;  ///< a column of files unless others are asked for
  /// Null where the trial has none.
  Value (*of)(const wire::TrialInfo& trial, std::int64_t now_us) = nullptr;
};

/// In the order of the columns of a file.
std::span<const OwnField> own_fields();
/// The one called so; null where there is none.
const OwnField* find_own_field(std::string_view name);

/// As a JSON token, whole numbers without a point; null for what is missing.
std::string json_token(const Value& value);
/// As a cell of a file: exact, and empty for what is missing.
std::string cell_text(const Value& value);
/// Whether it is a real number that is none.
bool is_nan(const Value& value);

/// Of one field: `cause` as "null" or "\"oom\"".
std::string own_json(std::string_view field, const wire::TrialInfo& trial, std::int64_t now_us);
/// {"acc":{"last":0.5,"last_step":3,"min":...}, ...}
std::string metrics_json(const wire::TrialInfo& trial);

}  // namespace scopa::analysis
