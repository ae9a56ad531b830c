#include "broker/lint/lint.h"

#include "broker/lint/facts.h"

namespace scopa::lint {

std::vector<spec::Diagnostic> lint(const spec::SweepSpec& spec, std::string_view text) {
  const Facts facts(spec);
  Remarks remarks(text);
  check_ranges(facts, &remarks);
  check_values(facts, &remarks);
  check_budget(facts, &remarks);
  check_pruning(facts, &remarks);
  check_metric(facts, &remarks);
  return remarks.take();
}

}  // namespace scopa::lint
