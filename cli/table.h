#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace scopa::cli {

/// A table for people on a terminal and for programs in a pipe.
///
/// On a terminal: aligned columns that fit its width. What does not fit is first cut within
/// `shrinkable` columns (texts to 12 characters; of a right-aligned column only the title: half a
/// number is a wrong number), then whole columns are left out from the right, and a last line says
/// how many. In a pipe: a header line and rows, separated by tabs, complete and unrounded.
class Table {
 public:
  enum class Align { kLeft, kRight };
  static constexpr const char* kNothing = " ";
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    bool shrinkable = false;  ///< may be cut
    bool essential = false;   ///< is never left out
  };
  struct Cell {
    std::string shown;  ///< on a terminal
    std::string exact;  ///< in a pipe; empty: as shown; kNothing: an empty field
    Style style = Style::kPlain;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  std::size_t size() const { return rows_.size(); }
  /// How the reader gets columns that were left out, beside a wider window and --json.
  void remedy(std::string text) { remedy_ = std::move(text); }

  /// For a terminal `width` characters wide; lines are indented by two.
  std::string for_people(int width, bool color) const;
  /// Tab-separated; what is missing is an empty field. Tabs and line breaks within cells become
  /// spaces.
  std::string for_pipes() const;
  std::string text(const Terminal& terminal) const {
    return terminal.out_is_tty ? for_people(terminal.columns, terminal.out_color) : for_pipes();
  }

 private:
  std::vector<std::size_t> natural_widths() const;
  std::size_t least_width(std::size_t column) const;
  std::size_t fit(std::vector<std::size_t>* widths, std::size_t room) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::string remedy_;
};

}  // namespace scopa::cli
