// store verify.
#include <memory>

#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/store_report.h"

namespace scopa::cli {
namespace {

struct StoreOptions {
  std::string what;
  std::string folder;
};

std::string json_report(const std::string& folder, const store::Verified& v) {
  std::vector<std::string> problems;
  for (const store::Problem& each : v.problems) {
    problems.push_back(json_object({{"family", json_text(each.family)},
                                    {"key", each.key.empty() ? "null" : json_text(each.key)},
                                    {"problem", json_text(each.text)}}));
  }
  return json_document({{"folder", json_text(folder)},
                        {"sound", v.is_sound() ? "true" : "false"},
                        {"schema", std::to_string(v.schema)},
                        {"software", json_text(v.software)},
                        {"sweeps", std::to_string(v.sweeps)},
                        {"removed", std::to_string(v.removed)},
                        {"trials", std::to_string(v.trials)},
                        {"attempts", std::to_string(v.attempts)},
                        {"events", std::to_string(v.events)},
                        {"reports", std::to_string(v.reports)},
                        {"points", std::to_string(v.points)},
                        {"last_seq", std::to_string(v.last_seq)},
                        {"problem_count", std::to_string(v.problem_count)},
                        {"problems", json_array(problems)}});
}

int verify(Context& context, const std::string& folder) {
  const auto found = verify_and_watch(context, folder);
  if (!found) return fail(context, found.status());
  if (context.globals.json) {
    print_out(json_report(folder, *found));
    return found->is_sound() ? kExitOk : kExitFailed;
  }
  if (!found->is_sound()) {
    print_out(problem_lines(*found));
    return fail(context, not_sound(folder, *found));
  }
  print_out("sound: " + count_of(found->sweeps, "sweep") + ", " + count_of(found->trials, "trial") +
            ", " + count_of(found->attempts, "attempt") + ", " + count_of(found->events, "event") +
            ", " + count_of(found->points, "point") + " in " + count_of(found->reports, "report") +
            "; schema " + std::to_string(found->schema) + "\n");
  return kExitOk;
}

}  // namespace

void declare_store(Args& args) {
  auto o = std::make_shared<StoreOptions>();
  args.description(
      "`store verify` reads every key and value of a store or a backup and says what is not as a "
      "broker would have written it: keys, events, blocks of points, numbers, offsets, states, run "
      "caps, and whether the state can be rebuilt. It changes nothing, and a broker may run beside "
      "it. Exit code 1 when there are problems.");
  args.positional("WHAT", &o->what, "verify");
  args.optional_positional("DIR", &o->folder,
                           "a folder with a store in it; .scopa, or that of --dir");
  args.example("scopa store verify", "the store in .scopa");
  args.example("scopa store verify /backup/scopa-2026-11-26 --json | jq .problems",
               "a backup, for scripts");
  args.action([o](Context& c) {
    if (o->what != "verify") {
      return fail_usage(c, "`" + o->what + "` is nothing to do with a store; there is `verify`",
                        "scopa store");
    }
    return verify(c, o->folder.empty() ? c.folder() : o->folder);
  });
}

}  // namespace scopa::cli
