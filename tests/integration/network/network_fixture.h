#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "sdk/session/client.h"
#include "sdk/wire/codec.h"
#include "tests/integration/crash/crash_audit.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/tcp_proxy.h"
#include "tests/support/temp_folder.h"

namespace scopa::test {

using namespace std::chrono_literals;

/// A broker and workers as processes, with a proxy between each worker and the broker. A lease
/// lasts a second, and the grace of a suspect another one.
class NetworkTest : public testing::Test {
 protected:
  static constexpr std::chrono::milliseconds kGivenUp{2000};

  void SetUp() override {
    std::filesystem::create_directories(folder / "ledger");
    start_broker();
  }
  std::string endpoint() const { return "ipc://" + (folder / "b.sock"); }

  void start_broker() {
    broker.emplace("broker",
                   std::vector<std::string>{SCOPA_EXECUTABLE, "broker", "--dir", folder / "store",
                                            "--listen", endpoint(), "--lease", "1"},
                   folder.path());
  }
  Process start_worker(const std::string& name, const std::string& url, int slots = 1) const {
    return Process(name,
                   {SCOPA_EXECUTABLE, "worker", sweep, "--url", url, "--slots",
                    std::to_string(slots), "--gpus", "none", "--dir", folder / name},
                   folder.path(),
                   {"SCOPA_TEST_LEDGER=" + (folder / "ledger"),
                    "SCOPA_MEMORY=" + (folder / "memory-" + name)});
  }
  /// A proxy that overhears what the broker acknowledges.
  std::unique_ptr<TcpProxy> make_proxy() {
    auto readers = std::make_shared<std::map<std::uint64_t, ZmtpReader>>();
    return std::make_unique<TcpProxy>(
        endpoint(),
        [this, readers](std::uint64_t connection, TcpProxy::Way way, std::string_view bytes) {
          if (way != TcpProxy::Way::kDown) return;
          (*readers)[connection].feed(bytes, [this](std::string_view body) {
            const auto message = wire::decode(body);
            const std::lock_guard guard(mutex);
            if (message) overheard.add(*message);
          });
        });
  }

  template <class T>
  std::optional<T> ask(const wire::Message& message) const {
    auto client = session::Client::connect(endpoint(), 2s);
    if (!client) return std::nullopt;
    auto reply = (*client)->request(message, 10s);
    if (!reply || !std::holds_alternative<T>(*reply)) return std::nullopt;
    return std::get<T>(std::move(*reply));
  }
  void create(int cap, int steps, int step_us) {
    wire::Create create;
    create.token = "network";
    create.spec =
        "name: network\nmethod: random\nprogram: " SCOPA_LEDGER_TRAINER
        "\ncommand: [\"${program}\"]\nmetric: {name: loss, goal: minimize}\nrun_cap: " +
        std::to_string(cap) +
        "\nparameters:\n  x: {min: 0.0, max: 1.0}\n  steps: {value: " + std::to_string(steps) +
        "}\n  step_us: {value: " + std::to_string(step_us) + "}\n";
    std::optional<wire::Created> created;
    ASSERT_TRUE(eventually([&] { return (created = ask<wire::Created>(create)).has_value(); }, 60s))
        << broker->err();
    sweep = created->sweep;
  }
  wire::SweepInfo info() const {
    wire::GetSweep get;
    get.sweep = sweep;
    const auto reply = ask<wire::SweepReply>(get);
    return reply ? reply->sweep : wire::SweepInfo{};
  }
  /// Points of a trial that the broker has.
  bool has_points(std::uint64_t trial) const {
    wire::ListTrials list;
    list.sweep = sweep;
    const auto trials = ask<wire::Trials>(list);
    return trials && trial < trials->trials.size() && trials->trials[trial].values > 0;
  }

  /// Ends the broker and holds everything against everything.
  CrashEvidence expect_all_well(std::size_t trials) {
    CrashEvidence evidence;
    evidence.info = info();
    EXPECT_EQ(evidence.info.counts.completed, trials);
    broker->signal(SIGTERM);
    EXPECT_EQ(broker->wait(60s), 0) << broker->err();
    evidence.stored = StoredSweep::read(folder / "store", sweep);
    auto curves = counted_curves(folder / "store", sweep, evidence.stored);
    EXPECT_TRUE(curves) << curves.status().to_string();
    if (curves) evidence.curves = std::move(*curves);
    evidence.ledger = read_ledger(folder / "ledger");
    {
      const std::lock_guard guard(mutex);
      evidence.overheard = overheard;
    }
    std::uint64_t checked = 0;
    EXPECT_THAT(audit(sweep, evidence, &checked), testing::IsEmpty());
    EXPECT_GT(checked, 0u);
    return evidence;
  }

  TempFolder folder;
  std::optional<Process> broker;
  SweepId sweep;
  std::mutex mutex;
  Overheard overheard;  // guarded by mutex
};

}  // namespace scopa::test
