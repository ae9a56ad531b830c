#include "broker/core/spec_library.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

constexpr char kText[] = "method: random\nparameters: {x: {min: 0, max: 1000000}}\n";
constexpr char kOtherText[] =
    "method: random\nparameters: {x: {min: 0, max: 1000000}}\nretries: 1\n";

using FilePtr = std::shared_ptr<const SpecFile>;

FilePtr read(SpecLibrary& files, const std::string& text) {
  auto file = files.read("s.yaml", text);
  EXPECT_TRUE(file) << file.status().to_string();
  return file ? *file : nullptr;
}

TEST(SpecLibraryTest, ATextIsReadOnceAndHeldOnce) {
  SpecLibrary files;
  const FilePtr first = read(files, kText);
  EXPECT_EQ(read(files, kText), first);
  EXPECT_EQ(first->text, kText);
  EXPECT_EQ(first->spec.parameters.at(0).name, "x");
}

TEST(SpecLibraryTest, AnotherTextIsAnotherFile) {
  SpecLibrary files;
  const FilePtr first = read(files, kText);
  const FilePtr other = read(files, kOtherText);
  EXPECT_NE(other, first);
  EXPECT_EQ(other->spec.retries, 1u);
}

TEST(SpecLibraryTest, AFileThatWasReadElsewhereIsSharedFromThenOn) {
  SpecLibrary files;
  const FilePtr elsewhere = *read_spec_file("s.yaml", kText, SpecOrigin::kNew);
  EXPECT_EQ(files.share(elsewhere), elsewhere);
  EXPECT_EQ(read(files, kText), elsewhere);
  EXPECT_EQ(files.share(*read_spec_file("t.yaml", kText, SpecOrigin::kNew)), elsewhere);
}

TEST(SpecLibraryTest, WhatNobodyUsesIsNotHeld) {
  SpecLibrary files;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = kText + ("seed: " + std::to_string(i)) + "\n";
    const std::weak_ptr<const SpecFile> gone = read(files, text);
    ASSERT_TRUE(gone.expired());
    ASSERT_EQ(read(files, text)->spec.seed, i);
  }
}

TEST(SpecLibraryTest, AnErrorNamesItsPlaceAndIsNotRemembered) {
  SpecLibrary files;
  for (int i = 0; i < 2; ++i) {
    const auto file = files.read("s.yaml", "method: random\nparameters: {x: {min: 0}}\n");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.status().code(), Code::kInvalidArgument);
    EXPECT_EQ(file.status().message().rfind("s.yaml:2:", 0), 0u) << file.status().message();
  }
}

class SharedSpecTest : public testing::Test {
 protected:
  /// The spec that the model of the sweep gets: the sweep's own.
  std::shared_ptr<const spec::SweepSpec> spec_of(const SweepId& sweep) {
    h.model_log.clear();
    h.ask(h.hello_worker("w-" + sweep), sweep);
    for (const ModelTask& task : h.model_log) {
      const auto* opened = std::get_if<ModelOpened>(&task);
      if (opened != nullptr && opened->sweep == sweep) return opened->spec;
    }
    ADD_FAILURE() << "the model of " << sweep << " was not opened";
    return nullptr;
  }
  void edit(const SweepId& sweep, const std::string& text) {
    const auto answers =
        h.send(CoreHarness::kCli,
               wire::Edit{.request = 1, .sweep = sweep, .file_name = "s.yaml", .spec = text});
    EXPECT_NE(only<wire::Done>(answers), nullptr);
  }

  CoreHarness h;
  SweepId first = h.create(kText, "token-1");
  SweepId second = h.create(kText, "token-2");
};

TEST_F(SharedSpecTest, SweepsOfOneTextShareItsSpec) {
  const auto spec = spec_of(first);
  ASSERT_NE(spec, nullptr);
  EXPECT_EQ(spec_of(second), spec);
  EXPECT_NE(spec_of(h.create(kOtherText, "token-3")), spec);
}

TEST_F(SharedSpecTest, TheyDoSoAfterARestart) {
  h.restart();
  const auto spec = spec_of(first);
  ASSERT_NE(spec, nullptr);
  EXPECT_EQ(spec_of(second), spec);
}

TEST_F(SharedSpecTest, AnEditedSweepSharesTheSpecOfItsNewText) {
  const SweepId other = h.create(kOtherText, "token-3");
  edit(second, kOtherText);
  const auto spec = spec_of(second);
  ASSERT_NE(spec, nullptr);
  EXPECT_EQ(spec_of(other), spec);
  EXPECT_NE(spec_of(first), spec);
  h.restart();
  const auto again = spec_of(second);
  EXPECT_EQ(spec_of(other), again);
  EXPECT_EQ(h.difference_after_replay(second), "");
}

}  // namespace
}  // namespace scopa::core
