#include <algorithm>
#include <memory>

#include "broker/lint/lint.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/program_check.h"
#include "cli/sweep_plan.h"

namespace scopa::cli {
namespace {

constexpr std::size_t kFirst = 5;

struct CheckOptions {
  std::string file;
  bool strict = false;
};

/// What the parser says and, of a file without errors, what the linter adds and this machine, in
/// the file's order.
std::vector<spec::Diagnostic> all_findings(const spec::Parsed& parsed, const lint::Plan& plan,
                                           const std::string& text) {
  std::vector<spec::Diagnostic> all = parsed.diagnostics;
  if (!parsed.ok()) return all;
  const auto remarks = lint::lint(parsed.spec, text);
  all.insert(all.end(), remarks.begin(), remarks.end());
  const auto program = check_program(parsed.spec, text, first_of(plan));
  all.insert(all.end(), program.begin(), program.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  return all;
}

std::string verdict(const std::vector<spec::Diagnostic>& findings) {
  std::string text;
  for (const auto severity :
       {spec::Severity::kError, spec::Severity::kWarning, spec::Severity::kAdvice}) {
    const auto n = static_cast<std::uint64_t>(std::count_if(
        findings.begin(), findings.end(), [&](const auto& d) { return d.severity == severity; }));
    if (n == 0) continue;
    if (!text.empty()) text += ", ";
    text += severity == spec::Severity::kAdvice ? std::to_string(n) + " advice"
                                                : count_of(n, std::string(name_of(severity)));
  }
  return text;
}

int check(Context& context, const CheckOptions& o) {
  auto text = read_text(o.file);
  if (!text) {
    Failure f = failure_of(text.status());
    f.file = o.file;
    return fail(context, f);
  }
  const std::string name = o.file == "-" ? "stdin" : o.file;
  const spec::Parsed parsed = spec::parse(*text);
  const lint::Plan plan = parsed.ok() ? lint::make_plan(parsed.spec, kFirst) : lint::Plan{};
  const auto findings = all_findings(parsed, plan, *text);
  const bool ok = std::none_of(findings.begin(), findings.end(),
                               [](const auto& d) { return d.severity == spec::Severity::kError; });
  const bool fails = !ok || (o.strict && !findings.empty());
  const int exit = fails ? kExitInvalid : kExitOk;
  if (context.globals.json) {
    std::vector<std::string> items;
    for (const auto& d : findings) items.push_back(json_of(d));
    print_out(json_document({{"file", json_text(name)},
                             {"ok", ok ? "true" : "false"},
                             {"diagnostics", json_array(items)},
                             {"plan", ok ? plan_json(plan, parsed.spec) : "null"}}));
    return exit;
  }
  for (const auto& d : findings) {
    print_out(spec::render(d, name, *text, context.terminal.out_color) + "\n");
  }
  const std::string counts = verdict(findings);
  print_out(name + ": " + (ok ? counts.empty() ? "ok" : "ok, with " + counts : counts) + "\n");
  if (!ok) return exit;
  print_out("\n" + plan_text(context, plan, parsed.spec));
  return exit;
}

}  // namespace

void declare_check(Args& args) {
  auto o = std::make_shared<CheckOptions>();
  args.description(
      "Reads a sweep file and says what is wrong with it, and what is valid but wastes trials: "
      "each finding with its place and a remedy to paste. Then what the file will lead to: the "
      "size of the space, the trials, where pruning compares them and how many are expected to "
      "survive, the command line of a trial and whether it could be started here, and the first "
      "configurations. Nothing is created or started. Exit code 5 when there are errors.");
  args.positional("FILE", &o->file, "a sweep file, YAML or JSON; - reads stdin");
  args.flag("--strict", &o->strict, "exit code 5 for any finding, warnings and advice too");
  args.example("scopa check sweep.yaml", "before it costs a GPU hour");
  args.example("scopa check --strict sweep.yaml", "in CI");
  args.example("scopa check --json sweep.yaml | jq '.plan.first[0]'", "for programs");
  args.action([o](Context& c) { return check(c, *o); });
}

}  // namespace scopa::cli
