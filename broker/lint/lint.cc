#include "broker/lint/lint.h"

#include "broker/lint/facts.h"
#include "broker/search/sampler.h"

namespace scopa::lint {
namespace {

constexpr std::uint64_t kSeed = 1;

// What the broker would refuse when the sweep is created.
void check_possible(const spec::SweepSpec& spec, Remarks* remarks) {
  const Status searchable = search::check_searchable(spec, kSeed);
  if (!searchable) {
    remarks->add(Rule::kUnsatisfiable, "constraints", searchable.message(), searchable.help());
    return;
  }
  for (std::size_t i = 0; i < spec.initial.size(); ++i) {
    const auto params = search::complete(spec, spec.initial[i], kSeed, i);
    if (params) continue;
    remarks->add(Rule::kInitialPoint, spec::join("initial", i), params.status().message(),
                 params.status().help().empty() ? "change a value of the point, or remove it"
                                                : params.status().help());
  }
}

}  // namespace

std::vector<spec::Diagnostic> lint(const spec::SweepSpec& spec, std::string_view text) {
  const Facts facts(spec);
  Remarks remarks(text);
  check_ranges(facts, &remarks);
  check_values(facts, &remarks);
  check_budget(facts, &remarks);
  check_pruning(facts, &remarks);
  check_metric(facts, &remarks);
  check_spelling(facts, &remarks);
  check_command(facts, &remarks);
  check_possible(spec, &remarks);
  return remarks.take();
}

}  // namespace scopa::lint
