#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scopa::lint {

/// As one writes it in a sweep file: "1e-5", "0.1", "300", shortest form that reads back the same.
std::string yaml_number(double x);
/// Three digits, for sentences: "0.0316".
std::string rough(double x);
/// "12,800".
std::string grouped(std::uint64_t n);
/// How many factors of ten lie between `low` and `high` (both above 0).
double decades(double low, double high);
/// The nearest of 1, 2, 3, 5, 10, 20 ... below or at `x` (above 0).
double round_down_nicely(double x);
/// The whole of `text` as a number.
bool is_number(std::string_view text, double* x);

}  // namespace scopa::lint
