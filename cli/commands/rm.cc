#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "analysis/leaderboard.h"
#include "cli/board.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/query.h"
#include "cli/trial_folders.h"
#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct RmOptions {
  std::string sweep;
  std::vector<std::string> more;
  std::uint64_t keep_best = 0;
  bool force = false;
  bool dry_run = false;
};

/// What the command line names.
struct Wanted {
  std::string sweep;
  std::vector<std::uint64_t> trials;
  bool is_whole(const RmOptions& o) const { return trials.empty() && o.keep_best == 0; }
};

Status usage(std::string message) {
  return {Code::kInvalidArgument, std::move(message),
          "write `scopa rm SWEEP`, `scopa rm SWEEP/3`, or `scopa rm SWEEP 3 17`"};
}

Result<Wanted> wanted(const RmOptions& o) {
  const TrialName first = split_trial_name(o.sweep);
  Wanted wanted{first.sweep, {}};
  if (first.trial) wanted.trials.push_back(*first.trial);
  for (const std::string& text : split_lists(o.more)) {
    TrialName name = split_trial_name(text);
    if (!name.trial) name = split_trial_name(first.sweep + "/" + text);
    if (!name.trial) return usage("`" + printable(text, 60) + "` is no number of a trial");
    if (name.sweep != first.sweep) {
      return usage("trials of two sweeps, `" + printable(first.sweep, 60) + "` and `" +
                   printable(name.sweep, 60) + "`, at once");
    }
    wanted.trials.push_back(*name.trial);
  }
  if (o.keep_best > 0 && !wanted.trials.empty()) {
    return usage("--keep-best and numbers of trials together");
  }
  if (o.force && !wanted.is_whole(o)) return usage("--force is for a whole sweep");
  return wanted;
}

/// The trials that have ended, but for the `keep` best with all their runs. Those that are removed
/// already are among them: an interrupted command may have left their folders.
std::vector<std::uint64_t> all_but_best(const Snapshot& snapshot, std::uint64_t keep) {
  std::set<std::uint64_t> kept;
  for (const wire::TrialInfo* each : analysis::best_k(snapshot.trials, snapshot.goal(),
                                                      std::min<std::uint64_t>(keep, SIZE_MAX))) {
    kept.insert(each->trial);
  }
  std::vector<std::uint64_t> numbers;
  for (const wire::TrialInfo& each : snapshot.trials) {
    const bool has_run = !each.attempts.empty();
    if (!has_ended(static_cast<TrialState>(each.state)) || !has_run) continue;
    if (!kept.contains(each.replicate_of)) numbers.push_back(each.trial);
  }
  return numbers;
}

/// What the broker has removed, or with `dry_run` would.
struct Done {
  bool before = false;  ///< it had gone before
  std::vector<std::uint64_t> trials;
};

Result<Done> ask_broker(Link& link, const SweepId& sweep, const std::vector<std::uint64_t>* trials,
                        const RmOptions& o) {
  wire::Remove request;
  request.sweep = sweep;
  request.force = o.force;
  request.dry_run = o.dry_run;
  request.whole = trials == nullptr;
  Done done;
  if (request.whole) {
    SCOPA_ASSIGN_OR_RETURN(const auto removed, ask<wire::Removed>(link, std::move(request)));
    done.before = removed.before;
    return done;
  }
  for (std::size_t at = 0; at < trials->size(); at += limits::kRemovedMax) {
    const std::size_t end = std::min(trials->size(), at + limits::kRemovedMax);
    request.trials.assign(trials->begin() + static_cast<std::ptrdiff_t>(at),
                          trials->begin() + static_cast<std::ptrdiff_t>(end));
    SCOPA_ASSIGN_OR_RETURN(const auto removed, ask<wire::Removed>(link, wire::Remove(request)));
    done.trials.insert(done.trials.end(), removed.trials.begin(), removed.trials.end());
  }
  return done;
}

std::string host_paths_json(const std::vector<HostPath>& places) {
  std::vector<std::string> items;
  for (const HostPath& each : places) {
    items.push_back(json_object({{"host", json_text(each.host)}, {"path", json_text(each.path)}}));
  }
  return json_array(items);
}

std::string as_json(const SweepId& sweep, const std::string& name, bool whole, const Done& done,
                    const TrialFolders::Outcome& folders, bool dry_run) {
  std::vector<std::string> trials, failed;
  for (const std::uint64_t each : done.trials) trials.push_back(std::to_string(each));
  for (const auto& each : folders.failed) {
    failed.push_back(json_object({{"path", json_text(each.path)}, {"error", json_text(each.why)}}));
  }
  return json_document({{"sweep", json_text(sweep)},
                        {"name", json_text(name)},
                        {"dry_run", dry_run ? "true" : "false"},
                        {"whole", whole ? "true" : "false"},
                        {"before", done.before ? "true" : "false"},
                        {"trials", json_array(trials)},
                        {"folders", json_texts(folders.here)},
                        {"bytes", std::to_string(folders.bytes)},
                        {"elsewhere", host_paths_json(folders.elsewhere)},
                        {"left", host_paths_json(folders.left)},
                        {"failed", json_array(failed)}});
}

