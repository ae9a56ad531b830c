#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "cli/board.h"
#include "cli/broker_state.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/failures.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/progress_line.h"
#include "cli/query.h"
#include "cli/sweep_screen.h"

namespace scopa::cli {
namespace {

struct StatusOptions {
  std::string sweep = "@last";
  bool watch = false;
  bool broker = false;
};

constexpr std::chrono::milliseconds kWatchEvery{1000};

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// One screen after the other: in place on a terminal, one JSON document or line each elsewhere.
class Watch {
 public:
  explicit Watch(const Context& context) : context_(context) {}

  void show(const Snapshot& snapshot, const std::optional<wire::BrokerInfo>& broker) {
    if (context_.globals.json) return once(json_document({{"sweep", json_of(snapshot.sweep)}}));
    if (!context_.terminal.out_is_tty) {
      return once(progress_line(snapshot.sweep, std::nullopt, 1000, false) + "\n");
    }
    std::string screen;
    const std::string text = reaching(context_, sweep_screen(snapshot, context_.terminal)) +
                             trouble_line(broker, context_.terminal.out_color);
    const auto width = static_cast<std::size_t>(terminal_columns() - 1);
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = text.find('\n', start);
      screen += cut_to_width(std::string_view(text).substr(start, end - start), width) + "\x1b[K\n";
      start = end + 1;
    }
    print_out((lines_ > 0 ? "\x1b[" + std::to_string(lines_) + "A" : "") + screen + "\x1b[J");
    std::fflush(stdout);
    lines_ = count_lines(screen);
  }

 private:
  void once(const std::string& text) {
    if (text == last_) return;
    print_out(text);
    std::fflush(stdout);
    last_ = text;
  }

  const Context& context_;
  std::string last_;
  std::size_t lines_ = 0;
};

int watch(Context& context, Link& link, const std::string& what) {
  Interrupts interrupts;
  Watch screen(context);
  std::string sweep = what;
  while (true) {
    const auto snapshot = get_snapshot(link, sweep);
    if (!snapshot) return fail(context, snapshot.status());
    sweep = snapshot->sweep.id;  // @last may become another one
    screen.show(*snapshot, get_broker(link));
    const bool running = snapshot->sweep.counts.running > 0;
    const auto state = static_cast<SweepState>(snapshot->sweep.state);
    if (has_ended(state) && !running) return kExitOk;
    if (!link.is_broker()) return kExitOk;  // nothing will change
    for (int i = 0; i < 10 && interrupts.count() == 0; ++i) {
      std::this_thread::sleep_for(kWatchEvery / 10);
    }
    if (interrupts.count() > 0) return interrupts.exit_code();
  }
}

int broker_status(Context& context) {
  const auto link = connect_broker(context);
  if (!link) return fail(context, link.status());
  const auto broker = ask<wire::BrokerInfo>(**link, wire::GetBroker{});
  if (!broker) return fail(context, broker.status());
  print_out(context.globals.json ? json_document({{"broker", json_of(*broker, (*link)->place())}})
                                 : broker_screen(*broker, (*link)->place(), context.terminal));
  return kExitOk;
}

int status(Context& context, const StatusOptions& o) {
  if (o.broker) return broker_status(context);
  auto link = connect(context, Access::kRead);
  if (!link) return fail(context, link.status());
  if (o.watch) return watch(context, **link, o.sweep);
  const auto snapshot = get_snapshot(**link, o.sweep);
  if (!snapshot) return fail(context, snapshot.status());
  const auto broker = get_broker(**link);
  if (context.globals.json) {
    std::vector<std::string> failures;
    for (const FailureGroup& group : failure_groups(snapshot->trials)) {
      failures.push_back(json_of(group));
    }
    print_out(json_document({{"sweep", json_of(snapshot->sweep)},
                             {"failures", json_array(failures)},
                             {"trouble", json_trouble(broker)}}));
  } else {
    print_out(reaching(context, sweep_screen(*snapshot, context.terminal)));
    say(context, trouble_line(broker, context.terminal.err_color));
  }
  return kExitOk;
}

}  // namespace

void declare_status(Args& args) {
  auto o = std::make_shared<StatusOptions>();
  args.description(
      "A sweep on one screen: how far it is, the best so far, what pruning saved, and what someone "
      "should look at.");
  args.optional_positional("SWEEP", &o->sweep, "id, prefix of an id, name, or @last (the default)");
  args.flag("-w,--watch", &o->watch,
            "again each second until the sweep ends; in a pipe one line per change");
  args.flag("--broker", &o->broker,
            "of the broker instead: whether it can write, its store, its clients");
  args.example("scopa status -w", "watch the last sweep");
  args.example("scopa status fox-1 --json | jq .sweep.counts", "for scripts");
  args.action([o](Context& c) { return status(c, *o); });
}

}  // namespace scopa::cli
