#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/errors.h"
#include "cli/help.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

struct Registered {
  const Command* command;
  Args args;
};

void declare_globals(CLI::App& app, Globals* g) {
  app.add_flag("--json", g->json);
  app.add_option("--url", g->url);
  app.add_option("--dir", g->dir);
  app.add_option("--key", g->key);
  app.add_option("--server-key", g->server_key);
  app.add_option("--color", g->color)
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""));
  app.add_flag("-q,--quiet", g->quiet);
}

/// What can be known of the globals before, or without, a successful parse.
Globals peek_globals(int argc, const char* const* argv) {
  Globals g;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--") break;
    if (arg == "--json") g.json = true;
    if (arg.rfind("--color=", 0) == 0) g.color = arg.substr(8);
    if (arg == "--color" && i + 1 < argc) g.color = argv[i + 1];
  }
  return g;
}

/// The first argument that is neither an option nor an option's value: the command.
std::string command_word(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--url" || arg == "--dir" || arg == "--color" || arg == "--key" ||
        arg == "--server-key") {
      ++i;
    } else if (!arg.empty() && arg.front() != '-') {
      return std::string(arg);
    }
  }
  return {};
}

std::string first_line(std::string text) {
  text.erase(std::min(text.find('\n'), text.size()));
  return text;
}

/// The long names of all options that a command takes.
std::vector<std::string> option_names_of(const Registered* used) {
  std::vector<std::string> known;
  std::vector<Args::Item> items = global_items();
  if (used != nullptr) {
    items.insert(items.end(), used->args.items().begin(), used->args.items().end());
  }
  for (const auto& item : items) {
    if (item.positional) continue;
    for (const std::string& name : split_lists({item.names})) {
      if (name.starts_with("--")) known.push_back(name);
    }
  }
  return known;
}

/// What other programs call an option that this one has, too.
std::string other_word_for(const std::string& option) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kWords = {{
      {"--count", "--run-cap"},
      {"--max-trials", "--run-cap"},
      {"--n-trials", "--run-cap"},
      {"--num-trials", "--run-cap"},
      {"--jobs", "--slots"},
      {"--parallel", "--slots"},
      {"--concurrency", "--slots"},
      {"--gpu", "--gpus"},
      {"--devices", "--gpus"},
      {"--limit", "--lines"},
      {"--format", "--as"},
  }};
  for (const auto& [theirs, ours] : kWords) {
    if (option == theirs) return std::string(ours);
  }
  return {};
}

/// Of what was left over: an option before the value that belonged to it.
std::string extra_message(const std::vector<std::string>& extras, const Registered* used) {
  std::string extra;
  bool option = false;
  for (const std::string& text : extras) {
    if (text == "--") continue;
    const bool is_option = text.size() > 1 && text.front() == '-';
    if (extra.empty() || (is_option && !option)) extra = text;
    option |= is_option;
  }
  const std::string name = extra.substr(0, extra.find('='));
  if (!option) return "unexpected argument `" + printable(extra, 80) + "`";
  const std::vector<std::string> known = option_names_of(used);
  std::string guess = other_word_for(name);
  if (std::find(known.begin(), known.end(), guess) == known.end()) {
    guess = closest_match(name, known);
  }
  return "unknown option `" + printable(name, 80) + "`" +
         (guess.empty() ? "" : "; did you mean `" + guess + "`?");
}

/// CLI11's messages, shortened to what is wrong.
std::string usage_message(const CLI::ParseError& error, const CLI::App& app,
                          const Registered* used) {
  std::string text = first_line(error.what());
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return extra_message(app.remaining(true), used);
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const std::size_t end = text.find(" is required");
    if (end != std::string::npos) return "missing " + text.substr(0, end);
  }
  return printable(text, 300);
}

int run_registered(const Registered& registered, Context& context) {
  const int exit = registered.args.action()(context);
  if (exit == kExitOk && output_failed()) {
    return fail(context,
                Status(Code::kResource, "stdout could not be written", "is the disk full?"));
  }
  return exit;
}

}  // namespace

std::vector<CommandItems> describe_commands() {
  CLI::App app;
  std::vector<CommandItems> all;
  for (const Command& command : commands()) {
    Args args(app.add_subcommand(std::string(command.name)));
    command.declare(args);
    all.push_back({&command, args.items()});
  }
  return all;
}

int run_app(int argc, const char* const* argv) {
  Context context;
  context.globals = peek_globals(argc, argv);
  context.terminal = Terminal::detect(context.globals.color);

  CLI::App app("scopa");
  app.set_help_flag("-h,--help");
  bool version = false;
  app.add_flag("-V,--version", version);
  declare_globals(app, &context.globals);
  std::deque<Registered> all;
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name));
    sub->set_help_flag("-h,--help");
    sub->fallthrough();
    all.push_back({&command, Args(sub)});
    command.declare(all.back().args);
  }
  app.require_subcommand(0, 1);

  const std::string word = command_word(argc, argv);
  const auto used = std::find_if(all.begin(), all.end(),
                                 [&](const Registered& r) { return r.command->name == word; });
  if (used == all.end() && !word.empty()) {
    std::vector<std::string> names;
    for (const Command& command : commands()) names.emplace_back(command.name);
    const std::string guess = closest_match(word, names);
    return fail_usage(context,
                      "no command `" + printable(word, 60) + "`" +
                          (guess.empty() ? "" : "; did you mean `scopa " + guess + "`?"),
                      "scopa");
  }
  const Registered* registered = used == all.end() ? nullptr : &*used;
  const std::string name =
      registered == nullptr ? "scopa" : "scopa " + std::string(registered->command->name);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_out(registered == nullptr
                  ? overview_help(context.terminal)
                  : command_help(*registered->command, registered->args, context.terminal));
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    return fail_usage(context, usage_message(error, app, registered), name);
  }
  context.terminal = Terminal::detect(context.globals.color);
  if (registered == nullptr && version) {
    print_out(std::string("scopa ") + kVersion + "\n");
    return kExitOk;
  }
  if (registered == nullptr) {
    if (argc > 1) return fail_usage(context, "no command given", "scopa");
    print_out(overview_help(context.terminal));
    return kExitOk;
  }
  return run_registered(*registered, context);
}

}  // namespace scopa::cli
