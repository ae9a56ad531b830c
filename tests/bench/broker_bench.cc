// Durable points a second through wire, broker and store, beside RocksDB alone with the same
// values, options and commits in the same run; and the round trip of an ask. See
// docs/benchmarks.md.
#include <signal.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "broker/server/broker.h"
#include "broker/store/keys.h"
#include "broker/store/rocks.h"
#include "sdk/session/keys.h"
#include "tests/bench/broker_load.h"

namespace scopa::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  bool quick = false;
  std::chrono::milliseconds duration{3000};
  std::string folder = ".";
  std::size_t only_points = 0;  // 0: all report sizes, and the asks
  bool only_asks = false;
  std::size_t trials = 1000;  // completed before the measured asks, and as many of those
  std::size_t parameters = 6;
  std::chrono::milliseconds trial{0};
  store::Durability durability = store::Durability::kPower;
  bool syncs() const { return durability == store::Durability::kPower; }
  bool keys = false;  // CURVE on the connections
};

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "broker_bench: %s\n", what.c_str());
  std::exit(1);
}

std::string new_folder(const Options& options) {
  std::string path = options.folder + "/scopa-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) give_up("cannot make a folder in " + options.folder);
  return path;
}

void must(const Status& status) {
  if (!status) give_up(status.to_string());
}

/// With --keys: makes the broker and its clients prove who they are.
void use_keys(const Options& options, const std::string& folder) {
  if (!options.keys) {
    (void)setenv("SCOPA_KEY", "none", 1);
    return;
  }
  session::PublicKey who;
  who.name = "bench";
  who.is_server = true;
  const auto server = session::make_key_pair(who);
  who.is_server = false;
  who.role = session::Role::kAdmin;
  const auto client = session::make_key_pair(who);
  must(server.status());
  must(client.status());
  const std::string server_file = folder + "/keys/server.key";
  const std::string authorized = folder + "/authorized_keys.d/bench.key";
  must(session::write_key_files(*server, server_file, session::public_path_of(server_file)));
  must(session::write_key_files(*client, authorized, session::public_path_of(authorized)));
  (void)setenv("SCOPA_KEY", authorized.c_str(), 1);
  (void)setenv("SCOPA_SERVER_KEY", session::public_path_of(server_file).c_str(), 1);
}

/// Runs `load` in a process of its own against a broker in this one.
template <class Outcome>
struct Run {
  Outcome outcome{};
  server::BrokerTotals totals;
  double broker_cpu_seconds = 0;
};

