// What each role can and cannot do, at a real broker.
#include "broker/server/access.h"

#include <gmock/gmock.h>

#include "security_fixture.h"
#include "tests/unit/sdk/wire/samples.h"

namespace scopa::server {
namespace {

using ::testing::HasSubstr;

constexpr auto kDeniedCode = static_cast<std::int32_t>(Code::kDenied);

/// The refusal of `message`, if it was refused for want of a role.
std::optional<wire::Error> denial_of(Peer& peer, const wire::Message& message) {
  constexpr std::uint64_t kMark = 1'000'000;
  peer.send(message);
  wire::ListSweeps mark;
  mark.request = kMark;
  peer.send(mark);
  std::optional<wire::Error> denial;
  for (auto reply = peer.next(); reply; reply = peer.next()) {
    const auto* error = std::get_if<wire::Error>(&*reply);
    if (error != nullptr && error->code == kDeniedCode) denial = *error;
    if (wire::request_of(*reply) == kMark) return denial;
  }
  ADD_FAILURE() << "no answer behind " << wire::type_of(message);
  return denial;
}

TEST(AccessTest, EveryMessageIsDeniedToThoseWhoseRoleIsTooLow) {
  KeyedFolder folder;
  const RunningBroker broker(folder.path());
  for (const Role role : {Role::kViewer, Role::kWorker, Role::kAdmin}) {
    Peer peer(broker.tcp(), folder.authorized_key("k" + std::string(name_of(role)), role));
    wire::Hello hello;
    hello.role = "client";
    peer.exchange<wire::Welcome>(hello);
    for (wire::Message message : wire::every_message()) {
      if (auto* as = std::get_if<wire::Hello>(&message)) as->role = "worker";
      const Role needed = role_needed(message);
      const auto denial = denial_of(peer, message);
      EXPECT_EQ(denial.has_value(), needed > role)
          << name_of(role) << " sends " << wire::type_of(message);
      if (!denial) continue;
      EXPECT_THAT(denial->message, HasSubstr(std::string(name_of(needed)) + "'s"));
      EXPECT_EQ(denial->request, wire::request_of(message));
    }
  }
  EXPECT_GT(broker.totals().denied, 0U);
}

TEST(AccessTest, AViewerLooksAndChangesNothing) {
  KeyedFolder folder;
  const RunningBroker broker(folder.path());
  const SweepId sweep = create_sweep(*broker.client());
  const auto viewer = connect(broker.tcp(), folder.authorized_key("eye", Role::kViewer));
  ASSERT_TRUE(viewer);
  EXPECT_EQ(get_sweep(*viewer, sweep).sweep.id, sweep);
  wire::Control control;
  control.sweep = sweep;
  control.action = static_cast<std::uint8_t>(wire::Action::kCancel);
  const auto denied = viewer->request(control);
  EXPECT_EQ(denied.status().code(), Code::kDenied);
  EXPECT_THAT(denied.status().message(), HasSubstr("the key `eye` is a viewer's"));
  EXPECT_THAT(denied.status().message(), HasSubstr("takes an admin's"));
  EXPECT_EQ(get_sweep(*viewer, sweep).sweep.state, 0);
}

TEST(AccessTest, AWorkersKeyRunsTrialsAndChangesNoSweep) {
  KeyedFolder folder;
  const RunningBroker broker(folder.path());
  const SweepId sweep = create_sweep(*broker.client());
  const ClientKeysPtr keys = folder.authorized_key("gpu", Role::kWorker);
  HandWorker worker(broker.tcp(), "w1", keys);
  const wire::Assign trial = worker.ask(sweep);
  EXPECT_EQ(worker.exchange<wire::Ack>(HandWorker::report(trial, 0, {0.5, 0.25})).to, 2U);
  EXPECT_EQ(worker.release(trial, 2).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  const auto client = connect(broker.tcp(), keys);
  ASSERT_TRUE(client);
  wire::Create create;
  create.spec = kSpec;
  EXPECT_EQ(client->request(create).status().code(), Code::kDenied);
  EXPECT_EQ(list_trials(*client, sweep).trials.at(0).attempts.at(0).worker, "w1@gpu");
}

TEST(AccessTest, AnAdminCreatesAndTheUserOfTheBrokerNeedsNoKeyOnItsSocket) {
  KeyedFolder folder;
  const RunningBroker broker(folder.path());
  const auto admin = connect(broker.tcp(), folder.authorized_key("anna", Role::kAdmin));
  ASSERT_TRUE(admin);
  const SweepId sweep = create_sweep(*admin);
  EXPECT_EQ(get_sweep(*broker.client(), sweep).sweep.id, sweep);
  struct stat info {};
  ASSERT_EQ(stat(broker.ipc().substr(6).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST(AccessTest, ARevokedKeyIsRefusedOnItsOpenConnectionAndABackOneIsTaken) {
  KeyedFolder folder;
  const RunningBroker broker(folder.path());
  const ClientKeysPtr keys = folder.authorized_key("anna", Role::kAdmin);
  const auto admin = connect(broker.tcp(), keys);
  const auto other = connect(broker.tcp(), folder.authorized_key("bert", Role::kViewer));
  ASSERT_TRUE(admin && other);
  const auto code = [](session::Client& client) {
    return client.request(wire::ListSweeps{}, kPatience).status().code();
  };
  EXPECT_EQ(code(*admin), Code::kOk);
  ASSERT_EQ(unlink(folder.authorized("anna.pub").c_str()), 0);
  EXPECT_TRUE(soon([&] { return code(*admin) == Code::kDenied; }));
  EXPECT_EQ(refusal(broker.tcp(), keys).code(), Code::kDenied);
  EXPECT_EQ(code(*other), Code::kOk);
  folder.authorize(keys->own.open, "anna");
  EXPECT_TRUE(soon([&] { return code(*admin) == Code::kOk; }));
}

TEST(AccessTest, AChangedRoleCountsOnAnOpenConnection) {
  KeyedFolder folder;
  const RunningBroker broker(folder.path());
  const ClientKeysPtr keys = folder.authorized_key("anna", Role::kViewer);
  const auto client = connect(broker.tcp(), keys);
  ASSERT_TRUE(client);
  wire::Create create;
  create.spec = kSpec;
  create.token = "t";
  EXPECT_EQ(client->request(create, kPatience).status().code(), Code::kDenied);
  session::PublicKey promoted = keys->own.open;
  promoted.role = Role::kAdmin;
  folder.authorize(promoted, "anna");
  EXPECT_TRUE(soon([&] { return client->request(create, kPatience).is_ok(); }));
}

}  // namespace
}  // namespace scopa::server
