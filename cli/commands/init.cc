#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "analysis/config_format.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/output_file.h"
#include "cli/starting_files.h"
#include "cli/sweep_file.h"

namespace scopa::cli {
namespace {

struct InitOptions {
  std::string preset;
  std::string wandb;
  std::string output = "sweep.yaml";
  bool force = false;
};

std::string text_of(const std::string& preset) {
  for (const Preset& p : presets()) {
    if (p.name == preset) return std::string(p.text);
  }
  return {};
}

/// In one step that fails where the file is there, so that nothing is lost that comes in between.
Status create_file(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL, 0644);
  if (fd < 0 && errno == EEXIST) {
    return {Code::kConflict, path + " is there already",
            "write another one with `-o FILE`, or replace it with --force"};
  }
  std::size_t written = 0;
  int error = fd < 0 ? errno : 0;
  while (error == 0 && written < text.size()) {
    const ssize_t n = write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno != EINTR) error = errno;
    if (n > 0) written += static_cast<std::size_t>(n);
  }
  if (fd >= 0 && close(fd) != 0 && error == 0) error = errno;
  if (error == 0) return Status::ok();
  return {Code::kResource, "cannot write " + path + ": " + std::strerror(error)};
}

Status replace_file(const std::string& path, const std::string& text) {
  SCOPA_ASSIGN_OR_RETURN(const auto file, OutputFile::open(path));
  file->write(text);
  return file->finish();
}

int deliver(Context& context, const InitOptions& o, const std::string& from,
            const std::string& text) {
  if (o.output == "-") {
    print_out(context.globals.json
                  ? json_document({{"from", json_text(from)}, {"text", json_text(text)}})
                  : text);
    return kExitOk;
  }
  const Status status = o.force ? replace_file(o.output, text) : create_file(o.output, text);
  if (!status) return fail(context, status);
  if (context.globals.json) {
    print_out(json_document({{"from", json_text(from)}, {"file", json_text(o.output)}}));
    return kExitOk;
  }
  const std::string name = analysis::shell_quoted(o.output);
  say(context, "wrote " + o.output + " (" + from + "); edit it, then\n\n    scopa check " + name +
                   "\n    scopa run " + name + "\n\n");
  return kExitOk;
}

int init(Context& context, const InitOptions& o) {
  if (!o.wandb.empty() && !o.preset.empty()) {
    return fail_usage(context, "--preset or --from-wandb, not both", "scopa init");
  }
  if (!o.wandb.empty()) {
    SweepFile file;
    int exit = kExitOk;
    if (!read_sweep_file(context, o.wandb, &file, &exit)) return exit;
    return deliver(context, o, "from " + file.name, from_wandb(file.text, spec::parse(file.text)));
  }
  if (o.preset.empty()) {
    std::string list = "preset `scratch`; there are\n";
    for (const Preset& p : presets()) {
      list += "  --preset " + std::string(p.name) + std::string(10 - p.name.size(), ' ') +
              std::string(p.says) + "\n";
    }
    say(context, list);
  }
  const std::string preset = o.preset.empty() ? "scratch" : o.preset;
  return deliver(context, o, "preset " + preset, text_of(preset));
}

}  // namespace

void declare_init(Args& args) {
  auto o = std::make_shared<InitOptions>();
  args.description(
      "Writes a sweep file to start from, with comments that say why each range is what it is: for "
      "training from scratch or for fine-tuning, or a W&B sweep file with what Scopa does with it "
      "and could do besides. A file that is there is not replaced.");
  std::vector<std::string> names;
  for (const Preset& p : presets()) names.emplace_back(p.name);
  args.choice("--preset", "NAME", &o->preset, names, "scratch (the default) or finetune");
  args.text("--from-wandb", "FILE", &o->wandb, "a W&B sweep file, kept as it is; - reads stdin");
  args.text("-o,--output", "FILE", &o->output, "where to write it (sweep.yaml); - is stdout");
  args.flag("--force", &o->force, "replace the file that is there");
  args.example("scopa init --preset finetune", "writes sweep.yaml");
  args.example("scopa init --from-wandb wandb/sweep.yaml -o sweep.yaml", "coming from W&B");
  args.action([o](Context& c) { return init(c, *o); });
}

}  // namespace scopa::cli
