#pragma once

#include <string>
#include <vector>

#include "cli/args.h"
#include "cli/command.h"
#include "cli/terminal.h"

namespace scopa::cli {

inline constexpr const char* kVersion = "0.1.0";

/// `scopa --help`: all commands in their groups, and where to begin.
std::string overview_help(const Terminal& terminal);
/// `scopa COMMAND --help`.
std::string command_help(const Command& command, const Args& args, const Terminal& terminal);

/// What each command takes, for shell completion.
struct CommandItems {
  const Command* command;
  std::vector<Args::Item> items;
};
std::vector<CommandItems> describe_commands();

/// The options that every command takes.
const std::vector<Args::Item>& global_items();

}  // namespace scopa::cli
