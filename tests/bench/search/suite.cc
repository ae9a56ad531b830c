#include "tests/bench/search/suite.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "tests/bench/search/curves.h"
#include "tests/bench/search/functions.h"
#include "tests/bench/search/spaces.h"

namespace scopa::bench {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

constexpr const char* kWithCurves[] = {"well4",    "well8",     "bowl6",  "valley4",  "hartmann6",
                                       "bowl12",   "ripples4",  "waves6", "plain5",   "deceptive4",
                                       "craters3", "terraces6", "well20", "few4of20", "lattice6",
                                       "mixed8",   "kernels",   "depths"};

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
    SCOPA_ASSIGN_OR_RETURN(
        auto problem,
        rehearsal::Problem::parse(problems.problems[i], with_networks ? network[name] : nullptr));
    suite->problems.push_back(from_rehearsal(std::move(problem)));
    suite->problems.back().group = "smooth";
  }
  return Status::ok();
}

Problem problem_of(const Function& function) {
  Problem made;
  made.id = made.base = function.name;
  made.group = function.group;
  std::vector<std::string> names;
  std::string parameters;
  for (std::size_t j = 0; j < function.parameters; ++j) {
    names.push_back((j < 10 ? "x0" : "x") + std::to_string(j));
    parameters += (j == 0 ? "\"" : ",\"") + names.back() + R"(":{"min":0.0,"max":1.0})";
  }
  made.config = R"({"method":"bayes","metric":{"name":"loss","goal":"minimize"},"parameters":{)" +
                parameters + "}}";
  made.exact = [value = function.value, names](const Params& params) -> Result<double> {
    std::vector<double> x;
    for (const std::string& name : names) {
      SCOPA_ASSIGN_OR_RETURN(const double at, number_in(params, name));
      x.push_back(at);
    }
    return value(x);
  };
  return made;
}

// Above the line through the place of the optimum, or a little beyond it.
std::function<bool(const std::vector<double>&)> beyond(const std::string& name, double margin) {
  return [name, margin](const std::vector<double>& x) {
    return x[0] + x[1] > place(name, 0) + place(name, 1) + margin;
  };
}

// In virtual time: with crashes as they are, at unequal cost.
Status add_curves(const Problem& problem, std::vector<Problem>* all) {
  const auto is = [&](const char* id) { return problem.id == id; };
  constexpr double kCrash = 0.05;
  if (problem.curve) {
    if (problem.steps > 1) {
      all->push_back(with_crashes(problem, kCrash));
      all->back().only_in_time = true;
    }
    return Status::ok();
  }
  const bool is_chosen = std::any_of(std::begin(kWithCurves), std::end(kWithCurves), is);
  if (!is_chosen) return Status::ok();
  SCOPA_ASSIGN_OR_RETURN(Problem curve, with_curve(problem));
  all->push_back(with_crashes(std::move(curve), kCrash));
  all->back().group = problem.group;
  return Status::ok();
}

void add_variants(const Problem& problem, std::vector<Problem>* all) {
  const std::string& id = problem.id;
  const auto is_one_of = [&](std::initializer_list<const char*> ids) {
    return std::any_of(ids.begin(), ids.end(), [&](const char* each) { return id == each; });
  };
  if (is_one_of({"well4", "well8", "hartmann6", "bowl6", "valley4", "mixed8"})) {
    all->push_back(with_noise(problem, Noise::kNormal, 0.1));
    all->push_back(with_crashes(problem, 0.1));
  }
  if (is_one_of({"well4", "well8", "bowl12", "few4of20", "kernels", "levy8"})) {
    all->push_back(with_noise(problem, Noise::kNormal, 0.3));
  }
  if (is_one_of({"well8", "hartmann6", "bowl6", "valley4", "lattice6", "branin"})) {
    all->push_back(with_noise(problem, Noise::kHeavy, 0.1));
  }
  if (is_one_of({"well8", "depths", "craters3", "few4of20"})) {
    all->push_back(with_crashes(problem, 0.25));
  }
  if (is_one_of({"well4", "well8", "bowl6", "bowl12", "well20"})) {
    all->push_back(with_failures(problem, "half", beyond(id, 0.02)));
  }
  if (is_one_of({"well8", "valley4", "bowl6", "hartmann6", "waves4"})) {
    // Too large a model for the memory: most of the box, and the best is near the edge.
    all->push_back(with_failures(problem, "memory", [id](const std::vector<double>& x) {
      return x[0] * x[1] * (1 + x[2]) > 1.1 * place(id, 0) * place(id, 1) * (1 + place(id, 2));
    }));
  }
}

}  // namespace

Result<Suite> first_suite(const std::filesystem::path& synthetic,
                          const std::filesystem::path& data) {
  Suite suite;
  SCOPA_RETURN_IF_ERROR(add_problems(synthetic, {}, false, &suite));
  for (Problem& problem : suite.problems) {
    if (problem.id == "hartmann3_noisy") problem.group = "noisy";
  }
  const auto list = data / "problems_dev.json";
  if (data.empty() || !std::filesystem::exists(list)) {
    suite.notice = "the problems of surrogate networks are left out: there is no " + list.string();
    return suite;
  }
  SCOPA_RETURN_IF_ERROR(add_problems(list, data, true, &suite));
  return suite;
}

Result<std::vector<Problem>> wide_suite(const std::vector<Problem>& first) {
  std::vector<Problem> bases;
  for (const Function& function : functions()) bases.push_back(problem_of(function));
  for (Problem& problem : discrete_problems()) bases.push_back(std::move(problem));
  for (Problem& problem : conditional_problems()) bases.push_back(std::move(problem));
  for (Problem& problem : bases) SCOPA_RETURN_IF_ERROR(measure_median(&problem));
  std::vector<Problem> all = bases;
  for (const Problem& problem : bases) add_variants(problem, &all);
  for (const Problem& problem : first) add_variants(problem, &all);
  for (const Problem& problem : bases) SCOPA_RETURN_IF_ERROR(add_curves(problem, &all));
  for (const Problem& problem : first) SCOPA_RETURN_IF_ERROR(add_curves(problem, &all));
  return all;
}

}  // namespace scopa::bench
