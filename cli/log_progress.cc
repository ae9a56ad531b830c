#include "cli/log_progress.h"

#include <chrono>
#include <utility>

#include "cli/json.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{500};  // without a word
constexpr milliseconds kInterval{100};

}  // namespace

LogProgress::LogProgress(const Context& context, std::string sweep)
    : sweep_(std::move(sweep)), line_(context), started_(LiveLine::Clock::now()), told_(started_) {}

void LogProgress::tell(const std::string& what, const std::string& state) {
  const auto now = LiveLine::Clock::now();
  if (now - started_ < kPatience || now - told_ < kInterval) return;
  told_ = now;
  line_.update(sweep_ + "  " + what, sweep_ + ": " + what, state, now);
}

void LogProgress::fetched(std::size_t bytes) {
  tell("reading its log, " + std::to_string(bytes >> 20) + " MiB", std::to_string(bytes >> 24));
}

void LogProgress::checked(std::size_t done, std::size_t all) {
  const std::string percent = std::to_string(all == 0 ? 100 : 100 * done / all);
  tell("checking, " + percent + " %", percent);
}

std::string mismatch_text(const core::Replay::Mismatch& mismatch, const Terminal& terminal) {
  using What = core::Replay::What;
  std::string title(name_of(mismatch.what));
  if (mismatch.what != What::kEnd) title += " of trial " + std::to_string(mismatch.trial);
  if (mismatch.what == What::kStop) title += ", attempt " + std::to_string(mismatch.attempt);
  const bool is_missing = mismatch.recorded.empty();
  title += (is_missing ? ", after entry " : ", entry ") + std::to_string(mismatch.seq);
  const auto line = [&](const char* label, const std::string& text) {
    return "    " + styled(label, Style::kDim, terminal.out_color) + printable(text, 100'000) +
           "\n";
  };
  return "  " + styled(title, Style::kRed, terminal.out_color) + "\n" +
         line("recorded    ", is_missing ? "it is not in the log" : mismatch.recorded) +
         line("recomputed  ",
              mismatch.recomputed.empty() ? "nothing in the log leads to it" : mismatch.recomputed);
}

std::string json_of_mismatch(const core::Replay::Mismatch& m) {
  using What = core::Replay::What;
  return json_object({{"what", json_text(name_of(m.what))},
                      {"entry", std::to_string(m.seq)},
                      {"trial", m.what == What::kEnd ? "null" : std::to_string(m.trial)},
                      {"attempt", m.what == What::kStop ? std::to_string(m.attempt) : "null"},
                      {"recorded", m.recorded.empty() ? "null" : json_text(m.recorded)},
                      {"recomputed", m.recomputed.empty() ? "null" : json_text(m.recomputed)}});
}

Failure log_differs(const std::string& message) {
  Failure failure;
  failure.code = "S132";
  failure.message = message;
  failure.help =
      "keep a copy of the store; `scopa store verify` examines it. Was it made by another version?";
  return failure;
}

}  // namespace scopa::cli
