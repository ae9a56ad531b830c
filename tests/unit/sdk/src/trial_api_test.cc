// The C functions behind Trial take whatever they are given.
#include <gtest/gtest.h>

#include <cstddef>

#include "scopa/scopa.h"

namespace scopa {
namespace {

TEST(TrialApiTest, NullIsAcceptedEverywhere) {
  EXPECT_EQ(scopa_trial_param_double(nullptr, "a", SCOPA_NUL, 1.5), 1.5);
  EXPECT_EQ(scopa_trial_param_int(nullptr, "a", SCOPA_NUL, 3), 3);
  EXPECT_EQ(scopa_trial_param_bool(nullptr, "a", SCOPA_NUL, 7), 1);
  std::size_t bytes = 9;
  EXPECT_STREQ(scopa_trial_param_text(nullptr, "a", SCOPA_NUL, "xy", &bytes), "xy");
  EXPECT_EQ(bytes, 2u);
  EXPECT_EQ(scopa_trial_param_text(nullptr, "a", SCOPA_NUL, nullptr, nullptr), nullptr);
  EXPECT_EQ(scopa_trial_has_param(nullptr, "a", SCOPA_NUL), 0);
  EXPECT_STREQ(scopa_trial_params_json(nullptr), "{}");
  EXPECT_STREQ(scopa_trial_peek_params(nullptr), "{}");
  EXPECT_EQ(scopa_trial_metric(nullptr, "a", SCOPA_NUL), nullptr);
  scopa_metric_log(nullptr, 1, 1);
  scopa_trial_log(nullptr, "a", SCOPA_NUL, 1, 1);
  scopa_trial_log_values(nullptr, 1, nullptr, 3);
  EXPECT_EQ(scopa_trial_dropped(nullptr), 0u);
  EXPECT_EQ(scopa_trial_should_stop(nullptr), 0);
  EXPECT_EQ(scopa_trial_stop_reason(nullptr), SCOPA_STOP_NONE);
  EXPECT_EQ(scopa_trial_checkpoint_requested(nullptr), 0);
  EXPECT_STREQ(scopa_trial_checkpoint_path(nullptr), "checkpoint");
  EXPECT_EQ(scopa_trial_resume_step(nullptr), -1);
  scopa_trial_checkpoint_saved(nullptr, 1);
  scopa_trial_start_over(nullptr);
  EXPECT_STREQ(scopa_trial_id(nullptr), "standalone");
  EXPECT_EQ(scopa_trial_number(nullptr), 0u);
  EXPECT_EQ(scopa_trial_attempt(nullptr), 0u);
  EXPECT_EQ(scopa_trial_seed(nullptr), 0u);
  EXPECT_STREQ(scopa_trial_folder(nullptr), ".");
  EXPECT_STREQ(scopa_trial_goal(nullptr), "");
  EXPECT_EQ(scopa_trial_standalone(nullptr), 1);
  EXPECT_EQ(scopa_trial_rank(nullptr), 0);
  EXPECT_STRNE(scopa_trial_error(nullptr), "");
  scopa_trial_finish(nullptr);
  scopa_trial_close(nullptr);
}

TEST(TrialApiTest, NullTextsAreEmptyOnes) {
  scopa_trial* trial = scopa_trial_open(nullptr);
  ASSERT_NE(trial, nullptr);
  EXPECT_STRNE(scopa_trial_error(trial), "");
  EXPECT_EQ(scopa_trial_param_int(trial, nullptr, SCOPA_NUL, 3), 3);
  scopa_trial_log(trial, nullptr, 5, 1, 1);
  scopa_metric_log(scopa_trial_metric(trial, nullptr, 0), 1, 1);
  EXPECT_EQ(scopa_trial_dropped(trial), 2u);
  scopa_trial_close(trial);
}

}  // namespace
}  // namespace scopa
