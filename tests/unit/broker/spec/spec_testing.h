#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/parse.h"

namespace scopa::spec {

/// "S012 parameters.lr.min 9:12" for each finding, in order.
inline std::vector<std::string> brief(const Parsed& parsed) {
  std::vector<std::string> lines;
  for (const Diagnostic& d : parsed.diagnostics) {
    lines.push_back(d.code + ' ' + d.path + ' ' + std::to_string(d.line) + ':' +
                    std::to_string(d.column));
  }
  return lines;
}

/// "S012 parameters.lr.min": the same without the place.
inline std::vector<std::string> codes(const Parsed& parsed) {
  std::vector<std::string> lines;
  for (const Diagnostic& d : parsed.diagnostics) lines.push_back(d.code + ' ' + d.path);
  return lines;
}

/// A random sweep with only `parameter` (flow style) as its parameter `a`.
inline Parsed parse_one(const std::string& parameter) {
  return parse("method: random\nparameters:\n  a: " + parameter + "\n");
}

inline std::string render_all(const Parsed& parsed, std::string_view text) {
  std::string out;
  for (const Diagnostic& d : parsed.diagnostics) out += render(d, "sweep.yaml", text, false);
  return out;
}

}  // namespace scopa::spec
