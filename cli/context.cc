#include "cli/context.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "analysis/config_format.h"

namespace scopa::cli {

void print_out(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

bool output_failed() { return std::fflush(stdout) != 0 || std::ferror(stdout) != 0; }

namespace {

/// Whether a command is one about a sweep of that broker, and not one that has its own place.
bool is_about_a_sweep(std::string_view line) {
  constexpr std::array<std::string_view, 18> kCommands = {
      "run --resume", "worker", "resume", "edit",   "logs",    "show",
      "status",       "trials", "best",   "export", "retry",   "quarantine",
      "pause",        "stop",   "cancel", "replay", "explain", "enqueue"};
  line.remove_prefix(std::string_view("scopa ").size());
  return std::any_of(kCommands.begin(), kCommands.end(), [&](std::string_view command) {
    return line.starts_with(command) && line.substr(command.size()).starts_with(' ');
  });
}

}  // namespace

std::string reaching(const Context& context, const std::string& text) {
  constexpr std::string_view kStart = "`scopa ";
  const Globals& g = context.globals;
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = text.find(kStart, from)) != std::string::npos;) {
    const std::size_t end = text.find('`', at + 1);
    if (end == std::string::npos) break;
    std::string line = text.substr(at + 1, end - at - 1);
    const bool is_local = line.starts_with("scopa run");
    const bool has_place = line.find(" --dir") != line.npos || line.find(" --url") != line.npos;
    if (is_about_a_sweep(line) && !line.ends_with(" --help") && !has_place) {
      if (!g.dir.empty()) line += " --dir " + analysis::shell_quoted(g.dir);
      if (!g.url.empty() && !is_local) line += " --url " + analysis::shell_quoted(g.url);
    }
    out += text.substr(from, at - from) + "`" + line + "`";
    from = end + 1;
  }
  return out + text.substr(from);
}

void say(const Context& context, const std::string& text) {
  if (context.globals.quiet) return;
  std::fflush(stdout);
  const std::string said = reaching(context, text);
  std::fwrite(said.data(), 1, said.size(), stderr);
}

}  // namespace scopa::cli
