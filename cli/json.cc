#include "cli/json.h"

#include <cmath>

#include "analysis/documents/own_fields.h"
#include "analysis/leaderboard.h"
#include "analysis/numbers.h"
#include "sdk/base/value.h"

namespace scopa::cli {
namespace {

std::string text_or_null(const std::string& text) {
  return text.empty() ? "null" : json_text(text);
}

std::string seconds_or_null(std::optional<double> seconds) {
  return seconds ? json_number(std::round(*seconds * 1000) / 1000) : "null";
}

std::string seconds_of(std::int64_t us) { return seconds_or_null(static_cast<double>(us) / 1e6); }

std::string budget_or_null(std::int64_t us) { return us == 0 ? "null" : seconds_of(us); }

std::string forced_or_null(wire::Forced forced) {
  if (forced == wire::Forced::kNot) return "null";
  return json_text(forced == wire::Forced::kTerm ? "sigterm" : "sigkill");
}

std::string as_json(const wire::AttemptInfo& a, std::int64_t now_us) {
  return json_object(
      {{"attempt", std::to_string(a.attempt)},
       {"worker", text_or_null(a.worker)},
       {"host", text_or_null(a.host)},
       {"device", text_or_null(a.device)},
       {"started", time_or_null(a.started_us)},
       {"ended_at", time_or_null(a.ended_us)},
       {"ended", text_or_null(a.ended)},
       {"cause", text_or_null(std::string(name_of(static_cast<Cause>(a.cause))))},
       {"next", text_or_null(a.next)},
       {"forced", forced_or_null(static_cast<wire::Forced>(a.forced))},
       {"folder", text_or_null(a.folder)},
       {"suspect", a.suspect ? "true" : "false"},
       {"extra", a.extra ? "true" : "false"},
       {"resumed", a.resumed >= 0 ? std::to_string(a.resumed) : "null"},
       {"points", std::to_string(a.points)},
       {"points_dropped", std::to_string(a.points_dropped)},
       {"checkpoint_step", a.checkpoint_step >= 0 ? std::to_string(a.checkpoint_step) : "null"},
       {"checkpoint", text_or_null(a.checkpoint)},
       {"duration_s", seconds_of(analysis::running_us(a, now_us))}});
}

std::string as_json(const wire::StateCounts& c) {
  return json_object({{"queued", std::to_string(c.queued)},
                      {"running", std::to_string(c.running)},
                      {"completed", std::to_string(c.completed)},
                      {"pruned", std::to_string(c.pruned)},
                      {"diverged", std::to_string(c.diverged)},
                      {"failed", std::to_string(c.failed)},
                      {"cancelled", std::to_string(c.cancelled)}});
}

}  // namespace

std::string json_text(std::string_view text) { return to_json(Value(std::string(text))); }

std::string json_number(double value) {
  return std::isfinite(value) ? analysis::shortest(value) : json_text(analysis::shortest(value));
}

std::string json_object(const JsonFields& fields) {
  std::string out = "{";
  for (const auto& [name, value] : fields) {
    if (out.size() > 1) out += ',';
    out += json_text(name) + ':' + value;
  }
  return out + "}";
}

std::string json_array(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += item;
  }
  return out + "]";
}

std::string json_texts(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(json_text(text));
  return json_array(items);
}

std::string json_document(JsonFields fields) {
  fields.insert(fields.begin(), {"schema_version", std::to_string(kJsonSchemaVersion)});
  return json_object(fields) + "\n";
}

std::string time_or_null(std::int64_t us) { return text_or_null(analysis::iso_time(us)); }

std::string json_of(const wire::SweepInfo& s) {
  std::vector<std::string> rungs;
  for (const std::uint64_t rung : s.rungs) rungs.push_back(std::to_string(rung));
  const std::string best =
      json_object({{"trial", std::to_string(s.best_trial)}, {"value", json_number(s.best_value)}});
  return json_object({{"id", json_text(s.id)},
                      {"name", text_or_null(s.name)},
                      {"description", text_or_null(s.description)},
                      {"state", json_text(name_of(static_cast<SweepState>(s.state)))},
                      {"reason", text_or_null(s.reason)},
                      {"method", json_text(s.method)},
                      {"metric", text_or_null(s.metric)},
                      {"goal", json_text(name_of(static_cast<Goal>(s.goal)))},
                      {"run_cap", s.run_cap == 0 ? "null" : std::to_string(s.run_cap)},
                      {"seed", std::to_string(s.seed)},
                      {"counts", as_json(s.counts)},
                      {"best", s.has_best ? best : "null"},
                      {"workers", std::to_string(s.workers)},
                      {"created", time_or_null(s.created_us)},
                      {"updated", time_or_null(s.updated_us)},
                      {"metrics", json_texts(s.metrics)},
                      {"parameters", json_texts(s.parameters)},
                      {"pruner", text_or_null(s.pruner)},
                      {"rungs", json_array(rungs)},
                      {"reduce", text_or_null(s.reduce)},
                      {"replicates", std::to_string(s.replicates)},
                      {"configurations", std::to_string(s.configurations)},
                      {"wall_s", seconds_of(s.wall_us)},
                      {"wall_budget_s", budget_or_null(s.wall_budget_us)},
                      {"device_s", seconds_of(s.device_us)},
                      {"device_budget_s", budget_or_null(s.device_budget_us)},
                      {"points_dropped", std::to_string(s.points_dropped)},
                      {"project", text_or_null(s.project)},
                      {"space_used_up", s.space_used_up ? "true" : "false"},
                      {"notices", json_texts(s.notices)},
                      {"quarantined", json_texts(s.quarantined)}});
}

JsonFields trial_fields(const wire::TrialInfo& t, std::int64_t now_us) {
  std::vector<std::string> attempts;
  for (const wire::AttemptInfo& a : t.attempts) attempts.push_back(as_json(a, now_us));
  const std::string stop = json_object({{"rung", std::to_string(t.stop_rung)},
                                        {"value", json_number(t.stop_value)},
                                        {"threshold", json_number(t.stop_threshold)}});
  JsonFields fields;
  const auto own = [&](std::string_view field, std::string name = {}) {
    if (name.empty()) name = field;
    fields.emplace_back(std::move(name), analysis::own_json(field, t, now_us));
  };
  for (const char* name :
       {"trial", "state", "value", "best", "replicate_of", "mean", "runs", "spread", "values"}) {
    own(name);
  }
  own("steps", "last_step");
  for (const char* name :
       {"duration_s", "created", "started", "ended", "origin", "reason", "cause"}) {
    own(name);
  }
  fields.emplace_back("stop", t.stopped ? stop : "null");
  fields.emplace_back("attempts", json_array(attempts));
  fields.emplace_back("attempts_left_out", std::to_string(t.attempts_left_out));
  own("points_dropped");
  fields.emplace_back("removed", t.removed ? "true" : "false");
  fields.emplace_back("params", to_json(t.params));
  fields.emplace_back("metrics", analysis::metrics_json(t));
  return fields;
}

std::string json_of(const wire::TrialInfo& t, std::int64_t now_us) {
  return json_object(trial_fields(t, now_us));
}

}  // namespace scopa::cli
