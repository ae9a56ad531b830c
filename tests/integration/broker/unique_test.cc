// Finite spaces with many workers at once: every configuration once, none twice.
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "broker_fixture.h"
#include "sdk/base/value.h"

namespace scopa::server {
namespace {

constexpr int kWorkers = 16;

struct Search {
  const char* method;
  bool constrained;  // what is too large to fit is cut out
};

// The same space for all; `momentum` exists with sgd only.
std::string spec(const Search& search) {
  return std::string("method: ") + search.method + R"(
seed: 11
metric: {name: loss, goal: minimize}
parameters:
  optimizer: {values: [sgd, adam, lion]}
  momentum: {values: [0, 0.5, 0.8, 0.9, 0.95], when: {optimizer: sgd}}
  layers: {min: 1, max: 8}
  width: {values: [16, 32, 64, 128]}
  cuda: {value: true}
)" + (search.constrained ? "constraints: [layers * width <= 512]\n" : "");
}

std::set<std::string> all_configurations(bool constrained) {
  std::set<std::string> all;
  for (const char* optimizer : {"sgd", "adam", "lion"}) {
    for (const double momentum : {0.0, 0.5, 0.8, 0.9, 0.95}) {
      for (std::int64_t layers = 1; layers <= 8; ++layers) {
        for (const std::int64_t width : {16, 32, 64, 128}) {
          if (constrained && layers * width > 512) continue;
          Params params = {{"optimizer", std::string(optimizer)}};
          if (optimizer == std::string("sgd")) params.push_back({"momentum", momentum});
          params.push_back({"layers", layers});
          params.push_back({"width", width});
          params.push_back({"cuda", true});
          all.insert(canonical_text(params));
        }
      }
    }
  }
  return all;
}

/// What all workers saw.
struct Taken {
  std::mutex mutex;
  std::map<std::string, int> configurations;  // how often each was handed out
  std::set<std::string> last_words;           // why there was no more work
};

/// Asks, reports and releases until the broker says that no trial will ever come again.
void work(const std::string& endpoint, const std::string& id, const SweepId& sweep, Taken* seen) {
  HandWorker worker(endpoint, id);
  wire::Ask ask;
  ask.sweep = sweep;
  ask.device = "cpu";
  bool failed = false;
  while (!::testing::Test::HasFailure()) {
    ++ask.request;
    worker.send(ask);
    const auto reply = worker.next();
    ASSERT_TRUE(reply);
    if (const auto* none = std::get_if<wire::NoWork>(&*reply)) {
      if (!none->finished) continue;
      const std::lock_guard lock(seen->mutex);
      seen->last_words.insert(none->reason);
      return;
    }
    const auto* trial = std::get_if<wire::Assign>(&*reply);
    ASSERT_NE(trial, nullptr) << wire::type_of(*reply);
    {
      const std::lock_guard lock(seen->mutex);
      ++seen->configurations[canonical_text(trial->params)];
    }
    const double loss = static_cast<double>(trial->trial % 37);
    EXPECT_EQ(worker.exchange<wire::Ack>(worker.report(*trial, 0, {loss})).to, 1u);
    // What became of a trial plays no part: some fail. Never two in a row on one worker, which
    // would be quarantined, and its trials tried elsewhere.
    failed = !failed && trial->trial % 16 == 15;
    (void)worker.release(*trial, 1, failed ? 1 : 0);
  }
}

class UniqueTest : public ::testing::TestWithParam<Search> {};

TEST_P(UniqueTest, SixteenWorkersGetEveryConfigurationExactlyOnceAndTheSweepEnds) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client, spec(GetParam()));
  Taken seen;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWorkers; ++i) {
    threads.emplace_back(work, i % 2 ? broker.tcp() : broker.ipc(), "w" + std::to_string(i), sweep,
                         &seen);
  }
  for (std::thread& thread : threads) thread.join();

  const std::set<std::string> all = all_configurations(GetParam().constrained);
  for (const auto& [configuration, times] : seen.configurations) {
    EXPECT_EQ(times, 1) << configuration << " was handed out " << times << " times";
    EXPECT_TRUE(all.contains(configuration)) << configuration << " is not of the space";
  }
  EXPECT_EQ(seen.configurations.size(), all.size());
  const wire::SweepInfo info = get_sweep(*client, sweep).sweep;
  EXPECT_EQ(info.state, static_cast<std::uint8_t>(SweepState::kFinished));
  const std::string why =
      "all " + std::to_string(all.size()) +
      (GetParam().constrained ? " configurations that were found to satisfy the constraints"
                              : " configurations of the space") +
      " are used up";
  EXPECT_EQ(info.reason, why);
  EXPECT_EQ(info.counts.completed + info.counts.failed, all.size());
  EXPECT_THAT(seen.last_words, ::testing::ElementsAre("sweep is finished: " + why));
}

INSTANTIATE_TEST_SUITE_P(Methods, UniqueTest,
                         ::testing::Values(Search{"grid", false}, Search{"random", false},
                                           Search{"bayes", false}, Search{"grid", true},
                                           Search{"random", true}, Search{"bayes", true}),
                         [](const auto& search) {
                           return search.param.method +
                                  std::string(search.param.constrained ? "_constrained" : "");
                         });

}  // namespace
}  // namespace scopa::server
