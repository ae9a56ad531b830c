#include "broker_fixture.h"

namespace scopa::server {
namespace {

TEST(OfflineTest, AFolderWithoutABrokerAnswersTheSameRequests) {
  const TempFolder folder;
  SweepId sweep;
  {
    auto offline = Offline::open(folder.path(), store::OpenMode::kReadWrite);
    ASSERT_TRUE(offline) << offline.status().to_string();
    wire::Create create;
    create.token = "token";
    create.spec = kSpec;
    const auto created = (*offline)->request(create);
    ASSERT_TRUE(created) << created.status().to_string();
    sweep = std::get<wire::Created>(*created).sweep;
    wire::Enqueue enqueue;
    enqueue.token = "point";
    enqueue.sweep = sweep;
    enqueue.params = {{"x", 0.5}};
    const auto enqueued = (*offline)->request(enqueue);
    ASSERT_TRUE(enqueued) << enqueued.status().to_string();
  }
  const RunningBroker broker(folder.path());
  HandWorker worker(broker.tcp(), "w1");
  EXPECT_EQ(worker.ask(sweep).params, (Params{{"x", 0.5}}));
}

TEST(OfflineTest, ReadingDoesNotWrite) {
  const TempFolder folder;
  SweepId sweep;
  {
    const RunningBroker broker(folder.path());
    const auto client = broker.client();
    HandWorker worker(broker.tcp(), "w1");
    sweep = create_sweep(*client);
    const wire::Assign trial = worker.ask(sweep);
    (void)worker.exchange<wire::Ack>(worker.report(trial, 0, {1, 2}));
    // Beside the living broker, too.
    auto offline = Offline::open(folder.path(), store::OpenMode::kReadOnly);
    ASSERT_TRUE(offline) << offline.status().to_string();
    wire::GetPoints points;
    points.sweep = sweep;
    const auto reply = (*offline)->request(points);
    ASSERT_TRUE(reply) << reply.status().to_string();
    EXPECT_EQ(std::get<wire::PointsReply>(*reply).blocks.size(), 1u);
  }
  auto offline = Offline::open(folder.path(), store::OpenMode::kReadOnly);
  ASSERT_TRUE(offline) << offline.status().to_string();
  wire::Control control;
  control.sweep = sweep;
  control.action = static_cast<std::uint8_t>(wire::Action::kPause);
  EXPECT_EQ((*offline)->request(control).status().code(), Code::kInvalidArgument);
}

TEST(OfflineTest, ErrorsComeBackAsTheirStatus) {
  const TempFolder folder;
  auto offline = Offline::open(folder.path(), store::OpenMode::kReadWrite);
  ASSERT_TRUE(offline) << offline.status().to_string();
  wire::GetSweep get;
  get.sweep = "none";
  EXPECT_EQ((*offline)->request(get).status().code(), Code::kNotFound);
  wire::GetPoints points;
  points.sweep = "none";
  EXPECT_EQ((*offline)->request(points).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace scopa::server