/// What people are told beside the lines of data.
std::string told(const TrialFolders::Outcome& folders, bool dry_run) {
  std::string out = count_of(folders.here.size(), "folder") + " on this machine" +
                    (dry_run ? " would go" : " removed") + ", " + size_text(folders.bytes) + "\n";
  const auto list = [&](const std::string& title, const std::vector<HostPath>& places) {
    if (places.empty()) return;
    out += title + "\n";
    for (const HostPath& each : places) {
      out += "  " + printable(each.host, 200) + ":" + printable(each.path, 4000) + "\n";
    }
  };
  list("on other machines, not removed; whoever works there can:", folders.elsewhere);
  list("checkpoints outside the trials' folders, left as they are:", folders.left);
  return out;
}

void print_lines(const Context& context, const SweepId& sweep, bool whole, const Done& done,
                 bool dry_run) {
  const std::string gap = context.terminal.out_is_tty ? "  " : "\t";
  const std::string what = done.before ? "removed before"
                           : dry_run   ? "would be removed"
                                       : "removed";
  if (whole) return print_out(sweep + gap + what + "\n");
  std::string out;
  for (const std::uint64_t each : done.trials) {
    out += sweep + "/" + std::to_string(each) + gap + what + "\n";
  }
  print_out(out);
}

int finish(Context& context, const SweepId& sweep, const std::string& name, bool whole,
           const Done& done, const TrialFolders& places, const RmOptions& o) {
  const TrialFolders::Outcome folders = o.dry_run ? places.look() : places.remove();
  if (context.globals.json) {
    print_out(as_json(sweep, name, whole, done, folders, o.dry_run));
  } else {
    print_lines(context, sweep, whole, done, o.dry_run);
    if (!whole && done.trials.empty()) say(context, "nothing is left to remove of them\n");
    say(context, told(folders, o.dry_run));
  }
  if (folders.failed.empty()) return kExitOk;
  Failure failure;
  failure.code = "S137";
  failure.message = count_of(folders.failed.size(), "folder") + " could not be removed";
  for (const auto& each : folders.failed) {
    failure.details += printable(each.path, 4000) + ": " + printable(each.why, 200) + "\n";
  }
  failure.help = "remove them as their owner; the broker has forgotten what they belong to";
  return fail(context, failure);
}

/// Removed before, but a folder of it may still be here: the command may have been interrupted.
int remove_again(Context& context, Link& link, const std::string& sweep, const RmOptions& o,
                 const Status& not_found) {
  wire::Remove request;
  request.sweep = sweep;
  request.whole = request.dry_run = true;
  const auto removed = ask<wire::Removed>(link, std::move(request));
  if (!removed || !removed->before) return fail(context, not_found);
  TrialFolders places(removed->sweep, context.folder());
  places.add_whole();
  return finish(context, removed->sweep, removed->name, true, {true, {}}, places, o);
}

int rm(Context& context, const RmOptions& o) {
  const auto what = wanted(o);
  if (!what) return fail_as_usage(context, what.status());
  auto link = connect(context, o.dry_run ? Access::kRead : Access::kWrite);
  if (!link) return fail(context, link.status());
  const auto snapshot = get_snapshot(**link, what->sweep);
  const bool whole = what->is_whole(o);
  if (!snapshot) {
    return whole ? remove_again(context, **link, what->sweep, o, snapshot.status())
                 : fail(context, snapshot.status());
  }
  const SweepId& sweep = snapshot->sweep.id;
  if (o.keep_best > 0 && snapshot->sweep.metric.empty()) {
    return fail(context, {Code::kInvalidArgument,
                          "sweep " + title_of(snapshot->sweep) +
                              " has no goal metric, so none of its trials is the best",
                          "name the trials: `scopa rm " + sweep + " 3 17`"});
  }
  const std::vector<std::uint64_t> trials =
      o.keep_best > 0 ? all_but_best(*snapshot, o.keep_best) : what->trials;
  const auto done = ask_broker(**link, sweep, whole ? nullptr : &trials, o);
  if (!done) return fail(context, done.status());
  TrialFolders places(sweep, context.folder());
  const std::set<std::uint64_t> named(trials.begin(), trials.end());
  for (const wire::TrialInfo& each : snapshot->trials) {
    if (whole || named.contains(each.trial)) places.add(each);
  }
  if (whole) places.add_whole();
  return finish(context, sweep, snapshot->sweep.name, whole, *done, places, o);
}

}  // namespace

void declare_rm(Args& args) {
  auto o = std::make_shared<RmOptions>();
  args.description(
      "Removes a sweep that has ended: its log, its points and the folders of its trials on this "
      "machine; only its id stays taken. With numbers of trials, or --keep-best, it removes their "
      "points, folders and checkpoints: what they came to stays in the tables and for the search, "
      "their curves are gone, and `scopa replay` counts what it can no longer check. Folders on "
      "other machines are listed. The store gives the room back by and by. It cannot be undone: "
      "`scopa backup` first, or --dry-run.");
  args.positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last; or SWEEP/N");
  args.optional_positionals("N", &o->more, "numbers of trials that have ended; none: the sweep");
  args.number("--keep-best", "K", &o->keep_best,
              "all trials that have ended but the K best, with their replicates", {.least = 1});
  args.flag("--force", &o->force, "also a sweep that has not ended: it is cancelled first");
  args.flag("--dry-run", &o->dry_run, "say what would go, and change nothing");
  args.example("scopa rm fox-1 --dry-run", "what it would remove, and how much that is");
  args.example("scopa rm fox-1", "all of it");
  args.example("scopa rm fox-1 --keep-best 3", "room on the disk; the leaderboard stays");
  args.example("scopa rm fox-1/17", "what trial 17 has left");
  args.action([o](Context& c) { return rm(c, *o); });
}

}  // namespace scopa::cli
