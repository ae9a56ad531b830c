#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace scopa::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool wants_color(const std::string& color, bool tty) {
  if (color == "always") return true;
  if (color == "never") return false;
  return tty && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The end of the escape sequence that starts at `i`, or `i` where none does.
std::size_t skip_escape(std::string_view text, std::size_t i) {
  if (text[i] != '\x1b' || i + 1 >= text.size() || text[i + 1] != '[') return i;
  std::size_t end = i + 2;
  while (end < text.size() && !(text[end] >= '@' && text[end] <= '~')) ++end;
  return end < text.size() ? end + 1 : end;
}

std::string_view sequence(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kBlue:
      return "\x1b[34m";
    case Style::kCyan:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

int terminal_columns() {
  const std::string_view given = environment("COLUMNS");
  if (!given.empty()) {
    const int columns = std::atoi(std::string(given).c_str());
    if (columns >= 20 && columns <= 10'000) return columns;
  }
  for (const int fd : {STDERR_FILENO, STDOUT_FILENO}) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

Terminal Terminal::detect(const std::string& color) {
  Terminal t;
  t.out_is_tty = isatty(STDOUT_FILENO) == 1;
  t.err_is_tty = isatty(STDERR_FILENO) == 1;
  t.out_color = wants_color(color, t.out_is_tty);
  t.err_color = wants_color(color, t.err_is_tty);
  t.columns = terminal_columns();
  return t;
}

std::string styled(std::string_view text, Style style, bool on) {
  if (!on || style == Style::kPlain || text.empty()) return std::string(text);
  return std::string(sequence(style)) + std::string(text) + "\x1b[0m";
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t after = skip_escape(text, i);
    if (after != i) {
      i = after;
      continue;
    }
    if (!is_continuation(text[i])) ++width;
    ++i;
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string out;
  std::size_t used = 0;
  bool styled_part = false;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t after = skip_escape(text, i);
    if (after != i) {
      out += text.substr(i, after - i);
      styled_part = true;
      i = after;
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && is_continuation(text[end])) ++end;
    if (used + 1 == width) break;
    out += text.substr(i, end - i);
    ++used;
    i = end;
  }
  out += "…";
  if (styled_part) out += "\x1b[0m";
  return out;
}

std::string wrap_text(const std::string& text, std::size_t indent, std::size_t columns) {
  std::string out;
  std::size_t at = indent;
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = text.find_first_of(" \n", start);
    if (end == std::string::npos) end = text.size();
    const std::string word = text.substr(start, end - start);
    const std::size_t width = display_width(word);
    if (at > indent && at + 1 + width > columns) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    }
    if (at > indent) {
      out += ' ';
      ++at;
    }
    out += word;
    at += width;
    if (end < text.size() && text[end] == '\n') {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    }
    start = end + 1;
  }
  return out + "\n";
}

}  // namespace scopa::cli
