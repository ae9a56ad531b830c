#pragma once

#include <string>
#include <string_view>

#include "broker/spec/parse.h"
#include "broker/spec/tree.h"

namespace scopa::spec {

/// Where the keys of a sweep file stand, for findings made after it was parsed. Knows nothing of
/// what keys mean; of a text that is no YAML it knows no place at all.
///
///     const SourceMap map(text);
///     Diagnostic d = map.diagnostic(Severity::kWarning, "L003", "parameters.lr.min",
///                                   "a range over 4 decades", "use `log_uniform_values`");
class SourceMap {
 public:
  explicit SourceMap(std::string_view text);

  /// The place of the key at a path as diagnostics have it
  /// ("parameters.optimizer.parameters.lr.min", "metrics[1].name"), of the item where the path ends
  /// in an index. Where there is no such key, that of the longest part of the path that there is;
  /// {0, 0} if nothing of it is. A key that is not at the top is looked for in the block `scopa`
  /// too. The column counts characters.
  Place find(std::string_view path) const;
  /// The same for the value of the key.
  Place find_value(std::string_view path) const;
  bool has(std::string_view path) const;  ///< the whole path is there

  /// A finding that points at the key of `path`.
  Diagnostic diagnostic(Severity severity, std::string_view code, std::string path,
                        std::string message, std::string help = {}) const;

 private:
  struct Found {
    const Entry* entry = nullptr;  ///< the last key on the way, if any
    const Node* node = nullptr;    ///< what it holds, or the item of a list
    bool is_item = false;
    std::size_t length = 0;  ///< of the path that was found
  };

  Found look_up(std::string_view path) const;
  static Found walk(const Found& from, std::string_view rest);
  static Found step(const Found& from, std::string_view rest, const Found& to, std::size_t length);
  Place in_characters(Place place) const;

  std::string text_;
  Node root_;
};

}  // namespace scopa::spec
