#pragma once

#include <string>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::cli {

/// "lr=0.001" and the like as parameters: a value is read as JSON where it is JSON, else as text.
/// Errors: kInvalidArgument for what is not name=value, and for a name that is given twice.
Result<Params> params_of(const std::vector<std::string>& assignments);

}  // namespace scopa::cli
