#include "broker/spec/metric_section.h"

#include <array>
#include <charconv>

#include "broker/spec/section_reader.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

constexpr std::array<std::string_view, 3> kReductions = {"last", "best", "mean(5)"};
constexpr std::string_view kMean = "mean";

// What is meant by words of other tools, and by a mean that does not say of how many.
std::string reduction_help(const std::string& word) {
  if (word == "mean" || word == "average" || word == "avg" || word.starts_with("mean")) {
    return "write `mean(5)` for the mean of the last 5 values";
  }
  if (word == "min" || word == "max") return "write `best`: the goal says which end is good";
  if (word == "final") return "write `last`";
  return {};
}

std::optional<std::uint32_t> window_of(std::string_view text) {
  if (!text.starts_with(kMean) || !text.ends_with(')')) return std::nullopt;
  text.remove_prefix(kMean.size());
  text.remove_suffix(1);
  if (!text.starts_with('(')) return std::nullopt;
  text.remove_prefix(1);
  std::uint32_t window = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), window);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  // Too many digits are a number out of range, not another word.
  return error == std::errc() ? window : limits::kReduceWindowMax + 1;
}

void read_reduce(const Section& section, Metric* metric, Findings* findings) {
  const Entry* entry = section.find("reduce");
  if (entry == nullptr) return;
  const Node& node = entry->value;
  const std::string path = section.at("reduce");
  if (node.type == NodeType::kText) {
    if (node.text == "last") return;
    if (node.text == "best") {
      metric->reduce = Reduction::kBest;
      return;
    }
    if (const auto window = window_of(node.text)) {
      const KeyRow* row = find_key(KeySection::kMetric, "reduce");
      if (!contains(row->range, *window)) {
        findings->add(Rule::kOutOfRange, path, node.place,
                      out_of_range(path + ": mean(k)", row->range), {},
                      "k is how many of the last values are averaged");
      }
      metric->reduce = Reduction::kMean;
      metric->reduce_window = *window;
      return;
    }
  }
  std::string help = node.type == NodeType::kText ? reduction_help(node.text) : "";
  add_unknown_word(node, path, kReductions, findings, std::move(help));
}

}  // namespace

std::optional<Metric> read_metric(const Node& node, const std::string& path, Place place,
                                  Findings* findings) {
  if (node.type != NodeType::kMap) {
    add_wrong_type(node, path, "a map", findings,
                   node.type == NodeType::kText
                       ? "write `{name: " + node.text + ", goal: minimize}`"
                       : "write `{name: loss, goal: minimize}`");
    return std::nullopt;
  }
  const Section section{node, path, place};
  const SectionReader keys(KeySection::kMetric, section, findings);
  keys.check();
  Metric metric;
  metric.name = keys.text("name").value_or("");
  if (metric.name.size() > limits::kNameBytesMax) {
    findings->add(
        Rule::kTooMany, section.at("name"), section.find("name")->value.place,
        "the metric's name is longer than " + std::to_string(limits::kNameBytesMax) + " bytes");
  }
  if (keys.word("goal") == "maximize") metric.goal = Goal::kMaximize;
  metric.target = keys.number("target");
  read_reduce(section, &metric, findings);
  metric.impute = keys.word("impute").value_or(metric.impute);
  metric.impute_while_running =
      keys.word("impute_while_running").value_or(metric.impute_while_running);
  return metric;
}

}  // namespace scopa::spec
