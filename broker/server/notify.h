#pragma once

#include <chrono>
#include <optional>
#include <string>

/// systemd's service notifications; without NOTIFY_SOCKET all of them do nothing.
namespace scopa::server::notify {

void ready();
void stopping();
void alive();
/// One line that `systemctl status` shows.
void status(const std::string& text);
/// How often alive() must be called, with half of the time to spare; nothing without a watchdog.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace scopa::server::notify