template <class Outcome, class Load>
Run<Outcome> with_broker(const Options& options, Load load) {
  const std::string folder = new_folder(options);
  use_keys(options, folder);
  int to_child[2], from_child[2];
  if (pipe(to_child) != 0 || pipe(from_child) != 0) give_up("pipe failed");
  const pid_t child = fork();
  if (child == 0) {
    char endpoint[256] = {};
    if (read(to_child[0], endpoint, sizeof endpoint - 1) <= 0) _exit(1);
    const Outcome outcome = load(std::string(endpoint));
    _exit(write(from_child[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 1);
  }
  server::BrokerOptions broker_options;
  broker_options.folder = folder;
  broker_options.listen = {"tcp://127.0.0.1:*"};
  broker_options.durability = options.durability;
  auto broker = server::Broker::open(broker_options);
  if (!broker) give_up(broker.status().to_string());
  std::thread thread([&broker] { (void)(*broker)->run(); });
  const double cpu_before = cpu_seconds(RUSAGE_SELF);
  const std::string endpoint = (*broker)->endpoints().at(0);
  if (write(to_child[1], endpoint.data(), endpoint.size()) < 0) give_up("write failed");
  Run<Outcome> run;
  if (read(from_child[0], &run.outcome, sizeof run.outcome) != sizeof run.outcome) {
    give_up("the load process failed");
  }
  run.broker_cpu_seconds = cpu_seconds(RUSAGE_SELF) - cpu_before;
  run.totals = (*broker)->totals();
  waitpid(child, nullptr, 0);
  (*broker)->stop();
  thread.join();
  broker->reset();
  for (const int end : {to_child[0], to_child[1], from_child[0], from_child[1]}) close(end);
  std::filesystem::remove_all(folder);
  return run;
}

WriteResult write_through_broker(const Options& options, std::size_t connections,
                                 std::size_t points, double* reports_per_commit,
                                 double* broker_cpu) {
  const auto run = with_broker<WriteResult>(options, [&](const std::string& endpoint) {
    const auto result = write_load({.endpoint = endpoint,
                                    .connections = connections,
                                    .points_per_report = points,
                                    .duration = options.duration});
    if (!result) give_up(result.status().to_string());
    return *result;
  });
  const double commits = static_cast<double>(std::max<std::uint64_t>(run.totals.commits, 1));
  *reports_per_commit = static_cast<double>(run.outcome.reports) / commits;
  *broker_cpu = run.broker_cpu_seconds;
  return run.outcome;
}

/// Points a second of RocksDB alone: the blocks of `writers` attempts, `reports` of them in each
/// synced write.
double write_raw(const Options& options, std::size_t writers, std::size_t points,
                 std::size_t reports) {
  const std::string folder = new_folder(options);
  double rate = 0;
  {
    auto database = store::open_database(folder, false);
    if (!database) give_up(database.status().to_string());
    rocksdb::WriteOptions synced;
    synced.sync = options.syncs();
    std::string key, value, block;
    std::uint64_t written = 0;
    const auto start = Clock::now();
    const auto end = start + options.duration;
    while (Clock::now() < end) {
      rocksdb::WriteBatch batch;
      for (std::size_t r = 0; r < reports; ++r, ++written) {
        const wire::AttemptRef attempt{"benchmrk", written % writers, 1};
        const std::uint64_t from = written / writers * points;
        make_report_block(written / writers, points, &block);
        store::series_key(attempt, from, &key);
        value.clear();
        store::append_u64(written, &value);
        store::append_u64(from + points, &value);
        value += block;
        if (!batch.Put(database->family[store::kSeries], key, value).ok()) give_up("put failed");
      }
      if (!database->db->Write(synced, &batch).ok()) give_up("write failed");
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    rate = static_cast<double>(written * points) / seconds;
  }
  std::filesystem::remove_all(folder);
  return rate;
}

void bench_writes(const Options& options) {
  std::printf(
      "points/report connections  broker kpoints/s  raw RocksDB kpoints/s  ratio  "
      "reports/commit  CPU us/point broker + load\n");
  const std::vector<std::size_t> sizes = {1, 16, 256};
  for (const std::size_t points : sizes) {
    if (options.only_points != 0 && options.only_points != points) continue;
    for (const std::size_t connections : {std::size_t{8}, std::size_t{64}}) {
      if (options.quick && connections == 64) continue;
      double per_commit = 0, broker_cpu = 0;
      const WriteResult through =
          write_through_broker(options, connections, points, &per_commit, &broker_cpu);
      const double count = static_cast<double>(std::max<std::uint64_t>(through.points, 1));
      const double rate = count / through.seconds;
      const auto batch = static_cast<std::size_t>(std::max(per_commit, 1.0));
      const double raw = write_raw(options, connections, points, batch);
      std::printf("%13zu %11zu %17.1f %22.1f %6.2f %15.1f %12.3f + %.3f\n", points, connections,
                  rate / 1e3, raw / 1e3, rate / raw, per_commit, broker_cpu / count * 1e6,
                  through.cpu_seconds / count * 1e6);
      std::fflush(stdout);
    }
  }
}

struct AskQuantiles {
  double p50 = 0, p99 = 0, max = 0;
};

AskQuantiles quantiles_of(const std::vector<double>& sorted) {
  return {sorted[sorted.size() / 2], sorted[sorted.size() * 99 / 100], sorted.back()};
}

/// What an ask must wait for at least: one synced write, of RocksDB alone.
void bench_raw_sync(const Options& options) {
  const std::string folder = new_folder(options);
  std::vector<double> microseconds;
  {
    auto database = store::open_database(folder, false);
    if (!database) give_up(database.status().to_string());
    rocksdb::WriteOptions synced;
    synced.sync = options.syncs();
    std::string key;
    const std::string value(256, 'x');
    for (std::uint64_t i = 0; i < (options.quick ? 20 : 1000); ++i) {
      store::event_key("benchmrk", i, &key);
      const auto start = Clock::now();
      if (!database->db->Put(synced, database->family[store::kEvents], key, value).ok()) {
        give_up("put failed");
      }
      microseconds.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
  }
  std::filesystem::remove_all(folder);
  std::sort(microseconds.begin(), microseconds.end());
  const AskQuantiles raw = quantiles_of(microseconds);
  std::printf("one %ssynced write of RocksDB alone: p50 %.0f us, p99 %.0f us, max %.0f us\n",
              options.syncs() ? "" : "un", raw.p50, raw.p99, raw.max);
}

void bench_asks(const Options& options, const std::string& method) {
  const std::size_t count = options.quick ? 20 : options.trials;
  const auto run = with_broker<AskQuantiles>(options, [&](const std::string& endpoint) {
    const auto result = ask_load({.endpoint = endpoint,
                                  .method = method,
                                  .before = count,
                                  .asks = count,
                                  .parameters = options.parameters,
                                  .trial = options.trial});
    if (!result) give_up(result.status().to_string());
    return quantiles_of(result->microseconds);
  });
  std::printf(
      "ask round trip after %zu completed trials of %lld ms (%s, %zu parameters, %s): "
      "p50 %.0f us, p99 %.0f us, max %.0f us; of %llu suggestions %llu ahead, %llu overtaken\n",
      count, static_cast<long long>(options.trial.count()), method.c_str(), options.parameters,
      options.syncs() ? "synced" : "not synced", run.outcome.p50, run.outcome.p99, run.outcome.max,
      static_cast<unsigned long long>(run.totals.suggested),
      static_cast<unsigned long long>(run.totals.ahead),
      static_cast<unsigned long long>(run.totals.overtaken));
  std::fflush(stdout);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--quick") {
      options.quick = true;
      options.duration = std::chrono::milliseconds(50);
    } else if (argument == "--keys") {
      options.keys = true;
    } else if (argument == "--asks") {
      options.only_asks = true;
    } else if (argument == "--trials" && i + 1 < argc) {
      options.trials = static_cast<std::size_t>(std::max(std::atoi(argv[++i]), 1));
    } else if (argument == "--parameters" && i + 1 < argc) {
      options.parameters = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else if (argument == "--trial-ms" && i + 1 < argc) {
      options.trial = std::chrono::milliseconds(std::atoi(argv[++i]));
    } else if (argument == "--seconds" && i + 1 < argc) {
      options.duration = std::chrono::milliseconds(std::atoi(argv[++i]) * 1000);
    } else if (argument == "--folder" && i + 1 < argc) {
      options.folder = argv[++i];
    } else if (argument == "--durability" && i + 1 < argc) {
      options.durability = std::strcmp(argv[++i], "process") == 0 ? store::Durability::kProcess
                                                                  : store::Durability::kPower;
    } else if (argument == "--points" && i + 1 < argc) {
      options.only_points = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else {
      give_up(
          "usage: broker_bench [--quick] [--seconds N] [--folder PATH] [--points 1|16|256] "
          "[--asks] [--trials N] [--parameters N] [--trial-ms MS] [--keys] "
          "[--durability power|process]");
    }
  }
  return options;
}

}  // namespace
}  // namespace scopa::bench

int main(int argc, char** argv) {
  const auto options = scopa::bench::parse(argc, argv);
  spdlog::set_level(spdlog::level::err);
  if (!options.only_asks) scopa::bench::bench_writes(options);
  if (options.only_points == 0) {
    scopa::bench::bench_raw_sync(options);
    for (const char* method : {"random", "bayes"}) scopa::bench::bench_asks(options, method);
  }
  return 0;
}
