#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

enum class Severity : std::uint8_t { kError, kWarning, kAdvice };
std::string_view name_of(Severity severity);  ///< "error", "warning", "advice"

/// One finding about a sweep file.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;     ///< stable, e.g. "S012"; docs/spec.md and docs/lint.md list them
  std::string message;  ///< one line
  std::string path;     ///< e.g. "parameters.lr.min"; empty for the whole file
  int line = 0;         ///< from 1; 0 where unknown
  int column = 0;       ///< from 1
  std::string label;    ///< what stands beside the caret; may be empty
  std::string help;     ///< the remedy; may be empty
  /// An error that older builds did not know: a sweep that one of them created goes on.
  bool is_recent = false;
};

struct Parsed {
  SweepSpec spec;                       ///< meaningful only when ok()
  std::vector<Diagnostic> diagnostics;  ///< all of them, in the order of the file
  bool ok() const;                      ///< no errors (warnings are fine)
  /// No errors but recent ones: `spec` is meaningful, and what a store holds is taken.
  bool ok_in_store() const;
};

/// Reads a sweep file (YAML 1.2 as W&B writes it, or JSON). Finds all faults in one go. Pure: no
/// file is opened. Never throws; never crashes on any bytes.
Parsed parse(std::string_view text);

/// Compiler style:
///
///     error[S012]: log_uniform_values needs min > 0
///       --> sweep.yaml:9:12
///      9 |       min: 0
///        |            ^ zero has no logarithm
///     help: set `min: 1e-6`, or use `distribution: uniform`
std::string render(const Diagnostic& diagnostic, std::string_view file_name, std::string_view text,
                   bool color);

}  // namespace scopa::spec
