#include "broker/server/notify.h"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace scopa::server::notify {

void ready() { (void)sd_notify(0, "READY=1"); }
void stopping() { (void)sd_notify(0, "STOPPING=1"); }
void alive() { (void)sd_notify(0, "WATCHDOG=1"); }
void status(const std::string& text) { (void)sd_notify(0, ("STATUS=" + text).c_str()); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t interval_us = 0;
  if (sd_watchdog_enabled(0, &interval_us) <= 0) return std::nullopt;
  return std::chrono::microseconds(interval_us / 2);
}

}  // namespace scopa::server::notify
