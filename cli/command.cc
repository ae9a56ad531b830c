#include "cli/command.h"

#include "cli/commands/commands.h"

namespace scopa::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"run", "Run", "run a sweep on this machine, start to end", declare_run},
      {"broker", "Run", "serve sweeps to workers, until stopped", declare_broker},
      {"create", "Run", "register a sweep with a broker", declare_create},
      {"worker", "Run", "run trials of a sweep", declare_worker},
      {"init", "Run", "write a sweep file to start from", declare_init},
      {"check", "Run", "read a sweep file, say what is wrong and what it leads to", declare_check},
      {"try", "Run", "train one configuration of a sweep file, keep nothing", declare_try},
      {"rehearse", "Run", "a sweep file in virtual time, before it costs a GPU hour",
       declare_rehearse},
      {"ls", "Look", "list sweeps", declare_ls},
      {"status", "Look", "one sweep on one screen", declare_status},
      {"trials", "Look", "the leaderboard", declare_trials},
      {"best", "Look", "the best configurations, ready to paste", declare_best},
      {"show", "Look", "a sweep or a trial in detail", declare_show},
      {"explain", "Look", "why a trial was proposed, and why it was stopped", declare_explain},
      {"logs", "Look", "what a trial printed", declare_logs},
      {"export", "Look", "trials or metric points as CSV or JSON lines", declare_export},
      {"replay", "Look", "check every decision of a sweep against its log", declare_replay},
      {"pause", "Steer", "hand out no new trials for now", declare_pause},
      {"resume", "Steer", "go on, also with a higher cap", declare_resume},
      {"stop", "Steer", "let running trials end, start no more", declare_stop},
      {"cancel", "Steer", "end running trials now", declare_cancel},
      {"retry", "Steer", "try failed trials again", declare_retry},
      {"quarantine", "Steer", "workers that get no more trials, and why", declare_quarantine},
      {"edit", "Steer", "mend a sweep's file: program, metric, caps, pruner", declare_edit},
      {"rm", "Steer", "remove a sweep, or what its trials have left", declare_rm},
      {"enqueue", "Steer", "try a configuration of your own next", declare_enqueue},
      {"keygen", "Other", "keys for a broker that other machines reach", declare_keygen},
      {"ask-tell", "Other", "the optimizer alone, in JSON lines, for any language",
       declare_ask_tell},
      {"backup", "Other", "copy the store while the broker goes on", declare_backup},
      {"restore", "Other", "make a store of a backup", declare_restore},
      {"store", "Other", "verify a store or a backup", declare_store},
      {"schema", "Other", "the JSON Schema of sweep files, for editors", declare_schema},
      {"help", "Other", "what a command does, with examples", declare_help},
      {"version", "Other", "versions of program and protocol", declare_version},
      {"completion", "Other", "completion for bash, zsh or fish", declare_completion},
  };
  return all;
}

}  // namespace scopa::cli
