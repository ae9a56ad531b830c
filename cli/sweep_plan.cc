#include "cli/sweep_plan.h"

#include <algorithm>
#include <cmath>

#include "analysis/config_format.h"
#include "broker/lint/lint.h"
#include "broker/lint/rules.h"
#include "broker/spec/findings.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/program_check.h"
#include "cli/table.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

constexpr std::size_t kWarningsShown = 5;
constexpr std::size_t kLabelWidth = 11;
constexpr std::size_t kCommandShown = 500;

std::string row(const Context& c, const std::string& label, const std::string& text) {
  return "  " + styled(label, Style::kDim, c.terminal.out_color) +
         std::string(kLabelWidth - label.size(), ' ') +
         wrap_text(text, kLabelWidth + 2,
                   static_cast<std::size_t>(std::clamp(c.terminal.columns, 60, 100)));
}

std::string search_text(const lint::Plan& plan, const spec::SweepSpec& s) {
  std::string text =
      std::string(spec::name_of(s.method)) + " over " + count_of(plan.searched, "parameter");
  const std::size_t fixed = s.parameters.size() - plan.searched;
  if (fixed > 0) text += " (" + std::to_string(fixed) + " more fixed)";
  if (s.metric) {
    text += ", " + std::string(name_of(s.metric->goal)) + " " + printable(s.metric->name, 80);
  }
  return text;
}

Table first_table(const lint::Plan& plan, const spec::SweepSpec& s) {
  std::vector<Table::Column> columns = {{"#", Table::Align::kRight, false, true}};
  std::vector<std::string> names;
  for (const spec::Parameter& p : s.parameters) {
    if (p.distribution.kind == spec::DistributionKind::kConstant) continue;
    names.push_back(p.name);
    double x = 0;
    const auto& values = p.distribution.values;
    const bool right = std::all_of(values.begin(), values.end(),
                                   [&](const Value& value) { return as_number(value, &x); });
    columns.push_back(
        {printable(p.name, 80), right ? Table::Align::kRight : Table::Align::kLeft, true, false});
  }
  for (const spec::Derived& derived : s.derived) {
    names.push_back(derived.name);
    columns.push_back({printable(derived.name, 80), Table::Align::kRight, true, false});
  }
  Table table(std::move(columns));
  for (std::size_t i = 0; i < plan.first.size(); ++i) {
    std::vector<Table::Cell> cells = {{std::to_string(i), {}}};
    for (const std::string& name : names) {
      const Value* value = find_param(plan.first[i], name);
      if (value == nullptr) {
        cells.push_back({"·", Table::kNothing, Style::kDim});
      } else if (const auto* real = std::get_if<double>(value)) {
        cells.push_back({short_number(*real), to_text(*value)});
      } else {
        cells.push_back({printable(to_text(*value), 200), {}});
      }
    }
    table.add(std::move(cells));
  }
  return table;
}

std::string first_heading(const lint::Plan& plan, const spec::SweepSpec& s) {
  if (plan.first.empty()) return "nothing to try: the space is empty";
  const std::string what =
      plan.first.size() == 1 ? "the first configuration"
                             : "the first " + std::to_string(plan.first.size()) + " configurations";
  return what + (plan.seed_is_given || s.method == spec::Method::kGrid
                     ? ""
                     : ", with seed " + std::to_string(plan.seed) +
                           " (a sweep without `seed` draws its own)");
}

/// A command line as one would type it.
std::string shown(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& argument : argv) {
    line += (line.empty() ? "" : " ") + analysis::shell_quoted(argument);
  }
  return spec::one_line(printable(line, kCommandShown));
}

std::string compact(const Context& c, const SweepFile& file, const spec::Diagnostic& d) {
  return styled("warning[" + d.code + "]", Style::kYellow, c.terminal.err_color) + " " +
         printable(file.name, 200) + (d.line > 0 ? ":" + std::to_string(d.line) : "") + ": " +
         d.message + "\n" + (d.help.empty() ? "" : "  help: " + d.help + "\n");
}

}  // namespace

std::string json_of(const spec::Diagnostic& d) {
  return json_object({{"severity", json_text(spec::name_of(d.severity))},
                      {"code", json_text(d.code)},
                      {"message", json_text(d.message)},
                      {"path", d.path.empty() ? "null" : json_text(d.path)},
                      {"line", d.line > 0 ? std::to_string(d.line) : "null"},
                      {"column", d.column > 0 ? std::to_string(d.column) : "null"},
                      {"help", d.help.empty() ? "null" : json_text(d.help)}});
}

