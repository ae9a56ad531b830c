#include <memory>

#include "cli/assignments.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/query.h"
#include "cli/token.h"

namespace scopa::cli {
namespace {

struct EnqueueOptions {
  std::string sweep;
  std::vector<std::string> assignments;
};

int enqueue(Context& context, const EnqueueOptions& o) {
  auto params = params_of(o.assignments);
  if (!params) {
    Failure f = failure_of(params.status());
    f.exit = kExitUsage;
    return fail(context, f);
  }
  auto link = connect(context, Access::kWrite);
  if (!link) return fail(context, link.status());
  const auto sweep = get_sweep(**link, o.sweep);
  if (!sweep) return fail(context, sweep.status());
  wire::Enqueue request;
  request.token = random_token();
  request.sweep = sweep->id;
  request.params = std::move(*params);
  const auto reply = ask<wire::Enqueued>(**link, std::move(request));
  if (!reply) return fail(context, reply.status());
  const std::string name = sweep->id + "/" + std::to_string(reply->trial);
  if (context.globals.json) {
    print_out(json_document({{"sweep", json_text(sweep->id)},
                             {"trial", std::to_string(reply->trial)},
                             {"params", to_json(reply->params)}}));
    return kExitOk;
  }
  print_out(name + "\n");
  say(context, "next in line: " + to_json(reply->params) + "\n");
  if (static_cast<SweepState>(sweep->state) == SweepState::kFinished) {
    say(context, "the sweep goes on with it: `scopa " +
                     std::string((*link)->is_broker() ? "worker " : "run --resume ") + sweep->id +
                     "`\n");
  }
  if (static_cast<SweepState>(sweep->state) == SweepState::kPaused) {
    say(context, "the sweep is paused: `scopa resume " + sweep->id + "` to have it tried\n");
  }
  return kExitOk;
}

}  // namespace

void declare_enqueue(Args& args) {
  auto o = std::make_shared<EnqueueOptions>();
  args.description(
      "Puts a configuration of your own in front of what the sampler proposes. Parameters that are "
      "left out are drawn from their distributions. Values are read as JSON where they are JSON, "
      "else as text. Prints the trial's name.");
  args.positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last");
  args.positionals("NAME=VALUE", &o->assignments, "parameters of the configuration");
  args.example("scopa enqueue fox-1 lr=1e-3 optimizer=adam", "what worked last time");
  args.example("scopa enqueue @last optimizer.name=sgd", "a nested parameter by its path");
  args.action([o](Context& c) { return enqueue(c, *o); });
}

}  // namespace scopa::cli
