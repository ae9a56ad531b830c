#include "cli/problem_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "broker/spec/parse.h"
#include "cli/ask_tell_config.h"
#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kNamesShown = 30;

Result<std::string> read_data(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) {
    return Status{Code::kNotFound, "cannot read " + path.string() + ": " + error.message()};
  }
  if (size > limits::kProblemBytesMax) {
    return Status{Code::kInvalidArgument, path.string() + " is larger than " +
                                              std::to_string(limits::kProblemBytesMax >> 20) +
                                              " MiB"};
  }
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}

Result<std::vector<fs::path>> lists_of(const fs::path& data) {
  std::error_code error;
  if (fs::is_regular_file(data, error)) return std::vector<fs::path>{data};
  std::vector<fs::path> files;
  for (fs::directory_iterator each(data, error), end; !error && each != end;
       each.increment(error)) {
    if (each->path().extension() == ".json") files.push_back(each->path());
  }
  if (error) {
    return Status{Code::kNotFound, "cannot read " + data.string() + ": " + error.message()};
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Found {
  fs::path list;
  std::string description, network;
};

Status no_problem(const std::string& data, const std::string& id,
                  const std::vector<std::string>& known) {
  if (known.empty()) {
    return {Code::kNotFound, "there is no list of problems in " + data,
            R"(it takes a file like problems.json with {"problems":[...]} in it)"};
  }
  const std::string guess = closest_match(id, known);
  std::string help = "it has ";
  for (std::size_t i = 0; i < std::min(known.size(), kNamesShown); ++i) {
    help += (i > 0 ? ", " : "") + printable(known[i], 64);
  }
  if (!guess.empty()) help = "did you mean `" + guess + "`?";
  return {Code::kNotFound, "there is no problem `" + printable(id, 64) + "` in " + data, help};
}

Result<Found> find_problem(const std::string& data, const std::string& id) {
  SCOPA_ASSIGN_OR_RETURN(const auto files, lists_of(data));
  std::vector<std::string> known;
  for (const fs::path& file : files) {
    SCOPA_ASSIGN_OR_RETURN(const std::string text, read_data(file));
    const auto list = rehearsal::parse_problems(text);
    if (!list) continue;  // of other things
    for (std::size_t i = 0; i < list->problems.size(); ++i) {
      const Json json = Json::parse(list->problems[i], nullptr, false);
      const auto name = json.is_object() ? json.find("id") : json.end();
      if (name == json.end() || !name->is_string()) continue;
      known.push_back(name->get<std::string>());
      if (known.back() == id) return Found{file, list->problems[i], list->network_of[i]};
    }
  }
  return no_problem(data, id, known);
}

}  // namespace

Result<rehearsal::Problem> read_problem(const std::string& data, const std::string& id) {
  SCOPA_ASSIGN_OR_RETURN(const Found found, find_problem(data, id));
  std::shared_ptr<const rehearsal::Network> network;
  if (!found.network.empty()) {
    const fs::path beside = found.list.parent_path() / found.network;
    SCOPA_ASSIGN_OR_RETURN(const std::string description, read_data(beside.string() + ".json"));
    SCOPA_ASSIGN_OR_RETURN(const std::string weights, read_data(beside.string() + ".f32"));
    auto parsed = rehearsal::Network::parse(description, weights);
    if (!parsed) return parsed.status().with_prefix(beside.string());
    network = std::make_shared<const rehearsal::Network>(std::move(*parsed));
  }
  auto problem = rehearsal::Problem::parse(found.description, std::move(network));
  if (!problem) return problem.status().with_prefix(found.list.string());
  return problem;
}

Result<spec::SweepSpec> spec_of(const rehearsal::Problem& problem) {
  Json init;
  init["config"] = Json::parse(problem.config(), nullptr, false);
  if (!problem.conditions().empty()) {
    init["conditions"] = Json::parse(problem.conditions(), nullptr, false);
  }
  init["steps"] = problem.steps();
  SCOPA_ASSIGN_OR_RETURN(const std::string text, ask_tell_spec(init.dump(), 0));
  spec::Parsed parsed = spec::parse(text);
  if (parsed.ok()) return std::move(parsed.spec);
  const auto error = std::find_if(
      parsed.diagnostics.begin(), parsed.diagnostics.end(),
      [](const spec::Diagnostic& each) { return each.severity == spec::Severity::kError; });
  return Status{Code::kInvalidArgument,
                "problem " + problem.id() + ": " + error->path + ": " + error->message,
                error->help};
}

}  // namespace scopa::cli
