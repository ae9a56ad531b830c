#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <vector>

#include "analysis/numbers.h"
#include "cli/explain_view.h"
#include "cli/json.h"
#include "cli/log_progress.h"
#include "sdk/base/value.h"

namespace scopa::cli {
namespace {

using core::Explanation;
using search::Why;

template <class T, class F>
std::string array_of(const std::vector<T>& items, F text) {
  std::vector<std::string> texts;
  texts.reserve(items.size());
  for (const T& item : items) texts.push_back(text(item));
  return json_array(texts);
}

std::string json_bool(bool b) { return b ? "true" : "false"; }
std::string json_uint(std::uint64_t n) { return std::to_string(n); }
std::string json_seconds(std::int64_t us) { return json_number(static_cast<double>(us) / 1e6); }

// 64 bits do not survive in the numbers of most readers.
std::string json_key(std::uint64_t key) {
  char text[24];
  std::snprintf(text, sizeof text, "%016" PRIx64, key);
  return json_text(text);
}

std::string as_json(const Why::Member& m) {
  return json_object({{"trial", json_uint(m.trial)},
                      {"state", json_text(name_of(m.state))},
                      {"as", json_text(name_of(m.as))},
                      {"value", m.as == Why::As::kObserved ? json_number(m.value) : "null"}});
}

/// l, g and l/g, and their logarithms, which never overflow.
JsonFields densities(double log_good, double log_bad) {
  return {{"l", json_number(std::exp(log_good))},
          {"g", json_number(std::exp(log_bad))},
          {"ratio", json_number(std::exp(log_good - log_bad))},
          {"log_l", json_number(log_good)},
          {"log_g", json_number(log_bad)}};
}

std::string as_json(const Why::Parameter& p) {
  JsonFields fields = {{"name", json_text(p.name)}, {"value", to_json(p.value)}};
  if (p.log_good && p.log_bad) {
    for (auto& field : densities(*p.log_good, *p.log_bad)) fields.push_back(std::move(field));
  }
  if (p.stratum) fields.emplace_back("stratum", json_uint(*p.stratum));
  return json_object(fields);
}

std::string as_json(const Why::Seen& s) {
  return json_object({{"total", json_uint(s.total())},
                      {"queued", json_uint(s.queued)},
                      {"running", json_uint(s.running)},
                      {"completed", json_uint(s.completed)},
                      {"pruned", json_uint(s.pruned)},
                      {"diverged", json_uint(s.diverged)},
                      {"failed", json_uint(s.failed)},
                      {"cancelled", json_uint(s.cancelled)}});
}

std::string model_json(const Why& why) {
  const auto member = [](const Why::Member& m) { return as_json(m); };
  if (!why.learned.empty()) return json_object({{"learned", array_of(why.learned, member)}});
  if (why.candidates.empty()) return "null";
  const Why::Candidate& winner = why.candidates[why.winner];
  std::size_t rank = 0;
  const auto candidate = [&](const Why::Candidate& c) {
    JsonFields fields = {{"rank", json_uint(++rank)}};
    for (auto& field : densities(c.log_good, c.log_bad)) fields.push_back(std::move(field));
    fields.emplace_back("known", json_bool(c.is_known));
    fields.emplace_back("params", to_json(c.params));
    return json_object(fields);
  };
  JsonFields fields = {{"good", array_of(why.good, member)}, {"bad", array_of(why.bad, member)}};
  for (auto& field : densities(winner.log_good, winner.log_bad)) {
    fields.push_back(std::move(field));
  }
  fields.emplace_back("rank", json_uint(why.winner + 1));
  fields.emplace_back("rounds", json_uint(why.rounds));
  fields.emplace_back("candidates", array_of(why.candidates, candidate));
  return json_object(fields);
}

std::string as_json(const Explanation& e, const Why& why) {
  const auto numbers = [&](const Why::Numbers& n) {
    return json_object({{"purpose", json_text(n.purpose)},
                        {"key", json_key(n.key)},
                        {"position", json_uint(n.position)}});
  };
  return json_object(
      {{"sampler", json_text(why.sampler)},
       {"suggestion", json_uint(e.suggestion)},
       {"snapshot", json_uint(e.snapshot)},
       {"how", json_text(name_of(why.how))},
       {"rule", json_text(why.rule)},
       {"saw", as_json(why.seen)},
       {"startup", why.startup > 0 ? json_object({{"ended", json_uint(why.ended)},
                                                  {"needed", json_uint(why.startup)},
                                                  {"strata", json_uint(why.strata)}})
                                   : "null"},
       {"random", why.numbers.empty() ? "null"
                                      : json_object({{"generator", json_text("philox4x32-10")},
                                                     {"seed", json_uint(why.seed)},
                                                     {"number", json_uint(why.number)},
                                                     {"streams", array_of(why.numbers, numbers)}})},
       {"draws", json_object({{"drawn", json_uint(why.draws)},
                              {"refused", json_uint(why.refused)},
                              {"known", json_uint(why.known)},
                              {"walked", json_bool(why.walked)},
                              {"covered", json_uint(why.covered)}})},
       {"parameters", array_of(why.parameters, [](const Why::Parameter& p) { return as_json(p); })},
       {"model", model_json(why)}});
}

std::string as_json(const Explanation::Stop& stop) {
  const core::StopDecided& d = stop.recorded;
  const bool pruned = static_cast<StopReason>(d.reason) == StopReason::kPruned;
  const auto place = [](const pruning::Grounds::Place& p) {
    return json_object({{"trial", json_uint(raw(p.trial))},
                        {"value", json_number(p.value)},
                        {"goes_on", json_bool(p.goes_on)}});
  };
  return json_object({{"entry", json_uint(stop.seq)},
                      {"at", json_text(analysis::iso_time(stop.at_us))},
                      {"attempt", json_uint(d.attempt)},
                      {"reason", json_text(name_of(static_cast<StopReason>(d.reason)))},
                      {"message", json_text(d.message)},
                      {"rule", stop.rule.empty() ? "null" : json_text(stop.rule)},
                      {"pruner", pruned ? json_text(stop.grounds.pruner) : "null"},
                      {"unit", pruned ? json_text(stop.grounds.unit) : "null"},
                      {"rung", pruned ? json_uint(d.rung) : "null"},
                      {"value", json_number(d.value)},
                      {"threshold", pruned ? json_number(d.threshold) : "null"},
                      {"ranking", pruned ? array_of(stop.grounds.ranking, place) : "null"},
                      {"used_s", stop.limit_us > 0 ? json_seconds(stop.used_us) : "null"},
                      {"limit_s", stop.limit_us > 0 ? json_seconds(stop.limit_us) : "null"},
                      {"equal", json_bool(stop.equal)}});
}

}  // namespace

std::string json_of(const Explanation& e) {
  static constexpr const char* kOrigins[] = {"sampler", "enqueued", "initial", "replicate"};
  const auto origin = static_cast<std::size_t>(e.origin);
  const auto mismatch = [](const core::Replay::Mismatch& m) { return json_of_mismatch(m); };
  return json_object(
      {{"trial", json_of(e.trial, e.sweep.updated_us)},
       {"entry", json_uint(e.seq)},
       {"origin", json_text(origin < std::size(kOrigins) ? kOrigins[origin] : "unknown")},
       {"proposal", e.why ? as_json(e, *e.why) : "null"},
       {"stops", array_of(e.stops, [](const Explanation::Stop& s) { return as_json(s); })},
       {"recomputed", json_object({{"equal", json_bool(e.agrees())},
                                   {"checked", json_texts(e.checked)},
                                   {"not_recomputed", json_uint(e.not_recomputed)},
                                   {"without_points", json_uint(e.without_points)},
                                   {"mismatches", array_of(e.mismatches, mismatch)}})}});
}

}  // namespace scopa::cli
