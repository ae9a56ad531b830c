#include "broker/server/broker.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/connect.h"
#include "cli/embedded_broker.h"
#include "cli/errors.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/quiet_logs.h"
#include "cli/run_summary.h"
#include "sdk/base/limits.h"

namespace scopa::cli {
namespace {

struct BrokerFlags {
  std::vector<std::string> listen;
  std::string durability = "power";
  bool insecure = false;
  std::uint64_t lease_s = std::chrono::seconds(limits::kLease).count();
};

constexpr std::uint64_t kLeaseMaxSeconds = 24 * 3600;

/// Three heartbeats may get lost before a lease does.
std::chrono::microseconds heartbeat_of(std::chrono::microseconds lease) {
  return std::min<std::chrono::microseconds>(limits::kHeartbeat, lease / 4);
}

int serve(Context& context, const BrokerFlags& o) {
  survive_broken_pipes();
  survive_hangups();
  log_to_stderr();
  const auto local = local_endpoint(context.folder());
  if (!local) return fail(context, local.status());
  server::BrokerOptions options;
  options.folder = context.folder();
  options.listen = o.listen.empty() ? std::vector<std::string>{kDefaultEndpoint} : o.listen;
  options.listen.push_back(local->endpoint);
  options.insecure = o.insecure;
  options.durability = durability_of(o.durability);
  options.lease = std::chrono::seconds(o.lease_s);
  options.heartbeat = heartbeat_of(options.lease);
  auto broker = open_broker(options);
  int exit = kExitOk;
  if (!broker) {
    exit = fail(context, broker.status());
  } else {
    const std::vector<std::string> endpoints = (*broker)->endpoints();
    if (context.globals.json) {
      print_out(json_document(
          {{"endpoints", json_texts(endpoints)}, {"folder", json_text(context.folder())}}));
      std::fflush(stdout);
    } else {
      std::string text;
      for (const std::string& e : endpoints) text += (text.empty() ? "serving " : ", ") + e;
      say(context, text + "; store in " + context.folder() + "\n");
      if (context.terminal.err_is_tty) {
        say(context, "next, elsewhere: `scopa create FILE" + folder_option(context) +
                         "`; Ctrl-C ends the broker, nothing is lost\n");
      }
    }
    const Status ended = (*broker)->run();
    broker->reset();
    if (!ended) exit = fail(context, ended);
  }
  if (!local->made.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(local->made, ignored);
  }
  return exit;
}

}  // namespace

void declare_broker(Args& args) {
  auto o = std::make_shared<BrokerFlags>();
  args.description(
      "Serves sweeps to workers and to the other commands, until Ctrl-C or SIGTERM; SIGHUP does "
      "not end it. Everything is "
      "in its folder, durable before it is acknowledged: start it again there and all goes on. "
      "Commands on this machine find it by the folder.");
  args.texts(
      "--listen", "ENDPOINT", &o->listen,
      std::string("where to listen besides a unix socket in the folder, e.g. tcp://*:7654; beyond "
                  "this machine it takes keys, `scopa keygen --server` (") +
          kDefaultEndpoint + ")");
  args.flag("--insecure", &o->insecure,
            "listen beyond this machine without keys: whoever reaches it may do everything");
  args.choice("--durability", "WHAT", &o->durability, {"power", "process"},
              "what a commit survives: power (the default) syncs the disk, process does not");
  args.number("--lease", "SECONDS", &o->lease_s,
              "a worker that is silent for so long loses its trials to others (30)",
              {1, kLeaseMaxSeconds});
  args.example("scopa broker", "for this machine");
  args.example("scopa broker --dir /srv/scopa --listen 'tcp://*:7654'",
               "for a lab, after `scopa keygen --server --dir /srv/scopa`");
  args.example("scopa broker --dir /srv/scopa --listen tcp://10.0.0.5:7654 --insecure",
               "for a network in which everybody may do everything");
  args.action([o](Context& c) { return serve(c, *o); });
}

}  // namespace scopa::cli
