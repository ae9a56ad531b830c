#pragma once

#include <span>

#include "broker/core/event.h"

namespace scopa::server {

/// One line for each change of state, `key=value`, to spdlog's default logger: whoever runs the
/// broker chooses where that goes. Call it with events that are durable.
void log_events(std::span<const core::Event> events);

}  // namespace scopa::server
