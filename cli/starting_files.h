#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/parse.h"

/// The sweep files that `scopa init` writes.
namespace scopa::cli {

struct Preset {
  std::string_view name;
  std::string_view says;
  std::string_view text;  ///< a sweep file with comments, without remarks of parser or linter
};
const std::vector<Preset>& presets();

/// A W&B sweep file as it is, below a comment that says what Scopa does with each part of it, and
/// what it could do besides. `parsed` is that text's, without errors.
std::string from_wandb(std::string_view text, const spec::Parsed& parsed);

}  // namespace scopa::cli
