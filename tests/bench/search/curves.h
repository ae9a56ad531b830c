#pragma once

#include "sdk/base/status.h"
#include "tests/bench/search/problem.h"

namespace scopa::bench {

/// The problem as one of 27 steps in virtual time: each configuration comes to its own value at the
/// last step, from above, some early and some late, a little unevenly, and takes between a fifth
/// and five times as long as one in the middle of the space. Its `mean_full_seconds` is that of 201
/// random configurations. It has no sense where trials follow each other without time.
Result<Problem> with_curve(Problem problem);

}  // namespace scopa::bench
