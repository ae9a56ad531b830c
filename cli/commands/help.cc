#include "cli/help.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

int help(Context& context, const std::string& name) {
  std::string text;
  if (name.empty()) {
    text = overview_help(context.terminal);
  } else {
    const auto found = std::find_if(commands().begin(), commands().end(),
                                    [&](const Command& c) { return c.name == name; });
    if (found == commands().end()) {
      std::vector<std::string> names;
      for (const Command& command : commands()) names.emplace_back(command.name);
      const std::string guess = closest_match(name, names);
      return fail_usage(context,
                        "no command `" + printable(name, 60) + "`" +
                            (guess.empty() ? "" : "; did you mean `scopa help " + guess + "`?"),
                        "scopa");
    }
    CLI::App app;
    Args args(&app);
    found->declare(args);
    text = command_help(*found, args, context.terminal);
  }
  print_out(context.globals.json ? json_document({{"text", json_text(text)}}) : text);
  return kExitOk;
}

}  // namespace

void declare_help(Args& args) {
  auto name = std::make_shared<std::string>();
  args.description(
      "What a command does, with its options and examples; without one, all commands.");
  args.optional_positional("COMMAND", name.get(), "e.g. run");
  args.example("scopa help worker", "the same as `scopa worker --help`");
  args.action([name](Context& c) { return help(c, *name); });
}

}  // namespace scopa::cli
