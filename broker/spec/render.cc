#include <algorithm>
#include <string>

#include "broker/spec/parse.h"
#include "broker/spec/text_place.h"
#include "sdk/base/text.h"

namespace scopa::spec {
namespace {

constexpr std::size_t kExcerptCharacters = 100;
constexpr std::size_t kLeadCharacters = 60;  // shown before the caret of a cut line

struct Excerpt {
  std::string line;
  std::size_t caret = 0;  // characters before it
};

std::size_t bytes_of(std::string_view text, std::size_t characters) {
  std::size_t bytes = 0;
  while (bytes < text.size() && characters > 0) {
    ++bytes;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) ++bytes;
    --characters;
  }
  return bytes;
}

// A JSON file can be one line of a megabyte; what is shown is the part around the caret.
Excerpt excerpt_of(std::string_view line, int column) {
  Excerpt excerpt{.line = "", .caret = static_cast<std::size_t>(std::max(column, 1) - 1)};
  if (excerpt.caret > kLeadCharacters && count_characters(line) > kExcerptCharacters) {
    const std::size_t cut = excerpt.caret - kLeadCharacters;
    line.remove_prefix(bytes_of(line, cut));
    excerpt.line = "...";
    excerpt.caret = kLeadCharacters + 3;
  }
  const std::size_t shown = bytes_of(line, kExcerptCharacters);
  excerpt.line += printable(line.substr(0, shown), line.size() + 1);
  if (shown < line.size()) excerpt.line += "...";
  return excerpt;
}

std::string painted(std::string_view text, std::string_view style, bool color) {
  return color ? "\x1b[" + std::string(style) + "m" + std::string(text) + "\x1b[0m"
               : std::string(text);
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kAdvice:
      break;
  }
  return "advice";
}

std::string render(const Diagnostic& d, std::string_view file_name, std::string_view text,
                   bool color) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::string_view style = d.severity == Severity::kError     ? "1;31"
                                 : d.severity == Severity::kWarning ? "1;33"
                                                                    : "1;34";
  std::string out = painted(std::string(name_of(d.severity)) + '[' + d.code + ']', style, color) +
                    ": " + painted(d.message, "1", color) + '\n';
  const std::string name = printable(file_name);
  if (d.line < 1) {
    out += painted("  -->", "34", color) + ' ' + name + '\n';
  } else {
    const std::string number = std::to_string(d.line);
    const std::string margin(number.size() + 2, ' ');
    const Excerpt excerpt = excerpt_of(line_at(text, d.line), d.column);
    out += painted(margin.substr(1) + "-->", "34", color) + ' ' + name + ':' + number + ':' +
           std::to_string(d.column) + '\n';
    out += painted(' ' + number + " |", "34", color) + ' ' + excerpt.line + '\n';
    out += painted(margin + '|', "34", color) + ' ' + std::string(excerpt.caret, ' ') +
           painted("^" + (d.label.empty() ? "" : ' ' + d.label), style, color) + '\n';
  }
  if (!d.help.empty()) out += painted("help", "1;36", color) + ": " + d.help + '\n';
  return out;
}

}  // namespace scopa::spec
