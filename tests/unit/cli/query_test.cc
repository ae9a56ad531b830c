#include "cli/query.h"

#include <gtest/gtest.h>

namespace scopa::cli {
namespace {

TEST(QueryTest, ATrialIsNamedBySweepAndNumber) {
  EXPECT_EQ(split_trial_name("fox-12/17").sweep, "fox-12");
  EXPECT_EQ(split_trial_name("fox-12/17").trial, 17u);
  EXPECT_EQ(split_trial_name("team/fox/3").sweep, "team/fox");
}

TEST(QueryTest, WhatEndsInNoNumberIsASweep) {
  EXPECT_FALSE(split_trial_name("fox-12").trial.has_value());
  EXPECT_EQ(split_trial_name("team/fox").sweep, "team/fox");
  EXPECT_FALSE(split_trial_name("team/fox").trial.has_value());
  EXPECT_FALSE(split_trial_name("fox/").trial.has_value());
  EXPECT_FALSE(split_trial_name("fox/-1").trial.has_value());
  EXPECT_FALSE(split_trial_name("fox/99999999999999999999").trial.has_value());
  EXPECT_FALSE(split_trial_name("/3").trial.has_value());
  EXPECT_FALSE(split_trial_name("").trial.has_value());
}

}  // namespace
}  // namespace scopa::cli
