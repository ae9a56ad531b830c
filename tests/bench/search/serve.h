#pragma once

#include <iosfwd>
#include <vector>

#include "sdk/base/status.h"
#include "tests/bench/search/problem.h"

namespace scopa::bench {

/// Problems (but those that are only_in_time) for another program that searches: lines of JSON, an
/// answer of one line to each, until `in` ends. Trials have the noise and the failures that
/// run_trials gives them.
///
///     {}                           {"problems":["branin",...]}
///     {"problem":"branin"}         {"problem":"branin","group":"smooth","half":"judging",
///                                   "goal":"minimize","config":{...},"conditions":[...]}
///     {"problem":"branin","seed":0,"trial":7,"params":{"x0":1.5,"x1":2}}
///                                  {"value":21.6,"regret":0.6}
///
/// `config` is a sweep file, `conditions` are as `init` of ask-tell takes them, `params` those that
/// are active. `value` is what was observed, null of a trial that failed; `regret` is without
/// noise. Whatever else comes is answered {"error":"..."}.
///
/// Errors: a problem whose sweep file is none.
Status serve(const std::vector<Problem>& problems, std::istream& in, std::ostream& out);

}  // namespace scopa::bench
