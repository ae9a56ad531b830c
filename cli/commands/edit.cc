#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "analysis/config_format.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/query.h"
#include "cli/sweep_file.h"
#include "cli/token.h"

namespace scopa::cli {
namespace {

struct EditOptions {
  std::string sweep;
  std::string file;
};

std::string editor_command() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "vi";
}

/// A file of our own that holds `text`, for an editor.
Result<std::string> draft_of(const std::string& text, const SweepId& sweep) {
  std::error_code error;
  const std::string folder = std::filesystem::temp_directory_path(error).string();
  if (error) return Status{Code::kResource, "no folder for temporary files: " + error.message()};
  const std::string path = folder + "/scopa-" + sweep + "-" + random_token() + ".yaml";
  const int made = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (made < 0) return Status{Code::kResource, "cannot write " + path};
  ::close(made);
  if (std::ofstream file(path); !(file << text) || !file.flush()) {
    return Status{Code::kResource, "cannot write " + path};
  }
  return path;
}

Status open_editor(const std::string& path) {
  const std::string line = editor_command() + " " + analysis::shell_quoted(path);
  const int status = std::system(line.c_str());
  if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return Status::ok();
  return {Code::kInvalidArgument, "the editor `" + editor_command() + "` failed",
          "set EDITOR, or give a file: `scopa edit SWEEP FILE`"};
}

/// Sends the text; what was refused in an editor stays in its file.
int send_edit(Context& context, Link& link, const wire::SweepInfo& sweep, const SweepFile& file) {
  wire::Edit request;
  request.sweep = sweep.id;
  request.file_name = file.name;
  request.spec = file.text;
  const auto done = ask<wire::Done>(link, std::move(request));
  if (!done) return fail(context, done.status());
  const auto state = static_cast<SweepState>(done->state);
  if (context.globals.json) {
    print_out(json_document({{"sweep", json_text(sweep.id)},
                             {"name", json_text(sweep.name)},
                             {"state", json_text(name_of(state))}}));
    return kExitOk;
  }
  print_out(sweep.id + (context.terminal.out_is_tty ? "  " : "\t") + "edited\n");
  if (state == SweepState::kPaused || has_ended(state)) {
    const std::string on = link.is_broker() ? "`scopa resume " : "`scopa run --resume ";
    say(context, "it is " + std::string(name_of(state)) + ": " + on + sweep.id + "` goes on\n");
  } else {
    say(context, "trials that start from now on are run so; running ones go on as they are\n");
  }
  return kExitOk;
}

int edit(Context& context, const EditOptions& o) {
  auto link = connect(context, Access::kWrite);
  if (!link) return fail(context, link.status());
  auto reply = ask<wire::SweepReply>(**link, wire::GetSweep{.sweep = o.sweep, .with_spec = true});
  if (!reply) return fail(context, reply.status());
  std::string path = o.file;
  if (o.file.empty()) {
    if (!context.terminal.out_is_tty) {
      return fail_usage(context, "without a terminal there is no editor; name a file",
                        "scopa edit");
    }
    auto draft = draft_of(reply->spec, reply->sweep.id);
    if (!draft) return fail(context, draft.status());
    path = *draft;
    if (const Status edited = open_editor(path); !edited) return fail(context, edited);
  }
  SweepFile file;
  int exit = kExitOk;
  if (!read_sweep_file(context, path, &file, &exit)) {
    if (o.file.empty()) say(context, "what you wrote is kept in " + path + "\n");
    return exit;
  }
  if (o.file.empty()) file.name = reply->file_name;
  if (file.text == reply->spec) {
    say(context, "nothing has changed\n");
    return kExitOk;
  }
  exit = send_edit(context, **link, reply->sweep, file);
  if (o.file.empty()) {
    std::error_code ignored;
    if (exit == kExitOk) std::filesystem::remove(path, ignored);
    if (exit != kExitOk) say(context, "what you wrote is kept in " + path + "\n");
  }
  return exit;
}

}  // namespace

void declare_edit(Args& args) {
  auto o = std::make_shared<EditOptions>();
  args.description(
      "Gives a sweep a new text of its file: opens the present one in your editor (VISUAL or "
      "EDITOR), or takes FILE. What is run and how long may change: program, command, metric.name, "
      "metric.target, run_cap, budget, max_trial_time, retries, grace, early_terminate; what is "
      "searched may not: that is another sweep. After a new metric.name all trials take their "
      "values from what they logged under it, and trials without a value no longer count against "
      "the cap. Stops that were made stand.");
  args.positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last");
  args.optional_positional("FILE", &o->file, "the new text; - reads stdin");
  args.example("scopa edit @last", "in your editor");
  args.example("scopa show @last --spec | sed s/trainr/trainer/ | scopa edit @last -",
               "a name that was wrong");
  args.action([o](Context& c) { return edit(c, *o); });
}

}  // namespace scopa::cli
