#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace scopa::bench {

/// A function of the unit cube that is to be minimised. Its minimum is 0, at a point that lies well
/// inside in each coordinate: its hash, not a person, has chosen where.
struct Function {
  std::string name;
  std::string group;  ///< of the suite, see Problem
  std::size_t parameters = 0;
  std::function<double(const std::vector<double>&)> value;
  std::vector<double> best;  ///< where it is 0; NaN: the coordinate does not count
};

inline void PrintTo(const Function& function, std::ostream* out) { *out << function.name; }

/// Smooth ones with one basin, rugged ones (a narrow basin in a wavy plain, regular and irregular
/// local optima, steps), and those of 20 to 60 parameters, of which all count or few.
std::vector<Function> functions();

inline double squared(double x) { return x * x; }

/// Number `k` of those between 0 and 1 that `name` stands for.
double unit(const std::string& name, std::uint64_t k);

/// Coordinate `j` of the place that `name` stands for: .2 to .8.
double place(const std::string& name, std::size_t j);

}  // namespace scopa::bench
