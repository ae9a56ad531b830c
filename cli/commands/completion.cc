#include <memory>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/help.h"
#include "cli/json.h"

namespace scopa::cli {
namespace {

/// "-n,--lines" as words.
std::vector<std::string> names_of(const Args::Item& item) {
  std::vector<std::string> names;
  for (std::size_t start = 0; start <= item.names.size();) {
    const std::size_t end = std::min(item.names.find(',', start), item.names.size());
    names.push_back(item.names.substr(start, end - start));
    start = end + 1;
  }
  return names;
}

std::vector<Args::Item> options_of(const CommandItems& command) {
  std::vector<Args::Item> options;
  for (const auto& item : command.items) {
    if (!item.positional) options.push_back(item);
  }
  const auto& everywhere = global_items();
  options.insert(options.end(), everywhere.begin(), everywhere.end());
  return options;
}

bool takes_file(const CommandItems& command) {
  for (const auto& item : command.items) {
    if (item.positional && item.names == "FILE") return true;
  }
  return false;
}

std::string bash_script() {
  std::string words;
  std::string cases;
  for (const CommandItems& c : describe_commands()) {
    words += (words.empty() ? "" : " ") + std::string(c.command->name);
    std::string flags;
    for (const auto& item : options_of(c)) {
      for (const std::string& name : names_of(item)) flags += (flags.empty() ? "" : " ") + name;
    }
    cases += "    " + std::string(c.command->name) + ") flags=\"" + flags + "\" ;;\n";
  }
  return "# scopa completion bash: eval \"$(scopa completion bash)\"\n"
         "_scopa() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} flags=\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         words +
         "\" -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "  case $word in\n"
         "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$word\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _scopa scopa\n";
}

/// Text within single quotes of zsh and fish, with the signs that mean something to _arguments out
/// of the way.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '[' || c == ']' || c == ':' || c == '\\') {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_script() {
  std::string list;
  std::string cases;
  for (const CommandItems& c : describe_commands()) {
    list += "    '" + std::string(c.command->name) + ":" + plain(c.command->summary) + "'\n";
    cases += "    " + std::string(c.command->name) + ") _arguments";
    for (const auto& item : options_of(c)) {
      for (const std::string& name : names_of(item)) {
        cases += " '" + name + "[" + plain(item.help) + "]" +
                 (item.placeholder.empty() ? "" : ":" + plain(item.placeholder) + ":") + "'";
      }
    }
    cases += takes_file(c) ? " '*:file:_files' ;;\n" : " ;;\n";
  }
  return "#compdef scopa\n"
         "# scopa completion zsh > a file named _scopa in a folder of $fpath\n"
         "_scopa() {\n"
         "  local -a commands\n"
         "  commands=(\n" +
         list +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words; (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "compdef _scopa scopa\n";
}

std::string fish_script() {
  std::string out = "# scopa completion fish > ~/.config/fish/completions/scopa.fish\n";
  for (const CommandItems& c : describe_commands()) {
    const std::string name(c.command->name);
    const std::string inside = "complete -c scopa -n '__fish_seen_subcommand_from " + name + "'";
    out += "complete -c scopa " + std::string(takes_file(c) ? "" : "-f ") +
           "-n __fish_use_subcommand -a " + name + " -d '" + plain(c.command->summary) + "'\n";
    for (const auto& item : options_of(c)) {
      out += inside;
      for (const std::string& n : names_of(item)) {
        out += n.rfind("--", 0) == 0 ? " -l " + n.substr(2) : " -s " + n.substr(1);
      }
      out +=
          (item.placeholder.empty() ? "" : " -x") + std::string(" -d '") + plain(item.help) + "'\n";
    }
  }
  return out;
}

int completion(Context& context, const std::string& shell) {
  std::string script;
  if (shell == "bash") script = bash_script();
  if (shell == "zsh") script = zsh_script();
  if (shell == "fish") script = fish_script();
  if (script.empty()) {
    return fail_usage(context, "`" + shell + "` is none of bash, zsh, fish", "scopa completion");
  }
  print_out(context.globals.json
                ? json_document({{"shell", json_text(shell)}, {"script", json_text(script)}})
                : script);
  return kExitOk;
}

}  // namespace

void declare_completion(Args& args) {
  auto shell = std::make_shared<std::string>();
  args.description("Prints a script that lets the shell complete commands and options.");
  args.positional("SHELL", shell.get(), "bash, zsh or fish");
  args.example("eval \"$(scopa completion bash)\"", "in ~/.bashrc");
  args.example("scopa completion fish > ~/.config/fish/completions/scopa.fish", "for fish");
  args.action([shell](Context& c) { return completion(c, *shell); });
}

}  // namespace scopa::cli
