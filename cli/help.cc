#include "cli/help.h"

#include <algorithm>

namespace scopa::cli {
namespace {

std::string heading(const std::string& text, const Terminal& t) {
  return "\n" + styled(text, Style::kBold, t.out_color) + "\n";
}

std::string pad(const std::string& text, std::size_t width) {
  const std::size_t used = display_width(text);
  return text + std::string(width > used ? width - used : 1, ' ');
}

std::string usage_of(const Args::Item& item) {
  std::string names = item.names;
  for (std::size_t at = 0; (at = names.find(',', at)) != std::string::npos; at += 2) {
    names.replace(at, 1, ", ");
  }
  return item.placeholder.empty() ? names : names + " " + item.placeholder;
}

std::string list(const std::vector<Args::Item>& items, const Terminal& t) {
  std::size_t width = 0;
  for (const auto& item : items) {
    if (!item.positional) width = std::max(width, display_width(usage_of(item)) + 4);
    if (item.positional) width = std::max(width, display_width(item.names) + 4);
  }
  width = std::min<std::size_t>(width, 28);
  const auto columns = static_cast<std::size_t>(std::clamp(t.columns, 60, 100));
  std::string out;
  for (const auto& item : items) {
    std::string help = item.help;
    if (item.many && !item.positional) help += " (may be repeated)";
    out += "  " + pad(item.positional ? item.names : usage_of(item), width - 2) +
           wrap_text(help, width, columns);
  }
  return out;
}

std::string synopsis(const Command& command, const Args& args) {
  std::string out = "scopa " + std::string(command.name);
  for (const auto& item : args.items()) {
    if (!item.positional) continue;
    const std::string name = item.names + (item.many ? " ..." : "");
    out += item.required ? " " + name : " [" + name + "]";
  }
  return out + " [options]";
}

}  // namespace

const std::vector<Args::Item>& global_items() {
  static const std::vector<Args::Item> items = {
      {"--json", "", "print one JSON document; errors as JSON on stderr", {}, false, false, false},
      {"--url",
       "ENDPOINT",
       "the broker, e.g. tcp://host:7654 (else SCOPA_URL)",
       {},
       false,
       false,
       false},
      {"--dir", "FOLDER", "Scopa's folder on this machine (.scopa)", {}, false, false, false},
      {"--key",
       "FILE",
       "this user's secret key (else SCOPA_KEY, else ~/.config/scopa/client.key); none: go without",
       {},
       false,
       false,
       false},
      {"--server-key",
       "FILE",
       "the broker's public key (else SCOPA_SERVER_KEY, else ~/.config/scopa/server.pub)",
       {},
       false,
       false,
       false},
      {"--color",
       "WHEN",
       "auto, always or never",
       {"auto", "always", "never"},
       false,
       false,
       false},
      {"-q,--quiet", "", "no talk on stderr but errors", {}, false, false, false},
      {"-h,--help", "", "this text", {}, false, false, false},
  };
  return items;
}

std::string overview_help(const Terminal& t) {
  std::string out = "Scopa runs hyperparameter sweeps for native trainers.\n";
  std::string_view group;
  for (const Command& command : commands()) {
    if (command.group != group) out += heading(std::string(command.group), t);
    group = command.group;
    out += "  " + pad(std::string(command.name), 12) + std::string(command.summary) + "\n";
  }
  out += heading("Everywhere", t) + list(global_items(), t);
  out += heading("Begin", t) +
         "  scopa run sweep.yaml          everything in one process\n"
         "  scopa trials                  the leaderboard of the last sweep\n"
         "  scopa COMMAND --help          what a command does, with examples\n";
  return out;
}

std::string command_help(const Command& command, const Args& args, const Terminal& t) {
  const auto columns = static_cast<std::size_t>(std::clamp(t.columns, 60, 100));
  std::string out = wrap_text(args.description(), 0, columns);
  out += heading("Usage", t) + "  " + synopsis(command, args) + "\n";
  std::vector<Args::Item> positionals;
  std::vector<Args::Item> options;
  for (const auto& item : args.items()) (item.positional ? positionals : options).push_back(item);
  if (!positionals.empty()) out += heading("Arguments", t) + list(positionals, t);
  if (!options.empty()) out += heading("Options", t) + list(options, t);
  out += heading("Everywhere", t) + list(global_items(), t);
  if (!args.examples().empty()) {
    out += heading("Examples", t);
    for (const auto& example : args.examples()) {
      out += "  " + example.line + "\n      " +
             styled(wrap_text(example.says, 6, columns), Style::kDim, t.out_color);
    }
  }
  return out;
}

}  // namespace scopa::cli
