#include <algorithm>
#include <map>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/query.h"
#include "cli/token.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct RetryOptions {
  std::string sweep;
  std::vector<std::string> trials;
  bool failed = false;
  std::string cause;
  bool dry_run = false;
};

Status usage(std::string message, std::string help) {
  return {Code::kInvalidArgument, std::move(message), std::move(help)};
}

Result<std::uint64_t> number_of(const std::string& text) {
  const bool digits = !text.empty() && text.size() <= 18 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  if (digits) return std::stoull(text);
  return usage("`" + printable(text, 60) + "` is no number of a trial",
               "write for example `scopa retry SWEEP 3 17`");
}

Result<wire::Retry> request_of(const RetryOptions& o) {
  wire::Retry retry;
  const TrialName name = split_trial_name(o.sweep);
  retry.sweep = name.sweep;
  if (name.trial) retry.trials.push_back(*name.trial);
  for (const std::string& text : split_lists(o.trials)) {
    SCOPA_ASSIGN_OR_RETURN(const std::uint64_t number, number_of(text));
    retry.trials.push_back(number);
  }
  if (o.failed && !retry.trials.empty()) {
    return usage("--failed and numbers of trials together",
                 "leave --failed out: of the trials that are named, all are tried again");
  }
  if (!o.cause.empty()) {
    const auto cause = cause_from(o.cause);
    if (!cause) return usage("`" + printable(o.cause, 60) + "` is no cause", "");
    retry.cause = static_cast<std::uint8_t>(*cause);
  }
  retry.token = random_token();
  retry.dry_run = o.dry_run;
  return retry;
}

std::string cause_name(std::uint64_t cause) {
  const std::string name(name_of(static_cast<Cause>(cause)));
  return name.empty() ? "none" : name;
}

/// By cause, the most frequent first.
std::vector<std::pair<std::string, std::size_t>> counts_of(const wire::Retried& retried) {
  std::map<std::string, std::size_t> counts;
  for (const std::uint64_t cause : retried.causes) ++counts[cause_name(cause)];
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::string summary(const wire::Retried& retried, bool dry_run) {
  if (retried.trials.empty()) return "no trial has failed so: nothing to retry\n";
  std::string out = count_of(retried.trials.size(), "trial") +
                    (dry_run ? " would go back to the queue:" : " back in the queue:");
  std::string separator = " ";
  for (const auto& [cause, count] : counts_of(retried)) {
    out +=
        separator + std::to_string(count) + " " + (cause == "none" ? "that did not fail" : cause);
    separator = ", ";
  }
  if (retried.more > 0) {
    out += "; " + std::to_string(retried.more) + " more: the same command again takes them";
  }
  return out + "\n";
}

std::string as_json(const wire::Retried& retried, const wire::SweepInfo& sweep, bool dry_run) {
  std::vector<std::string> trials;
  for (std::size_t i = 0; i < retried.trials.size(); ++i) {
    const std::uint64_t cause = i < retried.causes.size() ? retried.causes[i] : 0;
    trials.push_back(json_object({{"trial", std::to_string(retried.trials[i])},
                                  {"cause", cause == 0 ? "null" : json_text(cause_name(cause))}}));
  }
  JsonFields counts;
  for (const auto& [cause, count] : counts_of(retried)) {
    counts.emplace_back(cause, std::to_string(count));
  }
  return json_document({{"sweep", json_text(sweep.id)},
                        {"name", json_text(sweep.name)},
                        {"state", json_text(name_of(static_cast<SweepState>(sweep.state)))},
                        {"dry_run", dry_run ? "true" : "false"},
                        {"retried", json_array(trials)},
                        {"causes", json_object(counts)},
                        {"more", std::to_string(retried.more)}});
}

int retry(Context& context, const RetryOptions& o) {
  auto request = request_of(o);
  if (!request) {
    Failure f = failure_of(request.status());
    f.exit = kExitUsage;
    return fail(context, f);
  }
  auto link = connect(context, o.dry_run ? Access::kRead : Access::kWrite);
  if (!link) return fail(context, link.status());
  const auto sweep = get_sweep(**link, request->sweep);
  if (!sweep) return fail(context, sweep.status());
  request->sweep = sweep->id;
  const auto retried = ask<wire::Retried>(**link, std::move(*request));
  if (!retried) return fail(context, retried.status());
  const auto now = get_sweep(**link, sweep->id);
  const wire::SweepInfo& after = now ? *now : *sweep;
  if (context.globals.json) {
    print_out(as_json(*retried, after, o.dry_run));
    return kExitOk;
  }
  if (!context.terminal.out_is_tty) {
    for (std::size_t i = 0; i < retried->trials.size(); ++i) {
      const std::uint64_t cause = i < retried->causes.size() ? retried->causes[i] : 0;
      print_out(sweep->id + "/" + std::to_string(retried->trials[i]) + "\t" + cause_name(cause) +
                "\n");
    }
  }
  say(context, summary(*retried, o.dry_run));
  if (o.dry_run || retried->trials.empty()) return kExitOk;
  const auto before = static_cast<SweepState>(sweep->state);
  const bool cap_is_used_up = after.run_cap != 0 && after.configurations >= after.run_cap;
  if ((before == SweepState::kFinished || before == SweepState::kStopping) && !cap_is_used_up) {
    say(context, "the sweep was " + std::string(name_of(before)) +
                     " and goes on, with new trials too; `scopa stop " + sweep->id +
                     "` when these are running, if that is not wanted\n");
  }
  if (static_cast<SweepState>(after.state) == SweepState::kPaused) {
    say(context, "the sweep is paused: `scopa resume " + sweep->id + "` to have them tried\n");
  } else if (!(*link)->is_broker()) {
    say(context, "no broker runs here: `scopa run --resume " + sweep->id + "` goes on\n");
  } else if (after.workers == 0) {
    say(context, "no worker is there: `scopa worker " + sweep->id + "` starts one\n");
  }
  return kExitOk;
}

}  // namespace

void declare_retry(Args& args) {
  auto o = std::make_shared<RetryOptions>();
  args.description(
      "Puts trials back into the queue, as new attempts: all that have failed, those that failed "
      "of "
      "one cause, or those that are named, also when they completed or were pruned. What the "
      "earlier "
      "attempts logged is kept as history, and counters of retries begin anew. A finished or "
      "stopping "
      "sweep goes on, a paused one stays paused. Prints the trials.");
  args.positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last; or SWEEP/N");
  args.optional_positionals("N", &o->trials, "numbers of trials; none: all that have failed");
  args.flag("--failed", &o->failed, "all that have failed, as without a number");
  args.choice("--cause", "CAUSE", &o->cause,
              {"oom", "nan", "crash", "user_error", "timeout", "preempted", "node"},
              "of those, only the ones that failed of this");
  args.flag("--dry-run", &o->dry_run, "say which, and change nothing");
  args.example("scopa retry fox-1", "all that have failed, after the trainer has been fixed");
  args.example("scopa retry fox-1 --cause node --dry-run", "what a bad machine has cost");
  args.example("scopa retry fox-1 3 17", "trials 3 and 17, whatever became of them");
  args.action([o](Context& c) { return retry(c, *o); });
}

}  // namespace scopa::cli
