// Evaluates random configurations of a real problem, some of them again and again, and searches on
// from the best: writes tables/NAME.csv.gz and says on stdout what README.md says of the problem.
#include <zlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "broker/search/space.h"
#include "tests/bench/search/real/real.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kReplicated = 60, kReplicates = 16;
constexpr std::size_t kPool = 12;

struct Options {
  std::string only, out = (kRealFolder / "tables").string();
  std::uint64_t configs = 2000, refine = 4000;
  bool list = false;
};

struct Recorded {
  Params params;
  double exact = 0;  // infinite: fails
  rehearsal::Training training;
};

struct Place {
  search::Point point;
  double value = 0;
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// A step away from `from` in some of its coordinates, mostly small.
search::Point neighbour(const search::Space& space, const search::Point& from, std::uint64_t k) {
  Random random(k, "neighbour");
  search::Point point = from;
  const search::Point other = space.draw(2, k, 0);
  const double scale = std::pow(10, -0.5 - 2.5 * random.unit());
  const double share = std::max(random.unit(), 1.5 / static_cast<double>(space.size()));
  for (std::size_t j = 0; j < space.size(); ++j) {
    const search::Domain& domain = space.domain(j);
    if (!from[j].active) point[j] = other[j];
    if (random.unit() > share) continue;
    const double unit =
        std::clamp(search::quantile(domain, from[j]) + scale * random.normal(), 0.0, 1.0);
    if (!domain.is_finite()) {
      point[j].unit = unit;
    } else if (domain.is_categorical()) {
      if (random.below(4) == 0) point[j] = other[j];
    } else {
      const std::uint64_t step = random.below(2) == 0 ? 1 : 0;
      const std::uint64_t at = domain.index_at(unit);
      const bool is_same = at == from[j].index;
      point[j].index = is_same && random.below(2) == 0 ? std::min(at + step, domain.count() - 1)
                       : is_same                       ? at - std::min(at, step)
                                                       : at;
    }
  }
  space.settle(&point);
  return point;
}

/// The best that a search from the best of `places` finds.
Result<Place> refined(const Problem& problem, const search::Space& space, std::vector<Place> places,
                      std::uint64_t trainings) {
  const auto by_value = [](const Place& a, const Place& b) { return a.value < b.value; };
  std::sort(places.begin(), places.end(), by_value);
  places.resize(std::min(places.size(), kPool));
  for (std::uint64_t k = 0; k < trainings; ++k) {
    Random random(k, "parent");
    // More and more from the best alone.
    const double left = 1 - static_cast<double>(k) / static_cast<double>(trainings);
    const auto width = static_cast<std::size_t>(std::ceil(left * static_cast<double>(kPool)));
    const std::size_t at = random.below(std::clamp<std::size_t>(width, 1, places.size()));
    const search::Point point = neighbour(space, places[at].point, k);
    SCOPA_ASSIGN_OR_RETURN(const double value, problem.exact(space.params(point)));
    if (!(value <= places[at].value)) continue;
    places[at] = {point, value};
    std::sort(places.begin(), places.end(), by_value);
  }
  return places[0];
}

/// The same configuration as other trials of another run.
Status replicate(const Problem& problem, const Recorded& one, std::uint64_t run,
                 std::vector<Recorded>* replicates) {
  for (std::uint64_t k = 0; k < kReplicates; ++k) {
    Recorded again = one;
    SCOPA_ASSIGN_OR_RETURN(again.training, problem.train(one.params, run, k));
    replicates->push_back(std::move(again));
  }
  return Status::ok();
}

/// Of the replicates from `first` on of one configuration; of those that do not fail.
double deviation(const std::vector<Recorded>& replicates, std::size_t first) {
  double mean = 0, count = 0, squares = 0;
  for (std::size_t k = first; k < first + kReplicates; ++k) {
    if (replicates[k].training.fails) continue;
    const double before = replicates[k].training.values.back() - mean;
    mean += before / ++count;
    squares += before * (replicates[k].training.values.back() - mean);
  }
  return count > 1 ? std::sqrt(squares / (count - 1)) : 0;
}

struct Spread {
  double typical = 0, at_best = 0;  // the median of some random configurations' deviations
};

/// The replicates are added to `all`.
Result<Spread> measured_noise(const Problem& problem, const Recorded& best,
                              std::vector<Recorded>* all) {
  std::vector<Recorded> replicates;
  const std::size_t count = std::min<std::size_t>(kReplicated, all->size());
  for (std::size_t i = 0; i < count; ++i) {
    SCOPA_RETURN_IF_ERROR(replicate(problem, (*all)[i], 1000 + i, &replicates));
  }
  SCOPA_RETURN_IF_ERROR(replicate(problem, best, 999, &replicates));
  std::vector<double> deviations;
  for (std::size_t i = 0; i < count; ++i) {
    deviations.push_back(deviation(replicates, i * kReplicates));
  }
  const auto middle = deviations.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(deviations.begin(), middle, deviations.end());
  all->insert(all->end(), replicates.begin(), replicates.end());
  return Spread{*middle, deviation(replicates, count * kReplicates)};
}

std::string csv_of(const search::Space& space, const std::vector<Recorded>& all) {
  std::string text;
  for (std::size_t j = 0; j < space.size(); ++j) text += space.name(j) + ",";
  text += "exact,observed,step_seconds,failed\n";
  char numbers[128];
  for (const Recorded& each : all) {
    for (std::size_t j = 0; j < space.size(); ++j) {
      const Value* value = find_param(each.params, space.name(j));
      double x = 0;
      if (value != nullptr && std::holds_alternative<double>(*value) && as_number(*value, &x)) {
        std::snprintf(numbers, sizeof numbers, "%.6g", x);
        text += numbers;
      } else if (value != nullptr) {
        text += to_text(*value);
      }
      text += ",";
    }
    const bool fails = each.training.fails;
    const double observed = fails ? NAN : each.training.values.back();
    std::snprintf(numbers, sizeof numbers, "%.6g,%.6g,%.5g,%d\n", each.exact, observed,
                  each.training.step_seconds, fails ? 1 : 0);
    text += numbers;
  }
  return text;
}

Status write_table(const std::string& path, const std::string& text) {
  const gzFile file = gzopen(path.c_str(), "wb9");
  if (file == nullptr) return {Code::kUnavailable, "cannot write " + path};
  const int written = gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  const bool closed = gzclose(file) == Z_OK;
  if (written <= 0 || !closed) return {Code::kUnavailable, "cannot write all of " + path};
  return Status::ok();
}

double median_of(const std::vector<Recorded>& all) {
  std::vector<double> values;
  for (const Recorded& each : all) {
    if (std::isfinite(each.exact)) values.push_back(each.exact);
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Status record(const Trainer& trainer, const Options& options) {
  const Problem problem = problem_of(trainer);
  SCOPA_ASSIGN_OR_RETURN(const auto whole, space_of(problem));
  const search::Space& space = *whole;
  std::vector<Recorded> all;
  std::vector<Place> places;
  double failed = 0, seconds = 0, cpu = 0, longest = 0;
  for (std::uint64_t k = 0; k < options.configs; ++k) {
    const search::Point point = space.draw(1, k, 0);
    Recorded each{space.params(point)};
    const double before = cpu_seconds();
    SCOPA_ASSIGN_OR_RETURN(each.training, problem.train(each.params, 1, k));
    cpu += cpu_seconds() - before;
    longest = std::max(longest, cpu_seconds() - before);
    SCOPA_ASSIGN_OR_RETURN(each.exact, problem.exact(each.params));
    if (std::isfinite(each.exact)) places.push_back({point, each.exact});
    failed += each.training.fails ? 1 : 0;
    seconds += each.training.step_seconds * static_cast<double>(problem.steps);
    all.push_back(std::move(each));
  }
  if (places.empty()) return {Code::kInvalidArgument, trainer.name + ": all fail"};
  const double count = static_cast<double>(all.size());
  double first = places[0].value;
  for (const Place& place : places) first = std::min(first, place.value);
  const std::uint64_t steps = options.refine * space.size() / (trainer.seeds > 1 ? 40 : 8);
  SCOPA_ASSIGN_OR_RETURN(const Place best, refined(problem, space, places, steps));
  const double median = median_of(all);
  Spread noise;
  if (trainer.seeds > 1) {
    const Recorded at_best{space.params(best.point), best.value, {}};
    SCOPA_ASSIGN_OR_RETURN(noise, measured_noise(problem, at_best, &all));
  }
  const Json header = {{"problem", trainer.name},
                       {"best", best.value},
                       {"median", median},
                       {"best_of_random", first},
                       {"noise", noise.typical},
                       {"noise_at_best", noise.at_best},
                       {"failed", failed / count},
                       {"mean_full_seconds", seconds / count},
                       {"at", Json::parse(to_json(space.params(best.point)))}};
  SCOPA_RETURN_IF_ERROR(write_table(options.out + "/" + trainer.name + ".csv.gz",
                                    "# " + header.dump() + "\n" + csv_of(space, all)));
  std::printf("| %s | %zu | %.1f (%.0f) | %.4g | %.4g | %.4g | %.3f | %.3f | %.0f %% |\n",
              trainer.name.c_str(), space.size(), 1e3 * cpu / count, 1e3 * longest, median, first,
              best.value, noise.typical / (median - best.value),
              noise.at_best / (median - best.value), 100 * failed / count);
  std::fflush(stdout);
  return Status::ok();
}

int run(const Options& options) {
  const auto trainers = real_trainers();
  Status status = trainers ? Status::ok() : trainers.status();
  for (std::size_t i = 0; trainers && status.is_ok() && i < trainers->size(); ++i) {
    const Trainer& trainer = (*trainers)[i];
    if (trainer.name.find(options.only) == std::string::npos) continue;
    if (options.list) std::puts(trainer.name.c_str());
    if (!options.list) status = record(trainer, options);
  }
  if (status.is_ok()) return 0;
  std::fprintf(stderr, "record_real: %s\n", status.to_string().c_str());
  return 1;
}

}  // namespace
}  // namespace scopa::bench

int main(int argc, char** argv) {
  scopa::bench::Options options;
  CLI::App app("Records what real trainings give, for their tables.");
  app.add_option("--only", options.only, "problems whose name contains this");
  app.add_option("--out", options.out, "folder of the tables");
  app.add_option("--configs", options.configs, "random configurations (2000)");
  app.add_option("--refine", options.refine,
                 "steps of the search from the best: for 8 parameters, five times as many as with "
                 "noise (4000)");
  app.add_flag("--list", options.list, "print the names, run nothing");
  CLI11_PARSE(app, argc, argv);
  return scopa::bench::run(options);
}
