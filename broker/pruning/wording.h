#pragma once

#include <string>
#include <utility>

#include "sdk/base/states.h"

/// How pruners put numbers into words.
namespace scopa::pruning {

/// "0.71", with `digits` significant ones.
std::string number_text(double x, int digits = 5);

/// Both numbers with as few digits as show that they differ: {"0.780001", "0.78"}.
std::pair<std::string, std::string> numbers_apart(double a, double b);

/// What 1/eta is called: "half", "third", "1/2.5".
std::string share_text(double eta);

/// "9 trials", "1 trial".
std::string count_text(std::size_t n, const std::string& noun);

/// Losses are values, negated where more is better.
inline double as_loss(Goal goal, double value) { return goal == Goal::kMaximize ? -value : value; }

}  // namespace scopa::pruning
