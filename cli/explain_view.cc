#include "cli/explain_view.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <set>
#include <utility>
#include <vector>

#include "analysis/leaderboard.h"
#include "cli/board.h"
#include "cli/failures.h"
#include "cli/format.h"
#include "cli/log_progress.h"
#include "cli/sweep_screen.h"
#include "cli/table.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

using core::Explanation;
using search::Why;

constexpr std::size_t kMembersShown = 6;
constexpr std::size_t kPlacesShown = 4;  // from the best on

std::string number_sign(std::uint64_t trial) { return "#" + std::to_string(trial); }

/// "7 completed, 3 pruned, 2 running".
std::string counts(const Why::Seen& seen) {
  std::string text;
  const auto add = [&](std::uint64_t n, const char* state) {
    if (n > 0) text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + state;
  };
  add(seen.completed, "completed");
  add(seen.pruned, "pruned");
  add(seen.diverged, "diverged");
  add(seen.running, "running");
  add(seen.queued, "queued");
  add(seen.failed, "failed");
  add(seen.cancelled, "cancelled");
  return text;
}

/// "2: #1 0.8510, #0 0.8140"; those without a value are counted.
std::string members_text(const std::vector<Why::Member>& members) {
  std::string text;
  std::size_t shown = 0;
  std::uint64_t failed = 0;
  std::uint64_t pending = 0;
  std::size_t observed = 0;
  for (const Why::Member& each : members) {
    failed += each.as == Why::As::kFailed ? 1 : 0;
    pending += each.as == Why::As::kPending ? 1 : 0;
    if (each.as != Why::As::kObserved) continue;
    ++observed;
    if (shown >= kMembersShown) continue;
    text += (shown++ > 0 ? ", " : "") + number_sign(each.trial) + " " +
            short_number(each.value, 4, true);
  }
  if (observed > shown) text += " … " + std::to_string(observed - shown) + " more";
  const auto add = [&](std::uint64_t n, const char* what) {
    if (n > 0) text += (text.empty() ? "" : "; ") + std::to_string(n) + what;
  };
  add(failed, " failed");
  add(pending, " running or waiting, to be kept away from");
  return count_of(members.size(), "trial") + (text.empty() ? "" : ": " + text);
}

std::string proposed_text(const Explanation& e) {
  const std::uint64_t of = e.trial.replicate_of;
  switch (e.origin) {
    case core::Origin::kEnqueued:
      return "by hand: it was enqueued, and parameters that were left open were drawn then";
    case core::Origin::kInitial:
      return "by the sweep file: point " + std::to_string(e.trial.trial) +
             " of `initial`, what it leaves open drawn from the distributions";
    case core::Origin::kReplicate:
      return "as run " + std::to_string(e.trial.replicate) + " of the configuration of trial " +
             std::to_string(of) + ", which completed (`replicates`)";
    case core::Origin::kSampler:
      break;
  }
  if (!e.why) return "by the sampler as suggestion " + std::to_string(e.suggestion);
  return "by " + e.why->sampler + " as suggestion " + std::to_string(e.suggestion) + ": " +
         e.why->rule;
}

std::string candidates_text(const Why& why) {
  const Why::Candidate& winner = why.candidates[why.winner];
  std::string text = std::to_string(why.candidates.size()) + " candidates drawn from l";
  if (why.refused > 0) {
    text += ", " + std::to_string(why.refused) + " more that violate a constraint";
  }
  text += "; this one ranks " + std::to_string(why.winner + 1) + " with l/g " +
          short_number(std::exp(winner.score), 3);
  if (why.winner > 0) text += ", those before it were known";
  if (why.winner + 1 < why.candidates.size()) {
    text += ", the next has " + short_number(std::exp(why.candidates[why.winner + 1].score), 3);
  }
  if (why.rounds > 1) text += " (round " + std::to_string(why.rounds) + ")";
  return text;
}

