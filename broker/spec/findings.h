#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/codes.h"

namespace scopa::spec {

/// A place in the sweep file, both from 1; 0 is unknown. Columns count bytes here, characters in a
/// Diagnostic.
struct Place {
  int line = 0;
  int column = 0;
};

/// `path` and `key` as one path: "parameters.lr".
std::string join(std::string_view path, std::string_view key);
/// "metrics[1]".
std::string join(std::string_view path, std::size_t index);

/// Keys and values of the file stand in the texts of findings: a line break or a control character
/// would tear the message.
std::string one_line(std::string text);

/// Collects what is wrong with a file, up to a bound.
class Findings {
 public:
  void add(Rule rule, std::string path, Place place, std::string message, std::string label = {},
           std::string help = {});
  /// The same as a warning, whatever the rule's own severity is.
  void warn(Rule rule, std::string path, Place place, std::string message, std::string help);
  /// The same as an error that older builds did not know.
  void add_recent(Rule rule, std::string path, Place place, std::string message, std::string help);
  /// The same, about byte `offset` of the scalar that stands at `place` and has the text `scalar`:
  /// the finding points at the byte itself where the file shows it plainly, else at the scalar.
  void add_inside(Rule rule, std::string path, Place place, std::string scalar, std::size_t offset,
                  std::string message, std::string help);
  bool has_errors() const { return has_errors_; }
  /// In the order of `text`, the file that the places refer to.
  std::vector<Diagnostic> take(std::string_view text);

 private:
  void put(Diagnostic diagnostic);

  struct Inside {
    std::size_t diagnostic = 0;
    std::string scalar;
    std::size_t offset = 0;
  };

  std::vector<Diagnostic> diagnostics_;
  std::vector<Inside> inside_;
  std::size_t left_out_ = 0;
  bool has_errors_ = false;
  bool only_recent_ = true;  // the errors
};

}  // namespace scopa::spec
