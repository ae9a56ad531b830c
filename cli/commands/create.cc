#include <memory>

#include "analysis/config_format.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/query.h"
#include "cli/sweep_file.h"
#include "cli/sweep_plan.h"
#include "sdk/base/limits.h"

namespace scopa::cli {
namespace {

struct CreateOptions {
  std::string file;
  std::string name;
  std::string project;
  std::uint64_t seed = 0;
  std::uint64_t run_cap = 0;
};

/// What a worker on this machine types: --url where the broker is not found without it.
std::string worker_line(const Context& context, const Link& link, const SweepId& sweep) {
  std::string line = "scopa worker " + sweep;
  if (!context.globals.url.empty()) line += " --url " + analysis::shell_quoted(context.globals.url);
  if (!context.globals.dir.empty()) line += " --dir " + analysis::shell_quoted(context.globals.dir);
  if (!link.is_broker()) line = "scopa run --resume " + sweep;
  return line;
}

int create(Context& context, const CreateOptions& o) {
  SweepFile file;
  int exit = kExitOk;
  if (!read_sweep_file(context, o.file, &file, &exit)) return exit;
  say_before_launch(context, file, o.run_cap);
  auto link = connect(context, Access::kWrite);
  if (!link) return fail(context, link.status());
  wire::Create request = create_request(file);
  request.name = o.name;
  request.project = o.project;
  request.seed = o.seed;
  request.run_cap = o.run_cap;
  const auto created = ask<wire::Created>(**link, std::move(request));
  if (!created) return fail(context, created.status());
  const std::string worker = worker_line(context, **link, created->sweep);
  if (context.globals.json) {
    print_out(json_document({{"sweep", json_text(created->sweep)},
                             {"name", json_text(created->name)},
                             {"worker", json_text(worker)}}));
    return kExitOk;
  }
  print_out(created->sweep + "\n");
  if (context.terminal.err_is_tty) {
    say(context, "sweep " + created->name + " is ready at " + (*link)->place() +
                     "; run its trials with\n\n    " + worker + "\n\n");
  }
  return kExitOk;
}

}  // namespace

void declare_create(Args& args) {
  auto o = std::make_shared<CreateOptions>();
  args.description(
      "Registers a sweep with the broker and prints its id; workers then run its trials. The file "
      "is checked first, and kept with the sweep as it is.");
  args.positional("FILE", &o->file, "a sweep file, YAML or JSON; - reads stdin");
  args.text("--name", "NAME", &o->name, "a name instead of the file's");
  args.text("--project", "NAME", &o->project, "a project instead of the file's, for `scopa ls`");
  args.number("--run-cap", "N", &o->run_cap, "so many trials, instead of the file's run_cap",
              {1, limits::kTrialsMax});
  args.number("--seed", "N", &o->seed, "seed of the search, instead of the file's", {.least = 1});
  args.example("scopa create sweep.yaml", "prints the id and how to start a worker");
  args.example("SWEEP=$(scopa create sweep.yaml) && scopa worker $SWEEP", "in a script");
  args.action([o](Context& c) { return create(c, *o); });
}

}  // namespace scopa::cli