Params first_of(const lint::Plan& plan) {
  return plan.first.empty() ? Params{} : plan.first.front();
}

std::string plan_text(const Context& c, const lint::Plan& plan, const spec::SweepSpec& s) {
  std::string out;
  if (!s.project.empty()) out += row(c, "project", printable(s.project, 200));
  if (!s.description.empty()) out += row(c, "about", spec::one_line(s.description));
  out += row(c, "search", search_text(plan, s)) + row(c, "space", lint::size_text(plan)) +
         row(c, "trials", lint::trials_text(plan, s));
  const std::string rungs = lint::rungs_text(plan, s);
  if (!rungs.empty()) out += row(c, "pruning", rungs);
  if (plan.saved) {
    out += row(
        c, "saves",
        "about " + std::to_string(std::lround(100 * *plan.saved)) + " % of " +
            short_number(static_cast<double>(plan.compared) * static_cast<double>(*s.max_steps)) +
            " steps, if trials log at each step");
  }
  if (const auto argv = command_line(s, first_of(plan)); argv && !plan.first.empty()) {
    out += row(c, "runs", shown(*argv));
  }
  out += "\n  " + first_heading(plan, s) + "\n\n";
  if (!plan.first.empty()) out += first_table(plan, s).text(c.terminal);
  return out;
}

std::string plan_json(const lint::Plan& plan, const spec::SweepSpec& s) {
  std::vector<std::string> rungs;
  for (const auto& rung : plan.rungs) {
    rungs.push_back(json_object(
        {{"at", std::to_string(rung.rung)}, {"survivors", std::to_string(rung.survivors)}}));
  }
  std::vector<std::string> first;
  for (const Params& params : plan.first) first.push_back(to_json(params));
  const auto argv = plan.first.empty() ? std::nullopt : command_line(s, first_of(plan));
  return json_object(
      {{"method", json_text(spec::name_of(s.method))},
       {"parameters", std::to_string(s.parameters.size())},
       {"searched", std::to_string(plan.searched)},
       {"continuous", std::to_string(plan.continuous)},
       {"size", plan.size ? std::to_string(*plan.size) : "null"},
       {"trials", plan.end == lint::Plan::End::kOpen ? "null" : std::to_string(plan.trials)},
       {"replicates", std::to_string(s.replicates)},
       {"pruner", s.pruner ? json_text(spec::name_of(*s.pruner)) : "null"},
       {"rungs_count", plan.rungs_count_values ? json_text("values") : json_text("steps")},
       {"rungs_of", plan.rungs.empty() ? "null" : std::to_string(plan.compared)},
       {"rungs", json_array(rungs)},
       {"steps_saved", plan.saved ? json_number(*plan.saved) : "null"},
       {"seed", std::to_string(plan.seed)},
       {"seed_is_given", plan.seed_is_given ? "true" : "false"},
       {"command", argv ? json_texts(*argv) : "null"},
       {"first", json_array(first)}});
}

void say_before_launch(const Context& context, const SweepFile& file, std::uint64_t run_cap) {
  if (context.globals.quiet || context.globals.json) return;
  spec::SweepSpec spec = file.spec;
  if (run_cap > 0) spec.run_cap = run_cap;
  std::vector<std::string> warnings;
  std::vector<spec::Diagnostic> found = lint::lint(spec, file.text);
  const lint::Plan plan = lint::make_plan(spec, 1);
  for (spec::Diagnostic& d : check_program(spec, file.text, first_of(plan))) {
    found.push_back(std::move(d));
  }
  for (const spec::Diagnostic& d : found) {
    const bool runs_nothing = d.code == lint::row_of(lint::Rule::kNoProgram).code;
    if (d.severity == spec::Severity::kWarning || runs_nothing)
      warnings.push_back(compact(context, file, d));
  }
  const std::size_t all = warnings.size();
  warnings.resize(std::min(all, kWarningsShown));
  for (const std::string& text : warnings) say(context, text);
  if (all > warnings.size()) {
    say(context, "and " + count_of(all - warnings.size(), "more warning") + ": `scopa check " +
                     printable(file.name, 200) + "`\n");
  }
  if (!spec.pruner) return;
  say(context, "pruning by " + lint::rungs_text(plan, spec) + "\n");
}

}  // namespace scopa::cli
