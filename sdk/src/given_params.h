#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/value.h"

namespace scopa::sdk {

/// A parameter that the sweep or the command line gives a value.
struct Given {
  std::string name;
  Value value;               ///< from the command line: text
  std::string text;          ///< the value as text
  bool after_blank = false;  ///< `--name text`: for a flag, `text` may be the next argument
};

/// The parameters that were given, and how their values are read as what the trainer asks for.
/// Immutable once made, so any thread may read.
class GivenParams {
 public:
  GivenParams() = default;
  /// What the sweep says comes before what the command line says.
  GivenParams(const Params& sweep, int argc, char** argv);

  /// Null when `name` was not given, or is null. `--batch-size` is found as `batch_size` too.
  const Given* find(std::string_view name) const;
  /// As one JSON object.
  std::string json() const;

 private:
  void add_command_line(int argc, char** argv);
  void add(std::string_view name, std::string_view text, bool after_blank);

  std::vector<Given> from_sweep_;
  std::vector<Given> from_command_line_;
};

/// Nothing where the value cannot be read as such.
std::optional<double> read_double(const Given& given);
/// Reals are rounded to the nearest integer and clamped; one that would become 0 is no integer.
std::optional<std::int64_t> read_integer(const Given& given);
std::optional<bool> read_bool(const Given& given);

}  // namespace scopa::sdk
