#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/states.h"

namespace scopa::lint {

/// "optimizer.weightDecay_0" -> {"weight", "decay", "0"}: the words of a dotted name's last part,
/// in lower case.
std::vector<std::string> words_of(std::string_view name);

/// What a parameter's name says about it. A name can say several things, or nothing.
struct Meaning {
  bool learning_rate = false;
  bool weight_decay = false;  ///< and l1, l2, regularisation strengths
  bool scale = false;         ///< lives on a log scale: the two above, tolerances, penalties ...
  bool share = false;         ///< between 0 and 1, linear: dropout, momentum, ratios, betas
  bool dropout = false;
  bool whole = false;  ///< an integer: sizes and counts
  bool size = false;   ///< a size or count that spans orders of magnitude: units, batch size
  bool batch = false;
  bool architecture = false;  ///< what the network is
  bool training = false;      ///< how it is trained
  bool length = false;        ///< how long it is trained: epochs, steps
  bool seed = false;
};
Meaning meaning_of(std::string_view name);

/// The goal that a metric's name suggests; nothing where it suggests none, or both.
bool suggested_goal(std::string_view metric, Goal* goal);

}  // namespace scopa::lint
