#include "tests/bench/search/functions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "broker/search/random.h"

namespace scopa::bench {
namespace {

using std::numbers::pi;
using Point = std::vector<double>;

Point places(const std::string& name, std::size_t count) {
  Point centre(count);
  for (std::size_t j = 0; j < count; ++j) centre[j] = place(name, j);
  return centre;
}

// One basin in a plain, as deep everywhere.
Function well(std::size_t count) {
  const std::string name = "well" + std::to_string(count);
  const Point centre = places(name, count);
  const double sharpness = 8 / std::sqrt(static_cast<double>(count));
  return {name, "inner", count,
          [=](const Point& x) {
            double sum = 0;
            for (std::size_t j = 0; j < count; ++j) sum += squared(x[j] - centre[j]);
            return 1 - std::exp(-sharpness * sum);
          },
          centre};
}

// Coordinates matter more and less, by a factor of a thousand.
Function bowl(std::size_t count) {
  const std::string name = "bowl" + std::to_string(count);
  const Point centre = places(name, count);
  Point weight(count);
  for (std::size_t j = 0; j < count; ++j) weight[j] = std::pow(10, -3 * unit(name + "weight", j));
  return {name, "inner", count,
          [=](const Point& x) {
            double sum = 0;
            for (std::size_t j = 0; j < count; ++j) sum += weight[j] * squared(x[j] - centre[j]);
            return std::sqrt(sum);
          },
          centre};
}

// Rosenbrock's, its optimum put inside.
Function valley(std::size_t count) {
  const std::string name = "valley" + std::to_string(count);
  const Point centre = places(name, count);
  return {name, "inner", count,
          [=](const Point& x) {
            const auto z = [&](std::size_t j) { return 1 + 3 * (x[j] - centre[j]); };
            double sum = 0;
            for (std::size_t j = 0; j + 1 < count; ++j) {
              sum += 100 * squared(z(j + 1) - squared(z(j))) + squared(1 - z(j));
            }
            return std::log1p(sum);
          },
          centre};
}

Function hartmann6() {
  return {"hartmann6",
          "inner",
          6,
          [](const Point& x) {
            constexpr std::array<double, 4> kAlpha = {1.0, 1.2, 3.0, 3.2};
            constexpr double kA[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                         {0.05, 10, 17, 0.1, 8, 14},
                                         {3, 3.5, 1.7, 10, 17, 8},
                                         {17, 8, 0.05, 10, 0.1, 14}};
            constexpr double kP[4][6] = {{.1312, .1696, .5569, .0124, .8283, .5886},
                                         {.2329, .4135, .8307, .3736, .1004, .9991},
                                         {.2348, .1451, .3522, .2883, .3047, .6650},
                                         {.4047, .8828, .8732, .5743, .1091, .0381}};
            double sum = 3.32236801141551;
            for (std::size_t i = 0; i < kAlpha.size(); ++i) {
              double distance = 0;
              for (std::size_t j = 0; j < 6; ++j) distance += kA[i][j] * squared(x[j] - kP[i][j]);
              sum -= kAlpha[i] * std::exp(-distance);
            }
            return std::max(sum, 0.0);
          },
          {.20169, .150011, .476874, .275332, .311652, .6573}};
}

// A bowl under regular waves.
Function waves(std::size_t count, double height) {
  const std::string name = (height < 0.1 ? "ripples" : "waves") + std::to_string(count);
  const Point centre = places(name, count);
  return {name, "rugged", count,
          [=](const Point& x) {
            double sum = 0;
            for (std::size_t j = 0; j < count; ++j) {
              const double by = x[j] - centre[j];
              sum += squared(by) + height * (1 - std::cos(10 * pi * by));
            }
            return sum;
          },
          centre};
}

// Ackley's: a narrow basin in a flat, wavy plain.
Function plain(std::size_t count) {
  const std::string name = "plain" + std::to_string(count);
  const Point centre = places(name, count);
  return {name, "rugged", count,
          [=](const Point& x) {
            double squares = 0;
            double cosines = 0;
            for (std::size_t j = 0; j < count; ++j) {
              const double z = 30 * (x[j] - centre[j]);
              squares += z * z;
              cosines += std::cos(2 * pi * z);
            }
            const auto n = static_cast<double>(count);
            return 20 * (1 - std::exp(-0.2 * std::sqrt(squares / n))) + std::numbers::e -
                   std::exp(cosines / n);
          },
          centre};
}

// Schwefel's, on both sides of its best place: the second best is as far away as can be.
Function deceptive(std::size_t count) {
  const std::string name = "deceptive" + std::to_string(count);
  const Point centre = places(name, count);
  return {name, "rugged", count,
          [=](const Point& x) {
            double sum = 0;
            for (std::size_t j = 0; j < count; ++j) {
              // From -500 on, as beyond it there are lower places than this one.
              const double z = 420.968746 - 1150 * std::abs(x[j] - centre[j]);
              sum += 418.982887272434 - z * std::sin(std::sqrt(std::abs(z)));
            }
            return std::max(sum, 0.0);
          },
          centre};
}

// Forty craters anywhere, one of them deepest.
Function craters(std::size_t count) {
  const std::string name = "craters" + std::to_string(count);
  constexpr std::size_t kCraters = 40;
  Point at, depth, width;
  for (std::size_t k = 0; k < kCraters; ++k) {
    for (std::size_t j = 0; j < count; ++j) {
      at.push_back(k == 0 ? place(name, j) : unit(name, 100 + k * count + j));
    }
    depth.push_back(k == 0 ? 1 : 0.2 + 0.65 * unit(name + "depth", k));
    width.push_back((k == 0 ? 0.15 : 0.06 + 0.14 * unit(name + "width", k)) *
                    std::sqrt(static_cast<double>(count) / 2));
  }
  return {name,
          "rugged",
          count,
          [=](const Point& x) {
            double deepest = 0;
            for (std::size_t k = 0; k < kCraters; ++k) {
              double sum = 0;
              for (std::size_t j = 0; j < count; ++j) sum += squared(x[j] - at[k * count + j]);
              deepest = std::max(deepest, depth[k] * std::exp(-0.5 * sum / squared(width[k])));
            }
            return 1 - deepest;
          },
          {at.begin(), at.begin() + static_cast<std::ptrdiff_t>(count)}};
}

// What only changes in steps.
Function terraces(std::size_t count) {
  const std::string name = "terraces" + std::to_string(count);
  const Point centre = places(name, count);
  return {name, "rugged", count,
          [=](const Point& x) {
            double sum = 0;
            for (std::size_t j = 0; j < count; ++j) {
              sum += squared(std::floor(10 * std::abs(x[j] - centre[j])));
            }
            return sum;
          },
          centre};
}

// Few parameters matter, nobody says which.
Function few(std::size_t relevant, std::size_t count) {
  const std::string name = "few" + std::to_string(relevant) + "of" + std::to_string(count);
  const Point centre = places(name, relevant);
  std::vector<std::size_t> which(relevant);
  for (std::size_t k = 0; k < relevant; ++k) which[k] = (k * count + count / 2) / relevant % count;
  Point best(count, std::nan(""));
  for (std::size_t k = 0; k < relevant; ++k) best[which[k]] = centre[k];
  return {name, "high-dimensional", count,
          [=](const Point& x) {
            double sum = 0;
            for (std::size_t k = 0; k < relevant; ++k) sum += squared(x[which[k]] - centre[k]);
            return 1 - std::exp(-6 * sum);
          },
          best};
}

Function in_group(Function function, const std::string& group) {
  function.group = group;
  return function;
}

}  // namespace

double unit(const std::string& name, std::uint64_t k) {
  return search::Stream(1, 0, search::hash_name(name)).unit_at(k);
}

double place(const std::string& name, std::size_t j) { return 0.2 + 0.6 * unit(name, j); }

std::vector<Function> functions() {
  const std::string many = "high-dimensional";
  return {well(4),
          well(8),
          well(12),
          bowl(6),
          bowl(12),
          valley(4),
          valley(8),
          hartmann6(),
          waves(4, 0.02),
          waves(8, 0.02),
          waves(4, 0.2),
          waves(6, 0.2),
          plain(5),
          plain(10),
          deceptive(4),
          deceptive(6),
          craters(3),
          craters(5),
          terraces(6),
          terraces(10),
          in_group(well(20), many),
          in_group(well(30), many),
          in_group(bowl(24), many),
          in_group(bowl(45), many),
          few(4, 20),
          few(4, 31),
          few(4, 40),
          few(5, 60)};
}

}  // namespace scopa::bench
