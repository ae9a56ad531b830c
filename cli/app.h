#pragma once

namespace scopa::cli {

/// The whole program: parses, runs one command, returns the exit code.
int run_app(int argc, const char* const* argv);

}  // namespace scopa::cli