std::string draws_text(const Why& why) {
  std::string text;
  if (why.how == Why::How::kGrid) {
    return why.covered == 0 ? "no combination was covered before"
                            : count_of(why.covered, "combination") + " covered before";
  }
  if (why.draws <= 1 && !why.walked) return text;
  text = "draw " + std::to_string(why.draws);
  if (why.refused > 0) text += ", " + std::to_string(why.refused) + " violate a constraint";
  if (why.known > 0) text += ", " + std::to_string(why.known) + " known before";
  if (why.walked) text += "; then the combinations in order, to the first new one";
  return text;
}

std::string random_text(const Why& why) {
  char key[24];
  std::snprintf(key, sizeof key, "%016" PRIx64, why.numbers.front().key);
  std::string text = "Philox4x32-10, seed " + std::to_string(why.seed) + ", counter (" +
                     std::to_string(why.numbers.front().position) + ", " +
                     std::to_string(why.number) + "), key " + key + " of the " +
                     printable(why.numbers.front().purpose, 80);
  if (why.numbers.size() > 1) text += " and " + std::to_string(why.numbers.size() - 1) + " more";
  return text;
}

std::string why_text(const Explanation& e, const Terminal& t) {
  const Why& why = *e.why;
  std::string out;
  std::string saw = count_of(why.seen.total(), "trial");
  if (why.seen.total() > 0) saw += ": " + counts(why.seen);
  out += labelled("saw", saw + " (the log up to entry " + std::to_string(e.snapshot) + ")", t);
  if (why.how == Why::How::kStratified || (why.startup > 0 && why.ended < why.startup)) {
    out += labelled("start-up",
                    std::to_string(why.ended) + " of them had ended; the model is asked once " +
                        std::to_string(why.startup) + " have",
                    t);
  }
  if (!why.good.empty() || !why.bad.empty()) {
    out += labelled("good", members_text(why.good), t, Style::kGreen);
    out += labelled("others", members_text(why.bad), t);
  }
  if (!why.learned.empty()) out += labelled("learned", members_text(why.learned), t);
  if (!why.candidates.empty()) out += labelled("weighed", candidates_text(why), t);
  const std::string draws = why.candidates.empty() ? draws_text(why) : "";
  if (!draws.empty()) {
    out += labelled(why.how == Why::How::kGrid ? "grid" : "draws", draws, t);
  }
  if (!why.numbers.empty()) out += labelled("random", random_text(why), t);
  return out;
}

int width_of(const Terminal& t) { return t.out_is_tty ? t.columns : 160; }

/// The parameters; with a model l, g and their ratio, at start-up their strata.
std::string parameters_table(const Explanation& e, const Terminal& t) {
  using Column = Table::Column;
  const Why* why = e.why ? &*e.why : nullptr;
  const bool has_model = why != nullptr && !why->candidates.empty();
  const bool has_strata = why != nullptr && why->how == Why::How::kStratified;
  std::vector<Column> columns = {{"parameter", Table::Align::kLeft, true, true},
                                 {"value", Table::Align::kRight, false, true}};
  if (has_model) {
    for (const char* title : {"l(x)", "g(x)", "l/g"}) {
      columns.push_back({title, Table::Align::kRight, false, true});
    }
  }
  if (has_strata) columns.push_back({"stratum", Table::Align::kRight, false, true});
  Table table(std::move(columns));
  for (const Param& param : e.trial.params) {
    std::vector<Table::Cell> row = {{printable(param.name, 200), "", Style::kDim},
                                    {short_text(param.value), "", Style::kPlain}};
    const Why::Parameter* told = nullptr;
    if (why != nullptr) {
      const auto it = std::find_if(why->parameters.begin(), why->parameters.end(),
                                   [&](const auto& each) { return each.name == param.name; });
      if (it != why->parameters.end()) told = &*it;
    }
    if (has_model && told != nullptr && told->log_good && told->log_bad) {
      const double ratio = std::exp(*told->log_good - *told->log_bad);
      row.push_back({short_number(std::exp(*told->log_good), 3, true), "", Style::kPlain});
      row.push_back({short_number(std::exp(*told->log_bad), 3, true), "", Style::kPlain});
      row.push_back(
          {short_number(ratio, 3, true), "", ratio >= 1 ? Style::kGreen : Style::kYellow});
    } else if (has_model) {
      row.insert(row.end(), 3, {"-", Table::kNothing, Style::kDim});
    }
    if (has_strata) {
      row.push_back({told != nullptr && told->stratum
                         ? std::to_string(*told->stratum + 1) + "/" + std::to_string(why->strata)
                         : "-",
                     "", Style::kPlain});
    }
    table.add(std::move(row));
  }
  if (has_model) {
    const Why::Candidate& winner = why->candidates[why->winner];
    table.add({{"together", "", Style::kBold},
               {"", "", Style::kPlain},
               {short_number(std::exp(winner.log_good), 3, true), "", Style::kPlain},
               {short_number(std::exp(winner.log_bad), 3, true), "", Style::kPlain},
               {short_number(std::exp(winner.score), 3, true), "", Style::kBold}});
  }
  return table.for_people(width_of(t), t.out_color);
}

