#pragma once

#include <string>

#include "cli/query.h"
#include "cli/terminal.h"

namespace scopa::cli {

/// A sweep on one screen: progress, best, search, workers, what pruning saved, notices.
std::string sweep_screen(const Snapshot& snapshot, const Terminal& terminal);

/// "saved 41 %: 123 of 300 values of val_acc, and about 1m12s of training, were not needed (18
/// trials stopped early)", or empty.
std::string savings_text(const Snapshot& snapshot);

/// "  label     text", the label dim and text wrapped nowhere.
std::string labelled(const std::string& label, const std::string& text, bool color,
                     Style style = Style::kDim);

}  // namespace scopa::cli
