#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/connect.h"
#include "cli/context.h"
#include "sdk/wire/messages.h"

/// What a broker says of itself: get_broker.
namespace scopa::cli {

/// Nothing of a store without a broker, or of a broker that does not know the question.
std::optional<wire::BrokerInfo> get_broker(
    Link& link, std::chrono::milliseconds timeout = limits::kReplyTimeout);

/// "note: the broker cannot write ...", with a line break; empty when all is well.
std::string trouble_line(const std::optional<wire::BrokerInfo>& broker, bool color);
/// Why nothing can be changed, as JSON: a text or null.
std::string json_trouble(const std::optional<wire::BrokerInfo>& broker);

/// The broker on one screen, and as JSON fields.
std::string broker_screen(const wire::BrokerInfo& broker, const std::string& place,
                          const Terminal& terminal);
std::string json_of(const wire::BrokerInfo& broker, const std::string& place);

}  // namespace scopa::cli
