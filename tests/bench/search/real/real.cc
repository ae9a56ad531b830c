#include "tests/bench/search/real/real.h"

#include <zlib.h>

#include <cmath>
#include <limits>

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using Curve = rehearsal::Problem::Run;

std::uint64_t seed_of(const Trainer& trainer, std::uint64_t run, std::uint64_t number) {
  return trainer.seeds < 2 ? 1 : search::Stream(run, number, search::hash_name("training")).bits();
}

/// The mean of as many trainings as the trainer has seeds, of those that do not fail; without
/// values if all do.
Curve mean_curve(const Trainer& trainer, const Params& params) {
  Curve mean;
  double completed = 0;
  for (std::uint64_t seed = 1; seed <= trainer.seeds; ++seed) {
    const Trained trained = trainer.train(Config(params), seed);
    mean.step_seconds = trained.step_seconds;
    if (trained.failed) continue;
    mean.values.resize(trained.curve.size());
    ++completed;
    for (std::size_t i = 0; i < trained.curve.size(); ++i) {
      mean.values[i] += (trained.curve[i] - mean.values[i]) / completed;
    }
  }
  return mean;
}

rehearsal::Training training_of(Trained trained) {
  rehearsal::Training training;
  training.fails = trained.failed;
  training.step_seconds = trained.step_seconds;
  training.values = std::move(trained.curve);
  return training;
}

}  // namespace

Result<std::vector<Trainer>> real_trainers(const std::filesystem::path& folder) {
  SCOPA_ASSIGN_OR_RETURN(auto sets, DataSets::load(folder / "data"));
  const auto data = std::make_shared<const DataSets>(std::move(sets));
  std::vector<Trainer> all;
  for (std::vector<Trainer>& some :
       std::vector{vector_machines(data), boosted_trees(data), networks(data), linear_models(data),
                   text_classifiers(), neighbours(data), fourier_features(data), forests(data)}) {
    for (Trainer& trainer : some) all.push_back(std::move(trainer));
  }
  return all;
}

Problem problem_of(const Trainer& trainer) {
  Problem made;
  made.id = made.base = trainer.name;
  made.group = "real";
  const Json config = {{"method", "bayes"},
                       {"metric", {{"name", "loss"}, {"goal", "minimize"}}},
                       {"parameters", trainer.parameters}};
  made.config = config.dump();
  if (!trainer.conditions.is_null()) made.conditions = trainer.conditions.dump();
  made.steps = trainer.steps;
  made.exact = [trainer](const Params& params) {
    const Curve mean = mean_curve(trainer, params);
    return Result<double>(mean.values.empty() ? std::numeric_limits<double>::infinity()
                                              : mean.values.back());
  };
  made.curve = [trainer](const Params& params) {
    return Result<Curve>(mean_curve(trainer, params));
  };
  made.train = [trainer](const Params& params, std::uint64_t run, std::uint64_t number) {
    return Result<rehearsal::Training>(
        training_of(trainer.train(Config(params), seed_of(trainer, run, number))));
  };
  return made;
}

Result<Json> table_header(const std::string& name, const std::filesystem::path& folder) {
  const auto path = folder / "tables" / (name + ".csv.gz");
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  std::string line(1 << 14, '\0');
  if (file == nullptr ||
      gzgets(file.get(), line.data(), static_cast<int>(line.size())) == nullptr) {
    return Status{Code::kNotFound, "there is no " + path.string() + "; real/record makes it"};
  }
  Json header = Json::parse(line.begin() + 2, line.begin() + line.find('\0'), nullptr, false);
  if (!header.is_object()) return Status{Code::kInvalidArgument, path.string() + " has no header"};
  return header;
}

Result<std::vector<Problem>> real_suite(const std::filesystem::path& folder) {
  SCOPA_ASSIGN_OR_RETURN(const auto trainers, real_trainers(folder));
  std::vector<Problem> all;
  for (const Trainer& trainer : trainers) {
    SCOPA_ASSIGN_OR_RETURN(const Json header, table_header(trainer.name, folder));
    Problem problem = problem_of(trainer);
    problem.best = header.value("best", 0.0);
    problem.median = header.value("median", 1.0);
    problem.mean_full_seconds = header.value("mean_full_seconds", 1.0);
    all.push_back(std::move(problem));
  }
  return all;
}

}  // namespace scopa::bench
