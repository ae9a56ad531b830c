#include <bit>

#include "sdk/base/limits.h"
#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"
#include "tests/fuzz/checks.h"

namespace scopa::fuzz {
namespace {

PointBlock copy_of(const wire::PointsView& view) {
  PointBlock block;
  for (const std::string_view name : view.metrics()) block.metrics.emplace_back(name);
  for (std::size_t i = 0; i < view.size(); ++i) {
    block.metric.push_back(view.metric(i));
    block.step.push_back(view.step(i));
    block.value.push_back(view.value(i));
    block.time_us.push_back(view.time_us(i));
  }
  return block;
}

std::string check_points(std::string_view bytes) {
  const auto view = wire::PointsView::parse(bytes);
  if (!view) return view.status().message().empty() ? "points refused without a reason" : "";
  if (view->size() > limits::kReportPointsMax) return "more points than a report may have";
  const PointBlock block = copy_of(*view);
  for (const std::uint16_t metric : block.metric) {
    if (metric >= block.metrics.size()) return "a point of no metric";
  }
  std::string again;
  wire::encode_points(block, &again);
  const auto second = wire::PointsView::parse(again);
  if (!second) return "points read and written are refused: " + second.status().message();
  if (second->size() != view->size()) return "points lost in writing";
  for (std::size_t i = 0; i < view->size(); ++i) {
    if (second->metric(i) != view->metric(i) || second->step(i) != view->step(i) ||
        second->time_us(i) != view->time_us(i) ||
        std::bit_cast<std::uint64_t>(second->value(i)) !=
            std::bit_cast<std::uint64_t>(view->value(i))) {
      return "point " + std::to_string(i) + " changed in writing";
    }
  }
  return {};
}

}  // namespace

std::string check_wire(std::string_view frame) {
  if (auto why = check_points(frame); !why.empty()) return why;
  const auto message = wire::decode(frame);
  if (!message) return message.status().message().empty() ? "refused without a reason" : "";
  const std::string once = wire::encode(*message);
  if (once.size() > limits::kFrameBytesMax) return {};  // numbers take more room in our form
  const auto back = wire::decode(once);
  if (!back) return "its own encoding is refused: " + back.status().message();
  if (wire::encode(*back) != once) return "a message changed in writing";
  if (const auto* report = std::get_if<wire::Report>(&*message)) {
    return check_points(report->points);
  }
  return {};
}

}  // namespace scopa::fuzz
