#include "tests/simulation/explained.h"

#include <map>
#include <utility>

#include "broker/core/explain.h"
#include "broker/store/log_item.h"

namespace scopa::sim {
namespace {

constexpr std::size_t kPageBytes = 4096;  // so that there are several

struct Log {
  explicit Log(const SweepId& sweep) : explain(sweep) {}
  core::Explain explain;
  std::uint64_t trials = 0;
  std::map<std::uint64_t, std::size_t> stops;  // by trial
};

Status read(const store::Store& store, const SweepId& sweep, Log* log) {
  store::Store::LogPage page;
  do {
    const std::string cursor = page.cursor;
    SCOPA_RETURN_IF_ERROR(store.read_log(sweep, cursor, kPageBytes, &page));
    for (std::size_t i = 0; i < page.keys.size(); ++i) {
      SCOPA_ASSIGN_OR_RETURN(store::LogItem item,
                             store::decode_log_item(sweep, page.keys[i], page.values[i]));
      if (const auto* event = std::get_if<core::Event>(&item)) {
        if (std::holds_alternative<core::TrialCreated>(event->body)) ++log->trials;
        if (const auto* stop = std::get_if<core::StopDecided>(&event->body)) {
          ++log->stops[stop->trial];
        }
      }
      std::visit([&](auto& each) { log->explain.add(std::move(each)); }, item);
    }
  } while (!page.cursor.empty());
  return Status::ok();
}

}  // namespace

void check_explained(World* world, const store::Store& store, const SweepId& sweep) {
  Log log(sweep);
  if (const Status status = read(store, sweep, &log); !status) {
    return world->violate("explain", sweep + ": " + status.to_string());
  }
  for (std::uint64_t trial = 0; trial < log.trials; ++trial) {
    const std::string which = sweep + "/" + std::to_string(trial);
    const auto told = log.explain.run(trial);
    if (!told) return world->violate("explain", which + ": " + told.status().to_string());
    for (const auto& each : told->mismatches) {
      world->violate("explain", which + ": " + core::to_text(each));
    }
    if (told->stops.size() != log.stops[trial]) {
      world->violate("explain", which + ": not all of its stops are explained");
    }
    const bool is_said = told->why.has_value() || told->without_points > 0;
    if (is_said != (told->origin == core::Origin::kSampler || told->without_points > 0)) {
      world->violate("explain", which + ": it is not said why it was proposed");
    }
  }
}

}  // namespace scopa::sim
