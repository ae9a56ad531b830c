#include "broker/spec/section_reader.h"

#include <cmath>
#include <utility>

#include "broker/spec/duration.h"
#include "sdk/base/value.h"

namespace scopa::spec {
namespace {

// Bounds are written as people write them: 100, not 100.0.
std::string plain(double bound) {
  if (bound == std::floor(bound) && std::abs(bound) < 1e15) {
    return std::to_string(static_cast<std::int64_t>(bound));
  }
  return to_json(Value(bound));
}

}  // namespace

bool contains(const Range& range, double value) {
  if (range.above_min ? !(value > range.min) : !(value >= range.min)) return false;
  return range.below_max ? value < range.max : value <= range.max;
}

std::string out_of_range(const std::string& path, const Range& range) {
  const bool upper = std::isfinite(range.max);
  std::string text = "`" + path + "` must be ";
  if (!upper)
    return text + (range.above_min ? "above " + plain(range.min) : plain(range.min) + " or more");
  if (range.above_min || range.below_max) {
    return text + (range.above_min ? "above " : "at least ") + plain(range.min) + " and " +
           (range.below_max ? "below " : "at most ") + plain(range.max);
  }
  return text + "from " + plain(range.min) + " to " + plain(range.max);
}

const KeyRow& SectionReader::row(std::string_view key) const {
  static constexpr KeyRow kNone{};
  const KeyRow* row = find_key(keys_, key);
  return row == nullptr ? kNone : *row;
}

void SectionReader::check(const Remedy& remedy) const {
  const std::vector<std::string_view> names = names_of(keys_);
  if (!row_of(keys_).open) {
    for (const Entry& entry : section_.node.entries) {
      if (find_key(keys_, entry.key) != nullptr) continue;
      add_unknown_key(section_, entry, names, findings_, remedy ? remedy(entry.key) : "");
    }
  }
  check_required();
}

void SectionReader::check_required() const {
  for (const KeyRow& row : keys_of(keys_)) {
    if (!row.required() || has(row.key)) continue;
    const std::string where = section_.path.empty() ? "the sweep" : "`" + section_.path + "`";
    findings_->add(Rule::kMissingKey, section_.at(row.key), section_.place,
                   where + " has no `" + std::string(row.key) + "`", {}, std::string(row.missing));
  }
}

bool SectionReader::in_range(std::string_view key, double value) const {
  const KeyRow& r = row(key);
  if (contains(r.range, value)) return true;
  findings_->add(Rule::kOutOfRange, section_.at(key), section_.find(key)->value.place,
                 out_of_range(section_.at(key), r.range), {}, std::string(r.remedy));
  return false;
}

std::optional<std::string> SectionReader::text(std::string_view key) const {
  return read_text(section_, key, findings_);
}

std::optional<std::string> SectionReader::word(std::string_view key) const {
  return read_word(section_, key, row(key).words, findings_);
}

std::optional<std::int64_t> SectionReader::integer(std::string_view key) const {
  const auto value = read_integer(section_, key, findings_);
  return value && in_range(key, static_cast<double>(*value)) ? value : std::nullopt;
}

std::optional<double> SectionReader::number(std::string_view key) const {
  const auto value = read_number(section_, key, findings_);
  return value && in_range(key, *value) ? value : std::nullopt;
}

std::optional<bool> SectionReader::boolean(std::string_view key) const {
  return read_bool(section_, key, findings_);
}

std::optional<std::chrono::microseconds> SectionReader::duration(std::string_view key) const {
  const Entry* entry = section_.find(key);
  if (entry == nullptr) return std::nullopt;
  const Node& node = entry->value;
  if (node.is_too_large) return std::nullopt;  // which has been said
  if (!node.is_number() && node.type != NodeType::kText) {
    add_wrong_type(node, section_.at(key), "a duration", findings_,
                   "write seconds, or text like `90s`, `30m` or `1h30m`");
    return std::nullopt;
  }
  auto duration = node.is_number() ? duration_of_seconds(node.number()) : parse_duration(node.text);
  const KeyRow& r = row(key);
  const auto too_long = [&] {
    return std::chrono::duration<double>(*duration).count() > r.range.max;
  };
  if (duration && std::isfinite(r.range.max) && too_long()) {
    const auto most = std::chrono::microseconds(std::llround(r.range.max * 1e6));
    duration = Status{Code::kInvalidArgument, "it can be " + to_text(most) + " at most"};
  }
  if (duration) return *duration;
  findings_->add(Rule::kDuration, section_.at(key), node.place,
                 "`" + section_.at(key) + "`: " + duration.status().message(), {},
                 r.remedy.empty() ? duration.status().help() : std::string(r.remedy));
  return std::nullopt;
}

}  // namespace scopa::spec
