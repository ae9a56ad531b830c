#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "broker/search/history.h"
#include "broker/spec/sweep_spec.h"

/// Sweep specs built by hand, for tests.
namespace scopa::search::testing {

using spec::DistributionKind;

inline spec::Parameter parameter(const std::string& name, spec::Distribution distribution) {
  spec::Parameter p;
  p.path = {name};
  p.name = name;
  p.distribution = std::move(distribution);
  return p;
}

inline spec::Parameter range(const std::string& name, DistributionKind kind, double min, double max,
                             double q = 1, bool q_is_integer = false) {
  spec::Distribution d;
  d.kind = kind;
  d.min = min;
  d.max = max;
  d.q = q;
  d.q_is_integer = q_is_integer;
  return parameter(name, d);
}

inline spec::Parameter uniform(const std::string& name, double min, double max) {
  return range(name, DistributionKind::kUniform, min, max);
}

inline spec::Parameter integer(const std::string& name, double min, double max) {
  return range(name, DistributionKind::kIntUniform, min, max);
}

inline spec::Parameter choice(const std::string& name, std::vector<Value> values) {
  spec::Distribution d;
  d.kind = DistributionKind::kCategorical;
  d.values = std::move(values);
  return parameter(name, d);
}

inline spec::Parameter constant(const std::string& name, Value value) {
  spec::Distribution d;
  d.values = {std::move(value)};
  return parameter(name, d);
}

inline spec::Parameter when(spec::Parameter p, const std::string& parent,
                            std::vector<Value> values) {
  p.when.push_back({parent, std::move(values)});
  return p;
}

inline spec::SweepSpec sweep(spec::Method method, std::vector<spec::Parameter> parameters) {
  spec::SweepSpec spec;
  spec.method = method;
  spec.metric = spec::Metric{"loss", Goal::kMinimize, {}, {}};
  spec.parameters = std::move(parameters);
  return spec;
}

/// Adds a trial with these parameters, in state queued, and returns its number.
inline TrialNumber add(History* history, const Params& params) {
  HistoryChange change;
  change.number = TrialNumber{history->trials().size()};
  change.params = params;
  history->apply(change);
  return change.number;
}

inline void end(History* history, TrialNumber number, TrialState state,
                std::optional<double> value) {
  HistoryChange change;
  change.kind = HistoryChange::Kind::kState;
  change.number = number;
  change.state = state;
  change.value = value;
  history->apply(change);
}

inline void report(History* history, TrialNumber number, std::vector<CurvePoint> points) {
  HistoryChange change;
  change.kind = HistoryChange::Kind::kPoints;
  change.number = number;
  change.points = std::move(points);
  history->apply(change);
}

}  // namespace scopa::search::testing
