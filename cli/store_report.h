#pragma once

#include <string>

#include "broker/store/verify.h"
#include "cli/context.h"
#include "cli/errors.h"
#include "sdk/base/status.h"

/// What `scopa store verify` and `scopa restore` show.
namespace scopa::cli {

/// Verifies the store in `folder`; what takes long shows a line that counts.
Result<store::Verified> verify_and_watch(const Context& context, const std::string& folder);

/// The problems, one a line: family, key, what is wrong.
std::string problem_lines(const store::Verified& found);
/// The error of a store that has problems; names the first.
Failure not_sound(const std::string& folder, const store::Verified& found);

}  // namespace scopa::cli
