#include "cli/broker_state.h"

#include <utility>

#include "analysis/numbers.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/query.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

std::string line(const std::string& name, const std::string& text, const Terminal& t) {
  return "  " + styled(name + std::string(10 - name.size(), ' '), Style::kDim, t.out_color) + text +
         "\n";
}

}  // namespace

std::optional<wire::BrokerInfo> get_broker(Link& link, std::chrono::milliseconds timeout) {
  if (!link.is_broker()) return std::nullopt;
  auto info = ask<wire::BrokerInfo>(link, wire::GetBroker{}, timeout);
  return info ? std::optional(std::move(*info)) : std::nullopt;
}

std::string trouble_line(const std::optional<wire::BrokerInfo>& broker, bool color) {
  if (!broker || broker->trouble.empty()) return {};
  return styled("note", Style::kYellow, color) + ": " + printable(broker->trouble, 600) +
         "; it tries again by itself, and nothing acknowledged is lost\n";
}

std::string json_trouble(const std::optional<wire::BrokerInfo>& broker) {
  return !broker || broker->trouble.empty() ? "null" : json_text(broker->trouble);
}

std::string broker_screen(const wire::BrokerInfo& b, const std::string& place, const Terminal& t) {
  std::string out = line("broker", printable(b.software, 80) + " at " + place, t);
  out += line("state",
              b.trouble.empty() ? styled("serving", Style::kGreen, t.out_color)
                                : styled(printable(b.trouble, 600), Style::kRed, t.out_color),
              t);
  if (b.trouble_us != 0) out += line("since", local_time(b.trouble_us), t);
  out += line("started", local_time(b.started_us) + ", " + ago(b.started_us, now_us()), t);
  out += line("store", printable(b.folder, 400) + ", durability " + printable(b.durability, 40), t);
  out += line("entries", std::to_string(b.last_seq) + " events and reports", t);
  out += line("clients",
              std::to_string(b.clients) + " connected, " + std::to_string(b.refused) +
                  " refused; your role: " + printable(b.role, 40),
              t);
  out += line("frames",
              std::to_string(b.garbage) + " could not be read, " +
                  std::to_string(b.replies_dropped) + " answers dropped",
              t);
  return out;
}

std::string json_of(const wire::BrokerInfo& b, const std::string& place) {
  return json_object({{"endpoint", json_text(place)},
                      {"broker", json_text(b.broker)},
                      {"software", json_text(b.software)},
                      {"folder", json_text(b.folder)},
                      {"durability", json_text(b.durability)},
                      {"trouble", b.trouble.empty() ? "null" : json_text(b.trouble)},
                      {"trouble_since", time_or_null(b.trouble_us)},
                      {"started", time_or_null(b.started_us)},
                      {"last_seq", std::to_string(b.last_seq)},
                      {"clients", std::to_string(b.clients)},
                      {"garbage", std::to_string(b.garbage)},
                      {"replies_dropped", std::to_string(b.replies_dropped)},
                      {"refused", std::to_string(b.refused)},
                      {"role", json_text(b.role)}});
}

}  // namespace scopa::cli
