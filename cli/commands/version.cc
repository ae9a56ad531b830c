#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/help.h"
#include "cli/json.h"

namespace scopa::cli {
namespace {

int version(Context& context) {
  if (context.globals.json) {
    print_out(json_document({{"version", json_text(kVersion)},
                             {"protocol", std::to_string(wire::kProtocolVersion)},
                             {"protocol_min", std::to_string(wire::kProtocolVersionMin)}}));
    return kExitOk;
  }
  print_out(std::string("scopa ") + kVersion + " (protocol " +
            std::to_string(wire::kProtocolVersion) + ")\n");
  return kExitOk;
}

}  // namespace

void declare_version(Args& args) {
  args.description("Prints the version of this program and of the protocol it speaks.");
  args.example("scopa version --json", "for scripts that depend on it");
  args.action(version);
}

}  // namespace scopa::cli
