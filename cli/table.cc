#include "cli/table.h"

#include <algorithm>
#include <numeric>

namespace scopa::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kShrunkText = 12;
constexpr std::size_t kShrunkTitle = 8;

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

std::string padded(const std::string& text, std::size_t width, Table::Align align) {
  const std::size_t used = display_width(text);
  const std::string space(width > used ? width - used : 0, ' ');
  return align == Table::Align::kLeft ? text + space : space + text;
}

std::string without_trailing_spaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::vector<std::size_t> Table::natural_widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = display_width(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[c].shown));
    widths.push_back(width);
  }
  return widths;
}

std::size_t Table::least_width(std::size_t column) const {
  if (columns_[column].align == Align::kLeft) return kShrunkText;
  std::size_t least = kShrunkTitle;
  for (const auto& row : rows_) least = std::max(least, display_width(row[column].shown));
  return least;
}

/// Brings the sum of widths and gaps within `room`; a width of 0 leaves the column out. Returns how
/// many were left out.
std::size_t Table::fit(std::vector<std::size_t>* widths, std::size_t room) const {
  const auto total = [&] {
    std::size_t sum = 0;
    for (const std::size_t w : *widths) sum += w == 0 ? 0 : w + kGap;
    return sum;
  };
  const std::vector<std::size_t> natural = *widths;
  std::vector<std::size_t> least;
  for (std::size_t c = 0; c < columns_.size(); ++c) least.push_back(least_width(c));
  while (total() > room) {
    std::size_t widest = columns_.size();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!columns_[c].shrinkable || (*widths)[c] <= least[c]) continue;
      if (widest == columns_.size() || (*widths)[c] > (*widths)[widest]) widest = c;
    }
    if (widest == columns_.size()) break;
    const std::size_t over = total() - room;
    (*widths)[widest] =
        std::max(least[widest], (*widths)[widest] - std::min(over, (*widths)[widest]));
  }
  std::size_t left_out = 0;
  for (std::size_t c = columns_.size(); c-- > 0 && total() > room;) {
    if (columns_[c].essential || (*widths)[c] == 0) continue;
    (*widths)[c] = 0;
    ++left_out;
  }
  // What a column that was left out freed goes back to those that were cut for it.
  for (std::size_t c = 0; c < columns_.size() && total() < room; ++c) {
    if ((*widths)[c] == 0) continue;
    (*widths)[c] += std::min(natural[c] - (*widths)[c], room - total());
  }
  return left_out;
}

std::string Table::for_people(int width, bool color) const {
  std::vector<std::size_t> widths = natural_widths();
  const std::size_t left_out = fit(&widths, static_cast<std::size_t>(std::max(width, 20)));
  std::string out;
  const auto line = [&](auto&& text_of, auto&& style_of) {
    std::string row;
    std::size_t pending = 0;  // padding is written only when something follows
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (widths[c] == 0) continue;
      const std::string cell =
          padded(cut_to_width(text_of(c), widths[c]), widths[c], columns_[c].align);
      const std::string bare = without_trailing_spaces(cell);
      row += std::string(kGap + pending, ' ') + styled(bare, style_of(c), color);
      pending = cell.size() - bare.size();
    }
    out += without_trailing_spaces(row) + "\n";
  };
  line([&](std::size_t c) { return columns_[c].title; }, [](std::size_t) { return Style::kDim; });
  for (const auto& row : rows_) {
    line([&](std::size_t c) { return one_line(row[c].shown); },
         [&](std::size_t c) { return row[c].style; });
  }
  if (left_out > 0) {
    const std::string hint = "… " + std::to_string(left_out) +
                             (left_out == 1 ? " more column" : " more columns") +
                             (remedy_.empty() ? " in a wider window, or with --json"
                                              : ": " + remedy_ + ", a wider window or --json");
    const auto room = static_cast<std::size_t>(std::max(width, 20)) - kGap;
    out += "  " + styled(cut_to_width(hint, room), Style::kDim, color) + "\n";
  }
  return out;
}

std::string Table::for_pipes() const {
  std::string out;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (c > 0) out += '\t';
    out += one_line(columns_[c].title);
  }
  out += '\n';
  for (const auto& row : rows_) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c > 0) out += '\t';
      if (row[c].exact == kNothing) continue;
      out += one_line(row[c].exact.empty() ? row[c].shown : row[c].exact);
    }
    out += '\n';
  }
  return out;
}

}  // namespace scopa::cli
