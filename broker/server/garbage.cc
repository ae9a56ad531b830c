#include "broker/server/garbage.h"

#include <spdlog/spdlog.h>

#include "sdk/base/log_text.h"

namespace scopa::server {

void Garbage::add(std::string_view routing_id, const Status& why, Clock::time_point now) {
  ++count_;
  if (now < quiet_until_) return;
  quiet_until_ = now + std::chrono::seconds(1);
  spdlog::warn("garbage frame client={:02x} error={} frames={} total={}", fmt::join(routing_id, ""),
               in_quotes(why.message()), count_ - told_, count_);
  told_ = count_;
}

}  // namespace scopa::server
