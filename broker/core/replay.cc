#include "broker/core/replay.h"

#include <utility>

#include "broker/core/checker.h"

namespace scopa::core {

std::string_view name_of(Replay::What what) {
  switch (what) {
    case Replay::What::kSuggestion:
      return "suggestion";
    case Replay::What::kStop:
      return "stop";
    case Replay::What::kEnd:
      break;
  }
  return "end";
}

std::string to_text(const Replay::Mismatch& mismatch) {
  std::string text(name_of(mismatch.what));
  if (mismatch.what != Replay::What::kEnd) text += " of trial " + std::to_string(mismatch.trial);
  if (mismatch.what == Replay::What::kStop) {
    text += ", attempt " + std::to_string(mismatch.attempt);
  }
  text += ", entry " + std::to_string(mismatch.seq) + ": ";
  text += mismatch.recorded.empty() ? "not in the log" : "recorded " + mismatch.recorded;
  return text + (mismatch.recomputed.empty() ? "; nothing leads to it"
                                             : "; recomputed " + mismatch.recomputed);
}

Result<Replay::Outcome> Replay::run(const Progress& progress) {
  SCOPA_ASSIGN_OR_RETURN(LogWalk walk, LogWalk::begin(&log_));
  Checker checker(&walk);
  SCOPA_RETURN_IF_ERROR(checker.run(progress));
  Outcome outcome = checker.take();
  outcome.events = log_.events();
  outcome.reports = log_.reports();
  return outcome;
}

}  // namespace scopa::core
