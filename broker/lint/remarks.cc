#include "broker/lint/remarks.h"

#include <algorithm>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::lint {

void Remarks::add(Rule rule, std::string path, std::string message, std::string help,
                  std::string label) {
  if (found_.size() >= limits::kSpecFindingsMax) return;
  const RuleRow& row = row_of(rule);
  // Names and values of the file stand in these texts; a line break would tear them.
  const auto one_line = [](std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return printable(text, 1024);
  };
  spec::Diagnostic d = map_.diagnostic(row.severity, row.code, one_line(std::move(path)),
                                       one_line(std::move(message)), one_line(std::move(help)));
  d.label = one_line(std::move(label));
  found_.push_back(std::move(d));
}

void Remarks::advise(Rule rule, std::string path, std::string message, std::string help) {
  const std::size_t before = found_.size();
  add(rule, std::move(path), std::move(message), std::move(help));
  if (found_.size() > before) found_.back().severity = spec::Severity::kAdvice;
}

std::vector<spec::Diagnostic> Remarks::take() {
  std::stable_sort(found_.begin(), found_.end(),
                   [](const spec::Diagnostic& a, const spec::Diagnostic& b) {
                     return a.line != b.line ? a.line < b.line : a.column < b.column;
                   });
  return std::move(found_);
}

}  // namespace scopa::lint