/// "#2 0.851  #1 0.848 … #0 0.843 | #12 0.837": the best, those around the cut, and the trial.
std::string ranking_text(const pruning::Grounds& grounds, std::uint64_t trial, bool color) {
  const auto& places = grounds.ranking;
  std::set<std::size_t> shown;
  std::size_t cut = 0;  // places that go on; at the front but for ties of a trial that restarted
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].goes_on) cut = i + 1;
    if (i < kPlacesShown || i + 1 == places.size() || raw(places[i].trial) == trial) {
      shown.insert(i);
    }
  }
  for (std::size_t i = cut > 2 ? cut - 2 : 0; i < std::min(cut + 2, places.size()); ++i) {
    shown.insert(i);
  }
  std::string text;
  std::size_t next = 0;
  for (const std::size_t i : shown) {
    if (i > next) text += " …";
    if (i >= cut && next <= cut && !text.empty() && cut > 0) text += " |";
    next = i + 1;
    const std::string place =
        number_sign(raw(places[i].trial)) + " " + short_number(places[i].value, 5);
    text += (text.empty() ? "" : "  ") +
            (raw(places[i].trial) == trial ? styled(place, Style::kBold, color) : place);
  }
  return text;
}

std::string stop_text(const Explanation& e, const Explanation::Stop& stop, const Terminal& t) {
  const core::StopDecided& decided = stop.recorded;
  const auto reason = static_cast<StopReason>(decided.reason);
  std::string head;
  if (reason == StopReason::kPruned) {
    head = "by " + (stop.grounds.pruner.empty() ? e.sweep.pruner : stop.grounds.pruner) + " at " +
           (stop.grounds.unit.empty() ? "rung" : stop.grounds.unit) + " " +
           std::to_string(decided.rung) + ": ";
  }
  std::string out = labelled("stopped", head + printable(decided.message, 600), t, Style::kYellow);
  if (e.trial.attempts.size() > 1) {
    out += labelled("",
                    "attempt " + std::to_string(decided.attempt) + ", entry " +
                        std::to_string(stop.seq) + " of the log",
                    t);
  }
  const bool is_last =
      !e.trial.attempts.empty() && decided.attempt == e.trial.attempts.back().attempt;
  const auto state = static_cast<TrialState>(e.trial.state);
  if (is_last && state == TrialState::kCompleted && reason != StopReason::kStepLimit &&
      e.trial.reason.empty()) {
    out += labelled("", "in vain: when the trainer heard of it, it was done", t);
  }
  if (!stop.rule.empty()) out += labelled("rule", printable(stop.rule, 300), t);
  if (reason == StopReason::kPruned) {
    out += labelled("compared",
                    "value " + short_number(decided.value, 6) + ", needed " +
                        short_number(decided.threshold, 6),
                    t);
  }
  if (stop.limit_us > 0) {
    out += labelled("limit",
                    short_duration(static_cast<double>(stop.used_us) / 1e6) + " used of " +
                        short_duration(static_cast<double>(stop.limit_us) / 1e6),
                    t);
  }
  if (!stop.grounds.ranking.empty()) {
    out += labelled("at rung", ranking_text(stop.grounds, e.trial.trial, t.out_color), t);
  }
  return out;
}

