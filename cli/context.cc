#include "cli/context.h"

#include <cstdio>

namespace scopa::cli {

void print_out(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

bool output_failed() { return std::fflush(stdout) != 0 || std::ferror(stdout) != 0; }

void say(const Context& context, const std::string& text) {
  if (context.globals.quiet) return;
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace scopa::cli
