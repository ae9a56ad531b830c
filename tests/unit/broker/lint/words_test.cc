#include "broker/lint/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/lint/numbers.h"

namespace scopa::lint {
namespace {

using ::testing::ElementsAre;

TEST(WordsTest, NamesArePartedAtSignsAndCapitals) {
  EXPECT_THAT(words_of("optimizer.weightDecay_0"), ElementsAre("weight", "decay", "0"));
  EXPECT_THAT(words_of("per-device/trainBatch"), ElementsAre("per", "device", "train", "batch"));
  EXPECT_THAT(words_of("LR"), ElementsAre("lr"));
  EXPECT_THAT(words_of("..."), ElementsAre());
}

TEST(WordsTest, WhatIsAboutARateIsNoRate) {
  for (const char* name : {"lr", "learning_rate", "learningRate", "base_lr", "opt.lr", "lr_g"}) {
    EXPECT_TRUE(meaning_of(name).learning_rate) << name;
  }
  for (const char* name : {"lr_scheduler", "lr_decay", "lr_warmup_steps", "clr", "lr_gamma"}) {
    EXPECT_FALSE(meaning_of(name).learning_rate) << name;
  }
}

TEST(WordsTest, ArchitectureIsSizesOfTheNetworkOnly) {
  for (const char* name : {"num_layers", "hidden_size", "n_heads", "d_model", "embed_dim",
                           "kernel_size", "model.width", "channels"}) {
    EXPECT_TRUE(meaning_of(name).architecture) << name;
  }
  for (const char* name : {"max_depth", "hidden_dropout", "layer_decay", "width_mult",
                           "layer_norm_eps", "lr", "freeze_layers", "embedding_dropout"}) {
    EXPECT_FALSE(meaning_of(name).architecture) << name;
  }
}

TEST(WordsTest, AMetricsNameSuggestsItsGoal) {
  Goal goal{};
  for (const char* name : {"val/accuracy", "acc", "eval.f1", "metrics/mAP_0.5", "meanReward"}) {
    EXPECT_TRUE(suggested_goal(name, &goal)) << name;
    EXPECT_EQ(goal, Goal::kMaximize) << name;
  }
  for (const char* name : {"loss", "val/rmse", "perplexity", "train.loss"}) {
    EXPECT_TRUE(suggested_goal(name, &goal)) << name;
    EXPECT_EQ(goal, Goal::kMinimize) << name;
  }
  for (const char* name : {"score", "reward_loss", "accuracy_error", "x", "", "lossless"}) {
    EXPECT_FALSE(suggested_goal(name, &goal)) << name;
  }
}

TEST(NumbersTest, AreWrittenAsInASweepFile) {
  EXPECT_EQ(yaml_number(1e-5), "1e-5");
  EXPECT_EQ(yaml_number(0.1), "0.1");
  EXPECT_EQ(yaml_number(300), "300");
  EXPECT_EQ(yaml_number(0), "0");
  EXPECT_EQ(yaml_number(-3e-7), "-3e-7");
  EXPECT_EQ(yaml_number(2.5e20), "2.5e20");
  EXPECT_EQ(grouped(12800), "12,800");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(round_down_nicely(0.1 * 1e-4), 1e-5);
  EXPECT_EQ(round_down_nicely(0.042), 0.03);
}

}  // namespace
}  // namespace scopa::lint
