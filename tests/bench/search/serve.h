#pragma once

#include <iosfwd>
#include <vector>

#include "sdk/base/status.h"
#include "tests/bench/search/problem.h"

namespace scopa::bench {

/// Problems for another program that searches: lines of JSON, an answer of one line to each, until
/// `in` ends. Trials have the noise and the failures that run_trials and run_asynchronous give
/// them.
///
///     {}                           {"problems":["branin",...],"in_time":["lcbench-3945",...]}
///     {"problem":"branin"}         {"problem":"branin","group":"smooth","half":"judging",
///                                   "goal":"minimize","steps":1,"mean_full_seconds":1,
///                                   "config":{...},"conditions":[...]}
///     {"problem":"branin","seed":0,"trial":7,"params":{"x0":1.5,"x1":2}}
///                                  {"value":21.6}
///     {"problem":"branin","seed":0,"trial":7,"params":{...},"regret":true}
///                                  {"value":21.6,"regret":0.6}
///     {"problem":"lcbench-3945","seed":0,"trial":7,"params":{...},"in_time":true}
///                                  {"values":[51.2,...],"step_seconds":1.7,"fails":false}
///
/// `problems` are those that run_trials is for, `in_time` those of run_asynchronous; many are in
/// both. `config` is a sweep file, `conditions` are as `init` of ask-tell takes them, `params`
/// those that are active. `value` is what was observed, null of a trial that failed. `values` are
/// those of steps 1, 2 ...; a training that `fails` does so after the last of them (after one step
/// where there is none). `regret` is without noise, and null where it is infinite: for some
/// problems it takes several trainings. Whatever else comes is answered {"error":"..."}.
///
/// Errors: a problem whose sweep file is none.
Status serve(const std::vector<Problem>& problems, std::istream& in, std::ostream& out);

}  // namespace scopa::bench
