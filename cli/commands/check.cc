#include <memory>

#include "broker/spec/parse.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/sweep_file.h"

namespace scopa::cli {
namespace {

struct CheckOptions {
  std::string file;
};

std::string json_of(const spec::Diagnostic& d) {
  return json_object(
      {{"severity", json_text(d.severity == spec::Severity::kError ? "error" : "warning")},
       {"code", json_text(d.code)},
       {"message", json_text(d.message)},
       {"path", d.path.empty() ? "null" : json_text(d.path)},
       {"line", d.line > 0 ? std::to_string(d.line) : "null"},
       {"column", d.column > 0 ? std::to_string(d.column) : "null"},
       {"help", d.help.empty() ? "null" : json_text(d.help)}});
}

std::string summary(const spec::SweepSpec& s) {
  std::string out =
      std::string(spec::name_of(s.method)) + " over " + count_of(s.parameters.size(), "parameter");
  if (s.metric) out += ", " + std::string(name_of(s.metric->goal)) + " " + s.metric->name;
  if (s.pruner) out += ", " + std::string(spec::name_of(*s.pruner));
  return out + (s.run_cap > 0 ? ", " + count_of(s.run_cap, "trial") : ", no run cap");
}

int check(Context& context, const CheckOptions& o) {
  auto text = read_text(o.file);
  if (!text) {
    Failure f = failure_of(text.status());
    f.file = o.file;
    return fail(context, f);
  }
  const spec::Parsed parsed = spec::parse(*text);
  const int exit = parsed.ok() ? kExitOk : kExitInvalid;
  if (context.globals.json) {
    std::vector<std::string> items;
    for (const auto& d : parsed.diagnostics) items.push_back(json_of(d));
    print_out(json_document({{"file", json_text(o.file)},
                             {"ok", parsed.ok() ? "true" : "false"},
                             {"diagnostics", json_array(items)}}));
    return exit;
  }
  std::size_t errors = 0;
  for (const auto& d : parsed.diagnostics) {
    errors += d.severity == spec::Severity::kError ? 1 : 0;
    std::string shown = spec::render(d, o.file, *text, context.terminal.out_color);
    if (!shown.empty() && shown.back() != '\n') shown += '\n';
    print_out(shown);
  }
  const std::size_t warnings = parsed.diagnostics.size() - errors;
  std::string verdict = parsed.ok() ? "ok: " + summary(parsed.spec) : count_of(errors, "error");
  if (warnings > 0) verdict += ", " + count_of(warnings, "warning");
  print_out(o.file + ": " + verdict + "\n");
  return exit;
}

}  // namespace

void declare_check(Args& args) {
  auto o = std::make_shared<CheckOptions>();
  args.description(
      "Reads a sweep file and says everything that is wrong with it, with the place and the "
      "remedy. Nothing is created. Exit code 5 when there are errors.");
  args.positional("FILE", &o->file, "a sweep file, YAML or JSON; - reads stdin");
  args.example("scopa check sweep.yaml", "before it costs a GPU hour");
  args.action([o](Context& c) { return check(c, *o); });
}

}  // namespace scopa::cli
