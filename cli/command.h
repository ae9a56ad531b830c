#pragma once

#include <string_view>
#include <vector>

#include "cli/args.h"
#include "cli/context.h"

namespace scopa::cli {

struct Command {
  std::string_view name;
  std::string_view group;  ///< heading in the overview
  std::string_view summary;
  void (*declare)(Args&);
};

/// All commands, in the order of the overview.
const std::vector<Command>& commands();

}  // namespace scopa::cli
