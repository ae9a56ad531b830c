#pragma once

#include <string>

#include "cli/terminal.h"

namespace scopa::cli {

/// What every command takes.
struct Globals {
  bool json = false;
  bool quiet = false;
  std::string color = "auto";
  std::string url;         ///< --url, else SCOPA_URL
  std::string dir;         ///< --dir; empty: ".scopa"
  std::string key;         ///< --key, else SCOPA_KEY: a file
  std::string server_key;  ///< --server-key, else SCOPA_SERVER_KEY
};

struct Context {
  Globals globals;
  Terminal terminal;

  std::string folder() const { return globals.dir.empty() ? ".scopa" : globals.dir; }
};

/// Writes to stdout: data, and nothing else. A failure to write (disk full) is remembered, and
/// makes the command fail at its end.
void print_out(const std::string& text);
bool output_failed();

/// The text with the commands within backticks made to reach the broker that this command reached:
/// those that name neither --dir nor --url get the ones that were given.
std::string reaching(const Context& context, const std::string& text);

/// Writes talk to stderr, unless --quiet; its commands are reaching().
void say(const Context& context, const std::string& text);

}  // namespace scopa::cli
