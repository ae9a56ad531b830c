#include "sdk/src/told_trial.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "sdk/base/environment.h"
#include "sdk/base/limits.h"
#include "sdk/base/params_json.h"

namespace scopa::sdk {
namespace {

std::string text_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? "" : text;
}

template <class T>
std::optional<T> number_in(const char* variable) {
  const std::string text = text_in(variable);
  T number{};
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

std::string start_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  std::istreambuf_iterator<char> at(in);
  for (; at != std::istreambuf_iterator<char>() && text.size() <= 2 * limits::kParamsBytesMax;
       ++at) {
    text.push_back(*at);
  }
  return text;
}

}  // namespace

bool is_in_a_trial() {
  return !text_in(environment::kJournal).empty() ||
         (!text_in(environment::kSweep).empty() && number_in<std::uint64_t>(environment::kTrial));
}

std::optional<journal::TrialHeader> told_trial() {
  journal::TrialHeader trial;
  const auto number = number_in<std::uint64_t>(environment::kTrial);
  const auto seed = number_in<std::uint64_t>(environment::kSeed);
  trial.sweep = text_in(environment::kSweep);
  trial.folder = text_in(environment::kFolder);
  std::string params = text_in(environment::kParams);
  if (params.empty() && !trial.folder.empty()) params = start_of(trial.folder + "/params.json");
  const auto read = parse_params(params);
  if (!number || !seed || trial.sweep.empty() || !read) return std::nullopt;
  trial.params = *read;
  trial.trial = *number;
  trial.seed = *seed;
  trial.attempt = number_in<std::uint32_t>(environment::kAttempt).value_or(1);
  trial.metric = text_in(environment::kGoal);
  trial.checkpoint = text_in(environment::kCheckpoint);
  trial.resume_step = number_in<std::int64_t>(environment::kResumeStep).value_or(-1);
  return trial;
}

}  // namespace scopa::sdk
