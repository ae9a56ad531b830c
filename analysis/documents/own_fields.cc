#include "analysis/documents/own_fields.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/leaderboard.h"
#include "analysis/numbers.h"
#include "sdk/base/states.h"

namespace scopa::analysis {
namespace {

using T = const wire::TrialInfo&;

Value whole(std::uint64_t number) { return static_cast<std::int64_t>(number); }

Value text_or_none(std::string text) {
  if (text.empty()) return {};
  return text;
}

Value time_of(std::int64_t us) { return text_or_none(iso_time(us)); }

const wire::AttemptInfo* latest(T t) { return t.attempts.empty() ? nullptr : &t.attempts.back(); }

/// Milliseconds are all that a duration is worth.
Value duration(T t, std::int64_t now_us) {
  const auto seconds = duration_s(t, now_us);
  if (!seconds) return {};
  return std::round(*seconds * 1000) / 1000;
}

constexpr std::array<OwnField, 24> kFields = {{
    {"trial", true, true, [](T t, std::int64_t) { return whole(t.trial); }},
    {"state", false, true,
     [](T t, std::int64_t) {
       return text_or_none(std::string(name_of(static_cast<TrialState>(t.state))));
     }},
    {"value", true, true, [](T t, std::int64_t) { return t.has_value ? Value(t.value) : Value(); }},
    {"best", true, true, [](T t, std::int64_t) { return t.has_value ? Value(t.best) : Value(); }},
    {"steps", true, true,
     [](T t, std::int64_t) { return t.values > 0 ? Value(t.last_step) : Value(); }},
    {"duration_s", true, true, duration},
    {"attempts", true, true,
     [](T t, std::int64_t) { return whole(t.attempts.size() + t.attempts_left_out); }},
    {"worker", false, true,
     [](T t, std::int64_t) { return latest(t) ? text_or_none(latest(t)->worker) : Value(); }},
    {"reason", false, true, [](T t, std::int64_t) { return text_or_none(t.reason); }},
    {"started", false, true, [](T t, std::int64_t) { return time_of(t.started_us); }},
    {"ended", false, true, [](T t, std::int64_t) { return time_of(t.ended_us); }},
    {"origin", false, true, [](T t, std::int64_t) { return text_or_none(t.origin); }},
    {"replicate_of", true, true, [](T t, std::int64_t) { return whole(t.replicate_of); }},
    {"mean", true, true,
     [](T t, std::int64_t) { return t.mean_count > 0 ? Value(t.mean) : Value(); }},
    {"runs", true, true,
     [](T t, std::int64_t) { return t.mean_count > 0 ? whole(t.mean_count) : Value(); }},
    {"spread", true, true,
     [](T t, std::int64_t) { return t.mean_count > 1 ? Value(t.spread) : Value(); }},
    {"points_dropped", true, true, [](T t, std::int64_t) { return whole(t.points_dropped); }},
    {"cause", false, true,
     [](T t, std::int64_t) {
       return text_or_none(std::string(name_of(static_cast<Cause>(t.cause))));
     }},
    {"values", true, false, [](T t, std::int64_t) { return whole(t.values); }},
    {"created", false, false, [](T t, std::int64_t) { return time_of(t.created_us); }},
    {"host", false, false,
     [](T t, std::int64_t) { return latest(t) ? text_or_none(latest(t)->host) : Value(); }},
    {"device", false, false,
     [](T t, std::int64_t) { return latest(t) ? text_or_none(latest(t)->device) : Value(); }},
    {"folder", false, false,
     [](T t, std::int64_t) { return latest(t) ? text_or_none(latest(t)->folder) : Value(); }},
    {"checkpoint", false, false,
     [](T t, std::int64_t) { return latest(t) ? text_or_none(latest(t)->checkpoint) : Value(); }},
}};

}  // namespace

std::span<const OwnField> own_fields() { return kFields; }

const OwnField* find_own_field(std::string_view name) {
  const auto* found = std::find_if(kFields.begin(), kFields.end(),
                                   [&](const OwnField& each) { return each.name == name; });
  return found == kFields.end() ? nullptr : found;
}

std::string json_token(const Value& value) {
  const auto* real = std::get_if<double>(&value);
  return real != nullptr && std::isfinite(*real) ? shortest(*real) : to_json(value);
}

std::string cell_text(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  const auto* real = std::get_if<double>(&value);
  return real != nullptr ? shortest(*real) : to_text(value);
}

bool is_nan(const Value& value) {
  const auto* real = std::get_if<double>(&value);
  return real != nullptr && std::isnan(*real);
}

std::string own_json(std::string_view field, const wire::TrialInfo& trial, std::int64_t now_us) {
  const OwnField* own = find_own_field(field);
  return own == nullptr ? "null" : json_token(own->of(trial, now_us));
}

std::string metrics_json(const wire::TrialInfo& trial) {
  std::string out = "{";
  for (const wire::MetricInfo& m : trial.metrics) {
    if (out.size() > 1) out += ',';
    const auto finite = [&](const Value& value) {
      return m.values > 0 ? json_token(value) : std::string("null");
    };
    out += to_json(Value(m.name)) + ":{\"last\":" + json_token(m.last) +
           ",\"last_step\":" + std::to_string(m.last_step) + ",\"min\":" + finite(m.min) +
           ",\"min_step\":" + finite(m.min_step) + ",\"max\":" + finite(m.max) +
           ",\"max_step\":" + finite(m.max_step) + ",\"values\":" + std::to_string(m.values) + "}";
  }
  return out + "}";
}

}  // namespace scopa::analysis
