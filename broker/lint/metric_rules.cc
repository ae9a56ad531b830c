#include <algorithm>

#include "broker/lint/facts.h"

namespace scopa::lint {
namespace {

void check_goal(const spec::Metric& metric, Remarks* remarks) {
  Goal meant{};
  if (!suggested_goal(metric.name, &meant) || meant == metric.goal) return;
  const bool stated = remarks->has("metric.goal");
  const std::string goal(name_of(metric.goal));
  remarks->add(Rule::kGoalAgainstName, stated ? "metric.goal" : "metric",
               stated ? "the goal is to " + goal + " `" + metric.name + "`"
                      : "without a `goal` the sweep will " + goal + " `" + metric.name + "`",
               "write `goal: " + std::string(name_of(meant)) + "`");
}

void check_name(const Facts& f, const spec::Metric& metric, Remarks* remarks) {
  const auto at = f.space.find(metric.name);
  if (!at) return;
  remarks->add(Rule::kMetricIsParameter, "metric.name",
               "`" + metric.name + "` is a parameter: the sweep would be ranked by what it chooses",
               "write the name of a metric that the trainer logs, such as `val_loss`");
}

}  // namespace

void check_metric(const Facts& f, Remarks* remarks) {
  if (!f.spec.metric) {
    remarks->add(Rule::kNoMetric, "method",
                 "the sweep has no `metric`: its trials cannot be ranked",
                 "write `metric: {name: val_loss, goal: minimize}`, with the name that the trainer "
                 "logs");
    return;
  }
  check_goal(*f.spec.metric, remarks);
  check_name(f, *f.spec.metric, remarks);
}

}  // namespace scopa::lint