std::string attempts_text(const Explanation& e, const Terminal& t) {
  std::string out;
  for (const wire::AttemptInfo& a : e.trial.attempts) {
    std::string line = local_time(a.started_us);
    if (a.ended_us > 0) {
      const std::int64_t ran_us = analysis::running_us(a, a.ended_us);
      line += "  " + short_duration(static_cast<double>(ran_us) / 1e6);
    }
    if (!a.device.empty()) line += "  " + printable(a.device, 60);
    if (!a.host.empty()) line += " on " + printable(a.host, 60);
    line += "  " + count_of(a.points, "point");
    if (a.resumed >= 0) line += "  went on after step " + std::to_string(a.resumed);
    const auto cause = static_cast<Cause>(a.cause);
    const bool says_it = split_reason(a.ended).what == name_of(cause);
    if (cause != Cause::kNone && !says_it) line += "  " + std::string(name_of(cause));
    if (a.extra) line += "  not counted";
    if (a.ended_us == 0) line += "  runs";
    if (const std::string forced = forced_text(a); !forced.empty()) line += "  " + forced;
    if (!a.ended.empty() && a.ended != e.trial.reason) {
      line += "  " + printable(split_reason(a.ended).what, 300);
    }
    out += labelled("attempt " + std::to_string(a.attempt), line, t);
  }
  return out;
}

std::string verdict_text(const Explanation& e, const Terminal& t) {
  std::string what;
  for (const std::string& each : e.checked) what += (what.empty() ? "" : ", ") + each;
  if (!e.agrees()) {
    std::string out =
        labelled("check", "recomputed: it differs from what is recorded", t, Style::kRed);
    for (const auto& each : e.mismatches) out += "\n" + mismatch_text(each, t);
    return out;
  }
  if (e.not_recomputed > 0) {
    return labelled("check",
                    "made by rules " + std::to_string(e.other_rules) +
                        ", which this build has not: " + count_of(e.not_recomputed, "decision") +
                        " not recomputed" +
                        (what.empty() ? "" : "; recomputed: equal (" + what + ")"),
                    t);
  }
  if (e.without_points > 0) {
    return labelled("check",
                    count_of(e.without_points, "decision") +
                        " not recomputed: points that they may rest on have been removed" +
                        (what.empty() ? "" : "; recomputed: equal (" + what + ")"),
                    t);
  }
  if (what.empty())
    return labelled("check", "nothing to recompute: no rule led to anything here", t);
  return labelled("check", "recomputed: equal (" + what + ")", t, Style::kGreen);
}

}  // namespace

std::string explanation_screen(const Explanation& e, const Terminal& t) {
  const bool color = t.out_color;
  const auto state = static_cast<TrialState>(e.trial.state);
  std::string out = "  " + styled("trial " + std::to_string(e.trial.trial), Style::kBold, color) +
                    " of " + title_of(e.sweep) + "  " +
                    styled(name_of(state), style_of(state), color) + "\n\n";
  out += labelled("proposed", proposed_text(e), t);
  if (e.why) out += why_text(e, t);
  out += "\n" + parameters_table(e, t) + "\n";
  for (const Explanation::Stop& stop : e.stops) out += stop_text(e, stop, t);
  if (e.stops.empty() && !e.trial.reason.empty()) {
    out += labelled("because", printable(split_reason(e.trial.reason).what, 600), t,
                    state == TrialState::kFailed ? Style::kRed : Style::kYellow);
  }
  out += attempts_text(e, t);
  return out + verdict_text(e, t);
}

}  // namespace scopa::cli
