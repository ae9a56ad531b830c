#pragma once

#include <chrono>
#include <optional>

/// systemd's service notifications; without NOTIFY_SOCKET all of them do nothing.
namespace scopa::server::notify {

void ready();
void stopping();
void alive();
/// How often alive() must be called, with half of the time to spare; nothing without a watchdog.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace scopa::server::notify
