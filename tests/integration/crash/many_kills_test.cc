// One run in which everything is killed, again and again, and the proof that its audit would have
// noticed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/integration/crash/crash_run.h"
#include "tests/integration/support/process.h"

namespace scopa::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> audit_of(const CrashReport& report, const CrashEvidence& evidence) {
  std::uint64_t checked = 0;
  return audit(report.sweep, evidence, &checked);
}

/// What may be forged: an attempt with points that its trainer wrote down and the broker
/// acknowledged.
Overheard::Attempt some_attempt(const CrashEvidence& evidence) {
  for (const auto& [attempt, to] : evidence.overheard.acked) {
    const auto stored = evidence.stored.attempts.find(attempt);
    if (to > 10 && stored != evidence.stored.attempts.end() && stored->second.points.size() > 10) {
      return attempt;
    }
  }
  ADD_FAILURE() << "no attempt has points";
  return {};
}

void expect_that_the_audit_bites(const CrashReport& report) {
  const Overheard::Attempt attempt = some_attempt(report.evidence);
  const auto forged = [&](const auto& change) {
    CrashEvidence evidence = report.evidence;
    change(evidence);
    return audit_of(report, evidence);
  };
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                e.stored.attempts[attempt].points.erase(e.stored.attempts[attempt].points.begin());
              }),
              Contains(HasSubstr("logged points are not stored")));
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                auto& points = e.stored.attempts[attempt].points;
                points.push_back(points.front());
              }),
              Contains(HasSubstr("twice")));
  EXPECT_THAT(forged([&](CrashEvidence& e) { e.stored.attempts[attempt].points[3].value += 1; }),
              Contains(HasSubstr("is not what was logged")));
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                e.overheard.acked[attempt] = e.stored.attempts[attempt].applied + 1;
              }),
              Contains(HasSubstr("were acknowledged")));
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                e.overheard.assigned.insert({999999, 1});
              }),
              Contains(HasSubstr("was assigned, not stored")));
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                e.overheard.released.insert({999999, 1});
              }),
              Contains(HasSubstr("was released, not stored")));
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                e.overheard.checkpoints[{999999, 1}] = 5;
              }),
              Contains(HasSubstr("checkpoint of step 5")));
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                LedgerEntry second = e.ledger.front();
                ++second.pid;
                e.ledger.push_back(second);
              }),
              Contains(HasSubstr("was run by two processes")));
  EXPECT_THAT(forged([&](CrashEvidence& e) { e.info.counts.completed += 1; }),
              Contains(HasSubstr("counts")));
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                const auto end = std::find_if(
                    e.stored.events.begin(), e.stored.events.end(), [](const core::Event& event) {
                      return std::holds_alternative<core::AttemptEnded>(event.body);
                    });
                e.stored.events.erase(end);
              }),
              testing::Not(IsEmpty()));
  EXPECT_THAT(forged([&](CrashEvidence& e) {
                const auto curve =
                    std::find_if(e.curves.begin(), e.curves.end(),
                                 [](const auto& each) { return each.second.size() > 10; });
                curve->second.push_back(curve->second.front());
              }),
              Contains(HasSubstr("counts twice")));
}

TEST(ManyKillsTest, TwoHundredKillsOfBrokerWorkersAndTrainersLoseNothingAndDoubleNothing) {
  const TempFolder folder;
  CrashPlan plan;
  plan.seed = test_seed();
  plan.kills = 200;
  plan.scopa = SCOPA_EXECUTABLE;
  plan.trainer = SCOPA_LEDGER_TRAINER;
  const CrashReport report = crash_run(folder.path(), plan);
  SCOPED_TRACE("crash_soak --seconds 0 --kills 200 --seed " + std::to_string(plan.seed));
  for (const auto& [fault, count] : report.faults) RecordProperty(fault, std::to_string(count));
  EXPECT_THAT(report.violations, IsEmpty());
  EXPECT_GE(report.kills, 200u);
  for (const char* whom : {"kill -9 broker", "kill -9 worker", "kill -9 trainer"}) {
    EXPECT_GT(report.faults.count(whom) ? report.faults.at(whom) : 0, 20u) << whom;
  }
  EXPECT_GT(report.points, 1000u);
  EXPECT_GT(report.acknowledgements, 200u);
  if (!testing::Test::HasFailure()) expect_that_the_audit_bites(report);
}

}  // namespace
}  // namespace scopa::test
