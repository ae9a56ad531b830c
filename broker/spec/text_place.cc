#include "broker/spec/text_place.h"

#include <algorithm>
#include <cstdint>

namespace scopa::spec {
namespace {

bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; }

std::size_t sequence_length(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

}  // namespace

std::string_view line_at(std::string_view text, int number) {
  if (number < 1) return {};
  for (int line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

Place place_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(before.size() - line_start) + 1};
}

Place place_inside(std::string_view text, Place scalar, std::string_view content,
                   std::size_t offset) {
  const std::string_view line = line_at(text, scalar.line);
  std::size_t at = static_cast<std::size_t>(std::max(scalar.column, 1) - 1);
  if (at >= line.size()) return scalar;
  const char quote = line[at] == '"' || line[at] == '\'' ? line[at] : '\0';
  if (quote != '\0') ++at;
  for (std::size_t i = 0; i < offset; ++i) {
    const bool escape =
        at < line.size() && quote != '\0' && line[at] == (quote == '"' ? '\\' : '\'');
    if (escape) ++at;
    if (i >= content.size() || at >= line.size() || line[at] != content[i]) return scalar;
    ++at;
  }
  return {scalar.line, static_cast<int>(at) + 1};
}

std::optional<std::size_t> first_non_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[at]);
    const std::size_t length = sequence_length(lead);
    const bool control =
        (lead < 0x20 && lead != '\t' && lead != '\n' && lead != '\r') || lead == 0x7F;
    if (length == 0 || control || at + length > text.size()) return at;
    for (std::size_t i = 1; i < length; ++i) {
      if (!is_continuation(text[at + i])) return at;
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace scopa::spec
