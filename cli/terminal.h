#pragma once

#include <string>
#include <string_view>

namespace scopa::cli {

/// Where stdout and stderr go, and how they may be written to.
struct Terminal {
  bool out_is_tty = false;
  bool err_is_tty = false;
  bool out_color = false;
  bool err_color = false;
  int columns = 80;

  /// Reads the terminal, COLUMNS, NO_COLOR and TERM. `color` is "auto", "always" or "never".
  static Terminal detect(const std::string& color);
};

/// The width of the terminal now: windows change.
int terminal_columns();

enum class Style { kPlain, kBold, kDim, kGreen, kYellow, kRed, kBlue, kCyan };

/// `text` in `style`, where `on`.
std::string styled(std::string_view text, Style style, bool on);

/// Characters that `text` takes on a terminal: code points, without escape sequences.
std::size_t display_width(std::string_view text);

/// `text` cut to `width` characters, the last of them "…" where something was cut. Escape sequences
/// take no room and stay whole.
std::string cut_to_width(std::string_view text, std::size_t width);

/// Words of `text` in lines that end before `columns`, the last one with a line break; all but the
/// first are indented.
std::string wrap_text(const std::string& text, std::size_t indent, std::size_t columns);

}  // namespace scopa::cli
