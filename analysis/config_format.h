#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sdk/base/value.h"

namespace scopa::analysis {

/// Ways to write one configuration so that it can be pasted elsewhere.
enum class ConfigFormat {
  kCli,   ///< `--lr=0.001 --optimizer='my adam'`, quoted for a POSIX shell
  kJson,  ///< `{"lr":0.001,"optimizer":"adam"}`
  kYaml,  ///< `lr: 0.001`, a line per parameter
  kEnv,   ///< `export lr=0.001`, a line per parameter, quoted for a POSIX shell
};

std::optional<ConfigFormat> config_format_from(std::string_view name);

/// Nested parameters keep their dotted names, as trainers get them. Lines end in '\n'.
std::string format_config(const Params& params, ConfigFormat format);

/// `text` as one word of a POSIX shell: as it is where that is safe, else in single quotes.
std::string shell_quoted(std::string_view text);

}  // namespace scopa::analysis
