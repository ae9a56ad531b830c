#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/wire/messages.h"

/// The JSON that commands print with --json. Values are JSON texts, put together by these.
namespace scopa::cli {

/// Raised when a field changes its meaning or goes away; new fields do not raise it.
inline constexpr int kJsonSchemaVersion = 1;

using JsonFields = std::vector<std::pair<std::string, std::string>>;

std::string json_text(std::string_view text);
/// NaN and the infinities become texts.
std::string json_number(double value);
std::string json_object(const JsonFields& fields);
std::string json_array(const std::vector<std::string>& items);
/// "2026-01-31T12:00:00.000Z" as a string; null for 0, which is no time.
std::string time_or_null(std::int64_t unix_us);
/// The texts as an array of strings.
std::string json_texts(const std::vector<std::string>& texts);
/// An object with "schema_version" first, and a line break.
std::string json_document(JsonFields fields);

std::string json_of(const wire::SweepInfo& sweep);
std::string json_of(const wire::TrialInfo& trial, std::int64_t now_us);
/// The fields of that.
JsonFields trial_fields(const wire::TrialInfo& trial, std::int64_t now_us);

}  // namespace scopa::cli
