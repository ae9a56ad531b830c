#include "tests/bench/search/suite.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/ask_tell_config.h"
#include "rehearsal/rehearse.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using rehearsal::Problem;
using rehearsal::Rehearsed;

constexpr std::uint64_t kWorkers = 8;
constexpr double kFullTrainings = 50;

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Result<std::string> spec_of(const Problem& problem, const Setting& setting, std::uint64_t seed) {
  Json init;
  init["config"] = Json::parse(problem.config());
  const Json keys = Json::parse(setting.keys);
  for (const auto& [key, value] : keys.items()) init["config"][key] = value;
  if (!problem.conditions().empty()) init["conditions"] = Json::parse(problem.conditions());
  init["steps"] = problem.steps();
  return cli::ask_tell_spec(init.dump(), seed);
}

Status add_problems(const std::filesystem::path& list, const std::filesystem::path& networks,
                    bool with_networks, Suite* suite) {
  SCOPA_ASSIGN_OR_RETURN(const auto problems, rehearsal::parse_problems(read_file(list)));
  std::map<std::string, std::shared_ptr<const rehearsal::Network>> network;
  for (std::size_t i = 0; i < problems.problems.size(); ++i) {
    const std::string& name = problems.network_of[i];
    if (name.empty() == with_networks) continue;
    if (with_networks && network[name] == nullptr) {
      SCOPA_ASSIGN_OR_RETURN(auto parsed,
                             rehearsal::Network::parse(read_file(networks / (name + ".json")),
                                                       read_file(networks / (name + ".f32"))));
      network[name] = std::make_shared<const rehearsal::Network>(std::move(parsed));
    }
    SCOPA_ASSIGN_OR_RETURN(auto problem, Problem::parse(problems.problems[i],
                                                        with_networks ? network[name] : nullptr));
    suite->problems.push_back(std::move(problem));
  }
  return Status::ok();
}

Row row_of(const Problem& problem, const Setting& setting, const std::string& mode,
           std::uint64_t seed, double mark) {
  Row row;
  row.problem = problem.id();
  row.kind = problem.kind();
  row.mode = mode;
  row.setting = setting.name;
  row.seed = seed;
  row.mark = mark;
  return row;
}

}  // namespace

Result<Suite> load_suite(const std::filesystem::path& synthetic,
                         const std::filesystem::path& data) {
  Suite suite;
  SCOPA_RETURN_IF_ERROR(add_problems(synthetic, {}, false, &suite));
  const auto list = data / "problems_dev.json";
  if (data.empty() || !std::filesystem::exists(list)) {
    suite.notice = "the problems of surrogate networks are left out: there is no " + list.string();
    return suite;
  }
  SCOPA_RETURN_IF_ERROR(add_problems(list, data, true, &suite));
  return suite;
}

Result<std::vector<Row>> run_sequential(const Problem& problem, const Setting& setting,
                                        std::uint64_t seed) {
  SCOPA_ASSIGN_OR_RETURN(const std::string spec, spec_of(problem, setting, seed));
  std::vector<double> value;  // without noise, by trial
  const auto objective = [&](const Params& params,
                             std::uint64_t number) -> Result<rehearsal::Training> {
    SCOPA_ASSIGN_OR_RETURN(const double exact, problem.final_value(params));
    value.push_back(exact);
    rehearsal::Training training;
    training.values = {problem.observed(exact, seed, number)};
    training.first_step = problem.steps();
    return training;
  };
  rehearsal::Rehearsal limits;
  limits.trials_max = static_cast<std::uint64_t>(kTrialMarks[std::size(kTrialMarks) - 1]);
  SCOPA_ASSIGN_OR_RETURN(const auto trials, rehearsal::rehearse(spec, seed, objective, limits));
  std::vector<Row> rows;
  for (const double mark : kTrialMarks) {
    Row row = row_of(problem, setting, "sequential", seed, mark);
    std::size_t best = 0;
    for (std::size_t i = 0; i < trials.size() && static_cast<double>(i) < mark; ++i) {
      if (is_better(problem.goal(), trials[i].value, trials[best].value)) best = i;
      ++row.started;
    }
    row.completed = row.started;
    if (!trials.empty()) row.regret = problem.normalised_regret(value[best]);
    rows.push_back(row);
  }
  return rows;
}

Result<std::vector<Row>> run_asynchronous(const Problem& problem, const Setting& setting,
                                          std::uint64_t seed) {
  SCOPA_ASSIGN_OR_RETURN(const std::string spec, spec_of(problem, setting, seed));
  const auto objective = [&](const Params& params, std::uint64_t) -> Result<rehearsal::Training> {
    SCOPA_ASSIGN_OR_RETURN(auto run, problem.run(params));
    return rehearsal::Training{std::move(run.values), run.step_seconds, 1};
  };
  rehearsal::Rehearsal limits;
  limits.workers = kWorkers;
  limits.seconds_max = kFullTrainings * problem.mean_full_seconds() / static_cast<double>(kWorkers);
  SCOPA_ASSIGN_OR_RETURN(const auto trials, rehearsal::rehearse(spec, seed, objective, limits));
  std::vector<Row> rows;
  for (const double mark : kBudgetMarks) {
    Row row = row_of(problem, setting, "asynchronous", seed, mark);
    for (const Rehearsed& trial : trials) {
      if (trial.started > mark * limits.seconds_max) continue;
      ++row.started;
      if (trial.ended > mark * limits.seconds_max || trial.state == TrialState::kRunning) continue;
      row.steps += trial.steps;
      if (trial.state == TrialState::kPruned) ++row.pruned;
      if (trial.state != TrialState::kCompleted) continue;
      const double regret = problem.normalised_regret(trial.value);
      row.regret = row.completed++ == 0 ? regret : std::min(row.regret, regret);
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace scopa::bench
