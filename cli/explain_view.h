#pragma once

#include <string>

#include "broker/core/explain.h"
#include "cli/terminal.h"

namespace scopa::cli {

/// An explanation on one screen: why the trial was proposed, why it was stopped, how its attempts
/// went, and whether the recomputation agrees.
std::string explanation_screen(const core::Explanation& explanation, const Terminal& terminal);

/// All of it, as a JSON object's text.
std::string json_of(const core::Explanation& explanation);

}  // namespace scopa::cli
