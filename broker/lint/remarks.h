#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/lint/rules.h"
#include "broker/spec/source_map.h"

namespace scopa::lint {

/// Collects remarks about a file, up to kSpecFindingsMax.
class Remarks {
 public:
  explicit Remarks(std::string_view text) : map_(text) {}

  /// `path` as diagnostics have it; where the file lacks the key, the remark stands at what holds
  /// it. `help` is the remedy, ready to paste where that is possible.
  void add(Rule rule, std::string path, std::string message, std::string help,
           std::string label = {});
  /// The same as advice, whatever the rule's own severity is.
  void advise(Rule rule, std::string path, std::string message, std::string help);
  bool has(std::string_view path) const { return map_.has(path); }
  /// In the order of the file.
  std::vector<spec::Diagnostic> take();

 private:
  spec::SourceMap map_;
  std::vector<spec::Diagnostic> found_;
};

}  // namespace scopa::lint
