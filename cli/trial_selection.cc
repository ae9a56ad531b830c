#include "cli/trial_selection.h"

#include <utility>

#include "analysis/documents/trial_order.h"
#include "analysis/documents/where.h"

namespace scopa::cli {

void declare_selection(Args& args, TrialSelectionOptions* o) {
  args.texts(
      "-c,--columns", "NAMES", &o->columns,
      "these columns, e.g. trial,lr,val/acc.max: parameters, metrics (their last value; .min "
      "and .max), or any field of ours");
  args.text("-s,--sort", "COLUMN", &o->sort,
            "by a column, e.g. rank, value, duration, a parameter or a metric; --sort=-COLUMN for "
            "the other way round");
  args.text("--where", "CONDITION", &o->where,
            "only trials for which it holds, e.g. 'lr < 1e-2 and val_acc > 0.8', as in a sweep "
            "file's `constraints`; a name with / or - stands in backticks");
}

std::vector<std::string> column_names(const std::vector<std::string>& given) {
  std::vector<std::string> names;
  for (const std::string& list : given) {
    std::string name;
    bool quoted = false;
    for (const char c : list + ",") {
      if (c == '`') {
        quoted = !quoted;
      } else if (c != ',' || quoted) {
        name += c;
      } else if (!name.empty()) {
        names.push_back(std::exchange(name, {}));
      }
    }
    if (!name.empty()) names.push_back(name);  // its backtick has no end
  }
  return names;
}

Result<TrialSelection> select_trials(const analysis::TrialSheet& sheet,
                                     const TrialSelectionOptions& o) {
  TrialSelection selection;
  if (!o.columns.empty()) {
    auto columns = sheet.choose(column_names(o.columns));
    if (!columns) return columns.status().with_prefix("--columns");
    selection.columns = std::move(*columns);
  }
  if (o.sort.empty()) {
    for (const wire::TrialInfo& t : sheet.trials()) selection.trials.push_back(&t);
  } else {
    auto sorted = analysis::sorted_by(sheet, o.sort);
    if (!sorted) return sorted.status().with_prefix("--sort");
    selection.trials = std::move(*sorted);
  }
  if (!o.where.empty()) {
    const auto where = analysis::Where::compile(o.where, sheet);
    if (!where) return where.status().with_prefix("--where");
    std::erase_if(selection.trials, [&](const auto* t) { return !where->holds(*t); });
  }
  return selection;
}

}  // namespace scopa::cli
