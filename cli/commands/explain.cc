#include "broker/core/explain.h"

#include <memory>
#include <utility>

#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/explain_view.h"
#include "cli/json.h"
#include "cli/log_progress.h"
#include "cli/query.h"
#include "cli/sweep_log.h"

namespace scopa::cli {
namespace {

Result<core::Explanation> explain_trial(Context& context, Link& link, const wire::SweepInfo& sweep,
                                        std::uint64_t trial) {
  core::Explain explain(sweep.id);
  LogProgress progress(context, title_of(sweep));
  SCOPA_RETURN_IF_ERROR(fetch_log(
      link, sweep.id,
      [&](store::LogItem item) {
        std::visit([&](auto& each) { explain.add(std::move(each)); }, item);
        return Status::ok();
      },
      [&](std::size_t bytes) { progress.fetched(bytes); }));
  return explain.run(trial,
                     [&](std::size_t done, std::size_t all) { progress.checked(done, all); });
}

int explain(Context& context, const std::string& what) {
  const TrialName name = split_trial_name(what);
  if (!name.trial) {
    return fail_usage(context, "`" + what + "` names no trial; write SWEEP/N, e.g. @last/17",
                      "scopa explain");
  }
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  const auto sweep = get_sweep(**link, name.sweep);
  if (!sweep) return fail(context, sweep.status());
  const auto explanation = explain_trial(context, **link, *sweep, *name.trial);
  if (!explanation) return fail(context, explanation.status());
  if (context.globals.json) {
    print_out(
        json_document({{"sweep", json_text(sweep->id)}, {"explanation", json_of(*explanation)}}));
  } else {
    print_out(explanation_screen(*explanation, context.terminal));
  }
  if (explanation->agrees()) return kExitOk;
  return fail(context, log_differs("what is recorded of trial " + sweep->id + "/" +
                                   std::to_string(*name.trial) + " is not what the log leads to"));
}

}  // namespace

void declare_explain(Args& args) {
  auto what = std::make_shared<std::string>();
  args.description(
      "Why a trial has its parameters, and why it was stopped: what the model had seen, the trials "
      "it learned from as good and as bad, the density of the good ones l(x) and of the others "
      "g(x) for each parameter, the candidates; the rung, the value, the threshold and the other "
      "trials there. All is computed anew from the stored log, by the code that decided, and "
      "compared with what is recorded: the last line says `equal`, or the exit code is 1.");
  args.positional("SWEEP/N", what.get(), "trial N of a sweep");
  args.example("scopa explain @last/17", "trial 17 of the last sweep");
  args.example("scopa explain fox-1/17 --json | jq .explanation.proposal.model.good",
               "the trials that it learned from");
  args.action([what](Context& c) { return explain(c, *what); });
}

}  // namespace scopa::cli
