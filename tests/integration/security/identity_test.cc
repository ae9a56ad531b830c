// No key speaks for the attempts of another; and whole workers with keys.
#include <gmock/gmock.h>

#include "scopa/worker.hpp"
#include "security_fixture.h"

namespace scopa::server {
namespace {

using ::testing::HasSubstr;

class IdentityTest : public ::testing::Test {
 protected:
  wire::Adopt adopt(const wire::Assign& trial) {
    wire::Adopt m;
    m.request = 77;
    m.sweep = trial.sweep;
    m.trial = trial.trial;
    m.attempt = trial.attempt;
    return m;
  }
  KeyedFolder folder_;
  RunningBroker broker_{folder_.path()};
  SweepId sweep_ = create_sweep(*broker_.client());
};

TEST_F(IdentityTest, AnotherKeyThatUsesAWorkersIdIsNotThatWorker) {
  HandWorker holder(broker_.tcp(), "w1", folder_.authorized_key("lab", Role::kWorker));
  const wire::Assign trial = holder.ask(sweep_);
  HandWorker impostor(broker_.tcp(), "w1", folder_.authorized_key("evil", Role::kWorker));
  const auto stop = impostor.exchange<wire::Stop>(HandWorker::report(trial, 0, {-1000}));
  EXPECT_EQ(static_cast<StopReason>(stop.reason), StopReason::kForgotten);
  EXPECT_EQ(holder.exchange<wire::Ack>(HandWorker::report(trial, 0, {0.5})).to, 1U);
}

TEST_F(IdentityTest, OnlyAKeyOfTheSameNameOrAnAdminAdoptsAnAttempt) {
  HandWorker holder(broker_.tcp(), "w1", folder_.authorized_key("lab", Role::kWorker, "old"));
  const wire::Assign trial = holder.ask(sweep_);
  HandWorker impostor(broker_.tcp(), "w2", folder_.authorized_key("evil", Role::kWorker));
  const auto denied = impostor.exchange<wire::Error>(adopt(trial));
  EXPECT_EQ(denied.code, static_cast<std::int32_t>(Code::kDenied));
  EXPECT_EQ(denied.request, 77U);
  EXPECT_THAT(denied.message, HasSubstr("with the key `lab`"));
  HandWorker heir(broker_.tcp(), "w3", folder_.authorized_key("lab", Role::kWorker, "new"));
  EXPECT_TRUE(heir.exchange<wire::Adopted>(adopt(trial)).held);
  HandWorker admin(broker_.tcp(), "w4", folder_.authorized_key("anna", Role::kAdmin));
  EXPECT_TRUE(admin.exchange<wire::Adopted>(adopt(trial)).held);
}

TEST_F(IdentityTest, ATrainerThatIsItsOwnWorkerRunsASweepWithItsKey) {
  const ClientKeysPtr keys = folder_.authorized_key("lab", Role::kWorker);
  scopa::WorkerOptions options;
  options.url = broker_.tcp();
  options.sweep = sweep_;
  options.folder = folder_.path() + "/trials";
  options.key = keys->own_path;
  options.server_key = folder_.server_file();
  const auto train = [](scopa::Trial& trial) { trial.log("loss", 1, trial.param("x", 0.0)); };
  const auto result = scopa::run_worker(options, train);
  EXPECT_TRUE(result) << result.error;
  EXPECT_EQ(result.completed, 3U);
}

TEST_F(IdentityTest, ATrainerWithoutAKeyIsToldAtOnceThatItNeedsOne) {
  scopa::WorkerOptions options;
  options.url = broker_.tcp();
  options.sweep = sweep_;
  options.folder = folder_.path() + "/trials";
  options.key = "none";
  const auto result = scopa::run_worker(options, [](scopa::Trial&) {});
  EXPECT_THAT(result.error, HasSubstr("wants a key"));
  EXPECT_THAT(result.error, HasSubstr("scopa keygen"));
}

}  // namespace
}  // namespace scopa::server
