#include "broker/server/access.h"

#include <gtest/gtest.h>

#include <map>

#include "sdk/base/limits.h"
#include "sdk/wire/codec.h"
#include "tests/unit/sdk/wire/samples.h"

namespace scopa::server {
namespace {

using session::Role;

TEST(AccessTableTest, SaysForEachMessageWhoMaySendIt) {
  // Written out a second time, so that a slip in the table is seen.
  const std::map<std::string_view, Role> expected = {
      {"hello", Role::kViewer},      {"list_sweeps", Role::kViewer},
      {"get_sweep", Role::kViewer},  {"list_trials", Role::kViewer},
      {"get_points", Role::kViewer}, {"get_log", Role::kViewer},
      {"get_broker", Role::kViewer}, {"ask", Role::kWorker},
      {"report", Role::kWorker},     {"heartbeat", Role::kWorker},
      {"release", Role::kWorker},    {"checkpoint", Role::kWorker},
      {"adopt", Role::kWorker},      {"create", Role::kAdmin},
      {"control", Role::kAdmin},     {"edit", Role::kAdmin},
      {"enqueue", Role::kAdmin},     {"retry", Role::kAdmin},
      {"remove", Role::kAdmin},      {"removed", Role::kNone},
      {"backup", Role::kAdmin},      {"welcome", Role::kNone},
      {"error", Role::kNone},        {"assign", Role::kNone},
      {"no_work", Role::kNone},      {"ack", Role::kNone},
      {"stop", Role::kNone},         {"alive", Role::kNone},
      {"released", Role::kNone},     {"checkpoint_kept", Role::kNone},
      {"adopted", Role::kNone},      {"created", Role::kNone},
      {"enqueued", Role::kNone},     {"done", Role::kNone},
      {"retried", Role::kNone},      {"backed_up", Role::kNone},
      {"sweeps", Role::kNone},       {"sweep", Role::kNone},
      {"trials", Role::kNone},       {"points", Role::kNone},
      {"log", Role::kNone},          {"broker", Role::kNone},
  };
  for (const wire::Message& message : wire::every_message()) {
    const auto found = expected.find(wire::type_of(message));
    ASSERT_NE(found, expected.end()) << wire::type_of(message) << " is not in this test";
    EXPECT_EQ(role_needed(message), found->second) << wire::type_of(message);
  }
}

TEST(AccessTableTest, AHelloAsAWorkerTakesAWorkersKey) {
  wire::Hello hello;
  hello.role = "worker";
  EXPECT_EQ(check_role({"eye", Role::kViewer}, hello).code(), Code::kDenied);
  EXPECT_TRUE(check_role({"gpu", Role::kWorker}, hello));
}

TEST(AccessTableTest, AKeyThatCountsNoMoreMayNothing) {
  for (const wire::Message& message : wire::every_message()) {
    EXPECT_EQ(check_role({"", Role::kNone}, message).code(), Code::kDenied);
  }
}

TEST(AccessTableTest, AWorkersIdBearsTheNameOfItsKey) {
  wire::Hello hello;
  hello.worker = "w1";
  EXPECT_TRUE(own_worker_id({"lab", Role::kWorker}, &hello));
  EXPECT_EQ(hello.worker, "w1@lab");
  EXPECT_TRUE(own_worker_id({"", Role::kAdmin}, &hello));
  EXPECT_EQ(hello.worker, "w1@lab");
  hello.worker = std::string(limits::kNameBytesMax, 'w');
  EXPECT_EQ(own_worker_id({"lab", Role::kWorker}, &hello).code(), Code::kInvalidArgument);
}

TEST(AccessTableTest, AttemptsAreAdoptedByKeysOfTheirHoldersName) {
  const Sender lab{"lab", Role::kWorker};
  EXPECT_TRUE(check_adoption(lab, "w1@lab"));
  EXPECT_TRUE(check_adoption(lab, "w1"));  // from before there were keys
  EXPECT_TRUE(check_adoption(lab, ""));    // the core says what is wrong
  EXPECT_EQ(check_adoption(lab, "w1@other").code(), Code::kDenied);
  EXPECT_EQ(check_adoption(lab, "w1@lab@other").code(), Code::kDenied);
  EXPECT_TRUE(check_adoption({"anna", Role::kAdmin}, "w1@other"));
  EXPECT_TRUE(check_adoption({"", Role::kAdmin}, "w1@other"));
}

}  // namespace
}  // namespace scopa::server
