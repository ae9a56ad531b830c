#pragma once

#include <string>

#include "cli/query.h"
#include "cli/terminal.h"

namespace scopa::cli {

/// A sweep on one screen: progress, best, search, workers, what pruning saved, notices.
std::string sweep_screen(const Snapshot& snapshot, const Terminal& terminal);

/// "saved 41 %, about 1m12s: 123 of 300 val_acc values not needed", or empty.
std::string savings_text(const Snapshot& snapshot);

/// "  label     text"; on a terminal the text is wrapped, its further lines indented.
std::string labelled(const std::string& label, const std::string& text, const Terminal& terminal,
                     Style style = Style::kDim);

}  // namespace scopa::cli
