#include "broker/spec/findings.h"

#include <algorithm>
#include <utility>

#include "broker/spec/text_place.h"
#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::spec {

std::string join(std::string_view path, std::string_view key) {
  std::string joined(path);
  if (!joined.empty()) joined += '.';
  return joined.append(key);
}

std::string join(std::string_view path, std::size_t index) {
  return std::string(path) + '[' + std::to_string(index) + ']';
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return printable(text);
}

namespace {

Diagnostic diagnostic_of(Rule rule, std::string path, Place place, std::string message,
                         std::string label, std::string help) {
  const RuleRow& row = row_of(rule);
  return {.severity = row.severity,
          .code = std::string(row.code),
          .message = one_line(std::move(message)),
          .path = one_line(std::move(path)),
          .line = place.line,
          .column = place.column,
          .label = one_line(std::move(label)),
          .help = one_line(std::move(help))};
}

}  // namespace

void Findings::put(Diagnostic diagnostic) {
  const bool error = diagnostic.severity == Severity::kError;
  has_errors_ = has_errors_ || error;
  only_recent_ = only_recent_ && (!error || diagnostic.is_recent);
  if (diagnostics_.size() >= limits::kSpecFindingsMax) {
    ++left_out_;
  } else {
    diagnostics_.push_back(std::move(diagnostic));
  }
}

void Findings::add(Rule rule, std::string path, Place place, std::string message, std::string label,
                   std::string help) {
  put(diagnostic_of(rule, std::move(path), place, std::move(message), std::move(label),
                    std::move(help)));
}

void Findings::warn(Rule rule, std::string path, Place place, std::string message,
                    std::string help) {
  Diagnostic d =
      diagnostic_of(rule, std::move(path), place, std::move(message), {}, std::move(help));
  d.severity = Severity::kWarning;
  put(std::move(d));
}

void Findings::add_recent(Rule rule, std::string path, Place place, std::string message,
                          std::string help) {
  Diagnostic d =
      diagnostic_of(rule, std::move(path), place, std::move(message), {}, std::move(help));
  d.is_recent = true;
  put(std::move(d));
}

void Findings::add_inside(Rule rule, std::string path, Place place, std::string scalar,
                          std::size_t offset, std::string message, std::string help) {
  const std::size_t before = diagnostics_.size();
  add(rule, std::move(path), place, std::move(message), {}, std::move(help));
  if (diagnostics_.size() > before) inside_.push_back({before, std::move(scalar), offset});
}

std::vector<Diagnostic> Findings::take(std::string_view text) {
  for (const Inside& inside : inside_) {
    Diagnostic& diagnostic = diagnostics_[inside.diagnostic];
    const Place place =
        place_inside(text, {diagnostic.line, diagnostic.column}, inside.scalar, inside.offset);
    diagnostic.column = place.column;
  }
  inside_.clear();
  for (Diagnostic& diagnostic : diagnostics_) {
    if (diagnostic.column < 1) continue;
    const std::string_view line = line_at(text, diagnostic.line);
    const auto bytes = static_cast<std::size_t>(diagnostic.column - 1);
    diagnostic.column = static_cast<int>(count_characters(line.substr(0, bytes))) + 1;
  }
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return a.line != b.line ? a.line < b.line : a.column < b.column;
                   });
  if (left_out_ > 0) {
    Diagnostic rest;
    rest.severity = has_errors_ ? Severity::kError : Severity::kWarning;
    rest.is_recent = only_recent_;
    rest.code = std::string(row_of(Rule::kTooMany).code);
    rest.message = "and " + std::to_string(left_out_) + " more findings that are not shown";
    diagnostics_.push_back(std::move(rest));
  }
  return std::move(diagnostics_);
}

}  // namespace scopa::spec
