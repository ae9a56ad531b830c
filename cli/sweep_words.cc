#include "cli/sweep_words.h"

#include <utility>

#include "broker/spec/parse.h"
#include "sdk/base/command_macros.h"

namespace scopa::cli {

Result<spec::SweepSpec> get_spec(Link& link, const SweepId& sweep) {
  wire::GetSweep get;
  get.sweep = sweep;
  get.with_spec = true;
  SCOPA_ASSIGN_OR_RETURN(const auto reply, ask<wire::SweepReply>(link, std::move(get)));
  spec::Parsed parsed = spec::parse(reply.spec);
  if (parsed.ok()) return std::move(parsed.spec);
  return Status{Code::kUnsupported, "this version cannot read the sweep file of " + sweep};
}

Words words_for(const Result<spec::SweepSpec>& spec) {
  return spec ? words_of(spec->command, spec->program) : Words::kJson;
}

}  // namespace scopa::cli
