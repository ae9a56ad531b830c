#include "tests/bench/search/serve.h"

#include <istream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "broker/search/space.h"
#include "sdk/base/params_json.h"
#include "sdk/base/text.h"
#include "tests/bench/search/suite.h"

namespace scopa::bench {
namespace {

using Request = nlohmann::ordered_json;

struct Served {
  const Problem& problem;
  std::shared_ptr<const search::Space> space;
};
using Problems = std::map<std::string, Served, std::less<>>;

Status wrong(std::string message) { return {Code::kInvalidArgument, std::move(message)}; }

Result<std::uint64_t> count_in(const Request& request, const char* name) {
  const auto field = request.find(name);
  if (field == request.end() || !field->is_number_unsigned()) {
    return wrong(std::string("`") + name + "` must be 0, 1, 2 ...");
  }
  return field->get<std::uint64_t>();
}

/// In the order of the sweep file; those that are active, all of them and no other.
Result<Params> params_in(const Request& request, const search::Space& space) {
  const auto given = parse_params(request.dump());
  if (!given) return wrong("`params` must be an object of values");
  const search::Point there = space.locate(*given);
  search::Point point = there;
  space.settle(&point);
  Params params;
  for (std::size_t j = 0; j < space.size(); ++j) {
    const Value* value = find_param(*given, space.name(j));
    if (point[j].active && !there[j].active) {
      return wrong("`" + space.name(j) + "` lacks a value of its range");
    }
    if (!point[j].active && value != nullptr) return wrong("`" + space.name(j) + "` is inactive");
    if (value != nullptr) params.push_back({space.name(j), *value});
  }
  if (params.size() != given->size()) return wrong("`params` has what is no parameter");
  return params;
}

Request description(const Problem& problem) {
  Request about = {{"problem", problem.id},
                   {"group", problem.group},
                   {"half", name_of(half_of(problem.base))},
                   {"goal", problem.goal == Goal::kMinimize ? "minimize" : "maximize"},
                   {"steps", problem.steps},
                   {"mean_full_seconds", problem.mean_full_seconds},
                   {"config", Request::parse(problem.config)}};
  about["conditions"] =
      problem.conditions.empty() ? Request::array() : Request::parse(problem.conditions);
  return about;
}

/// Absent is false.
Result<bool> flag_in(const Request& request, const char* name) {
  const auto field = request.find(name);
  if (field == request.end()) return false;
  if (!field->is_boolean()) return wrong(std::string("`") + name + "` must be true or false");
  return field->get<bool>();
}

bool is_in_time(const Problem& problem) { return problem.steps > 1; }

Result<Request> value_of(const Problem& problem, const Params& params, std::uint64_t seed,
                         std::uint64_t trial) {
  if (problem.only_in_time) return wrong("`" + problem.id + "` is `in_time` alone");
  SCOPA_ASSIGN_OR_RETURN(const Seen seen, seen_of(problem, params, seed, trial));
  Request answer = {{"value", nullptr}};
  if (!seen.fails) answer["value"] = seen.value;
  return answer;
}

Result<Request> training_of(const Problem& problem, const Params& params, std::uint64_t seed,
                            std::uint64_t trial) {
  if (!is_in_time(problem)) return wrong("`" + problem.id + "` has no curve to be `in_time`");
  SCOPA_ASSIGN_OR_RETURN(const auto training, whole_training(problem, params, seed, trial));
  return Request{{"values", training.values},
                 {"step_seconds", training.step_seconds},
                 {"fails", training.fails}};
}

Result<Request> evaluation(const Served& served, const Request& request) {
  const Problem& problem = served.problem;
  SCOPA_ASSIGN_OR_RETURN(const std::uint64_t seed, count_in(request, "seed"));
  SCOPA_ASSIGN_OR_RETURN(const std::uint64_t trial, count_in(request, "trial"));
  SCOPA_ASSIGN_OR_RETURN(const bool in_time, flag_in(request, "in_time"));
  SCOPA_ASSIGN_OR_RETURN(const bool with_regret, flag_in(request, "regret"));
  SCOPA_ASSIGN_OR_RETURN(const Params params, params_in(request["params"], *served.space));
  SCOPA_ASSIGN_OR_RETURN(Request answer, in_time ? training_of(problem, params, seed, trial)
                                                 : value_of(problem, params, seed, trial));
  if (with_regret) {
    SCOPA_ASSIGN_OR_RETURN(const double exact, problem.exact(params));
    answer["regret"] = problem.regret(exact);
  }
  return answer;
}

Request names_of(const Problems& problems) {
  Request names = {{"problems", Request::array()}, {"in_time", Request::array()}};
  for (const auto& [name, served] : problems) {
    if (!served.problem.only_in_time) names["problems"].push_back(name);
    if (is_in_time(served.problem)) names["in_time"].push_back(name);
  }
  return names;
}

Result<Request> answer(const Problems& problems, const std::string& line) {
  const Request request = Request::parse(line, nullptr, false);
  if (!request.is_object()) return wrong("a request is an object of JSON on a line");
  if (request.empty()) return names_of(problems);
  const auto name = request.find("problem");
  if (name == request.end() || !name->is_string()) return wrong("`problem` must be a name");
  const auto served = problems.find(name->get_ref<const std::string&>());
  if (served == problems.end()) {
    return wrong("there is no problem `" + printable(name->get<std::string>(), 64) + "`");
  }
  if (!request.contains("params")) return description(served->second.problem);
  return evaluation(served->second, request);
}

}  // namespace

Status serve(const std::vector<Problem>& problems, std::istream& in, std::ostream& out) {
  Problems served;
  for (const Problem& problem : problems) {
    SCOPA_ASSIGN_OR_RETURN(auto space, space_of(problem));
    served.emplace(problem.id, Served{problem, std::move(space)});
  }
  for (std::string line; std::getline(in, line);) {
    const auto answered = answer(served, line);
    const Request reply = answered ? *answered : Request{{"error", answered.status().message()}};
    out << reply.dump() << std::endl;
  }
  return Status::ok();
}

}  // namespace scopa::bench
