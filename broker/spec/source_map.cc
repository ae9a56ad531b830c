#include "broker/spec/source_map.h"

#include <charconv>
#include <utility>

#include "broker/spec/text_place.h"

namespace scopa::spec {
namespace {

constexpr std::string_view kOwnBlock = "scopa";

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

bool ends_a_name(std::string_view rest, std::size_t at) {
  return at == rest.size() || rest[at] == '.' || rest[at] == '[';
}

}  // namespace

SourceMap::SourceMap(std::string_view text) : text_(without_mark(text)) {
  Findings findings;
  if (!read_tree(text_, &root_, &findings)) root_ = Node{};
}

SourceMap::Found SourceMap::step(const Found& from, std::string_view rest, const Found& to,
                                 std::size_t length) {
  Found next = to;
  next.length = from.length + length;
  return walk(next, rest.substr(length));
}

// Names of parameters may have dots, so every key that `rest` begins with is followed and the one
// that leads furthest is taken.
SourceMap::Found SourceMap::walk(const Found& from, std::string_view rest) {
  Found best = from;
  if (rest.empty()) return best;
  if (rest.front() == '[') {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
    const auto length = static_cast<std::size_t>(end - rest.data()) + 1;
    const bool closed = error == std::errc() && length <= rest.size() && *end == ']';
    if (!closed || index >= from.node->items.size()) return best;
    return step(from, rest, {from.entry, &from.node->items[index], true}, length);
  }
  const std::size_t dot = rest.front() == '.' ? 1 : 0;
  for (const Entry& entry : from.node->entries) {
    const std::size_t end = dot + entry.key.size();
    if (!rest.substr(dot).starts_with(entry.key) || !ends_a_name(rest, end)) continue;
    const Found found = step(from, rest, {&entry, &entry.value, false}, end);
    if (found.length > best.length) best = found;
  }
  return best;
}

SourceMap::Found SourceMap::look_up(std::string_view path) const {
  const Found found = walk({nullptr, &root_, false}, path);
  if (found.length > 0) return found;
  const Entry* own = root_.find(kOwnBlock);
  if (own == nullptr) return found;
  const Found inner = walk({own, &own->value, false}, path);
  return inner.length > 0 ? inner : found;
}

Place SourceMap::in_characters(Place place) const {
  if (place.column < 1) return place;
  const auto bytes = static_cast<std::size_t>(place.column - 1);
  const std::string_view line = line_at(text_, place.line);
  place.column = static_cast<int>(count_characters(line.substr(0, bytes))) + 1;
  return place;
}

Place SourceMap::find(std::string_view path) const {
  const Found found = look_up(path);
  if (found.length == 0) return {};
  return in_characters(found.is_item ? found.node->place : found.entry->key_place);
}

Place SourceMap::find_value(std::string_view path) const {
  const Found found = look_up(path);
  return found.length == 0 ? Place{} : in_characters(found.node->place);
}

bool SourceMap::has(std::string_view path) const {
  return !path.empty() && look_up(path).length == path.size();
}

Diagnostic SourceMap::diagnostic(Severity severity, std::string_view code, std::string path,
                                 std::string message, std::string help) const {
  const Place place = find(path);
  return {.severity = severity,
          .code = std::string(code),
          .message = one_line(std::move(message)),
          .path = one_line(std::move(path)),
          .line = place.line,
          .column = place.column,
          .label = {},
          .help = one_line(std::move(help))};
}

}  // namespace scopa::spec
