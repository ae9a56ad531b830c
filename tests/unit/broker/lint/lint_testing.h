#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "broker/lint/lint.h"
#include "broker/lint/rules.h"
#include "broker/spec/parse.h"

namespace scopa::lint {

inline std::string read_file(const std::string& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  EXPECT_TRUE(stream.good() || !text.str().empty()) << path;
  return text.str();
}

/// All that is said of a file, parser's words first.
inline std::vector<spec::Diagnostic> all_findings(const std::string& text) {
  spec::Parsed parsed = spec::parse(text);
  std::vector<spec::Diagnostic> all = std::move(parsed.diagnostics);
  if (!std::any_of(all.begin(), all.end(), [](const spec::Diagnostic& d) {
        return d.severity == spec::Severity::kError;
      })) {
    for (auto& d : lint(parsed.spec, text)) all.push_back(std::move(d));
  }
  return all;
}

inline std::string shown(const std::vector<spec::Diagnostic>& findings, const std::string& text) {
  std::string out;
  for (const auto& d : findings) out += spec::render(d, "sweep.yaml", text, false);
  return out;
}

/// "L001 parameters.lr.distribution" of each finding.
inline std::vector<std::string> codes(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto& d : all_findings(text)) lines.push_back(d.code + ' ' + d.path);
  return lines;
}

}  // namespace scopa::lint
