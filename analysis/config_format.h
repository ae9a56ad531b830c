#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/program_text.h"
#include "sdk/base/value.h"

namespace scopa::analysis {

/// Ways to write one configuration so that it can be used elsewhere.
enum class ConfigFormat : std::uint8_t {
  kCli,         ///< `--lr=0.001 --optimizer='my adam'`, quoted for a POSIX shell
  kArgs0,       ///< the same arguments as they are, each ended by a NUL, for `xargs -0`
  kJson,        ///< `{"lr":0.001,"optimizer":"adam"}`
  kYaml,        ///< `lr: 0.001`, a line per parameter
  kNestedJson,  ///< like kJson, with groups as objects
  kNestedYaml,  ///< like kYaml, with groups as maps
  kEnv,         ///< `export lr=0.001`, a line per parameter, quoted for a POSIX shell
};

std::optional<ConfigFormat> config_format_from(std::string_view name);
std::vector<std::string> config_format_names();

/// Nested parameters keep their dotted names in all but the nested forms. Lines end in '\n'.
/// `words` are those of kCli and kArgs0.
std::string format_config(const Params& params, ConfigFormat format, Words words = Words::kJson);

/// `text` as one word of a POSIX shell: as it is where that is safe, else in single quotes.
std::string shell_quoted(std::string_view text);
/// The words of a command, quoted and joined: a line that a POSIX shell takes apart again.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace scopa::analysis
