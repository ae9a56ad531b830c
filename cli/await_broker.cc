#include "cli/await_broker.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "broker/spec/duration.h"
#include "sdk/session/broker_search.h"

namespace scopa::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// So that it is said in time who is away.
constexpr std::chrono::milliseconds kFirstTimeout{900};
constexpr std::chrono::milliseconds kPauseFirst{100};
constexpr std::chrono::milliseconds kPauseMax{1000};

}  // namespace

Result<std::chrono::microseconds> patience_of(const std::string& wait) {
  if (wait.empty()) {
    return std::chrono::microseconds(session::patience_for_broker(session::process_environment()));
  }
  if (wait == "0" || wait == "0s") return std::chrono::microseconds(0);
  return spec::parse_duration(wait);
}

Result<std::unique_ptr<Link>> await_broker(const Context& context,
                                           std::chrono::microseconds patience) {
  const auto until = Clock::now() + patience;
  std::chrono::milliseconds timeout = kFirstTimeout;
  std::chrono::milliseconds pause = kPauseFirst;
  bool told = false;
  while (true) {
    auto link = connect_broker(context, timeout);
    if (link) {
      if (told) say(context, "the broker at " + (*link)->place() + " answers\n");
      return link;
    }
    const Status why = link.status();
    if (why.code() != Code::kUnavailable || patience.count() == 0) return why;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) {
      return Status(why.code(), why.message() + ", for " + spec::to_text(patience), why.help());
    }
    if (!std::exchange(told, true)) {
      say(context, why.message() + "; waiting up to " + spec::to_text(patience) + " (--wait)\n");
    }
    std::this_thread::sleep_for(std::min(pause, left));
    pause = std::min(pause * 2, kPauseMax);
    timeout = kAnswerTimeout;
  }
}

}  // namespace scopa::cli
