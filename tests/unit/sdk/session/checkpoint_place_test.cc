#include "sdk/session/checkpoint_place.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace scopa::session {
namespace {

class CheckpointPlaceTest : public ::testing::Test {
 protected:
  CheckpointPlace place(const std::string& offered, std::int64_t step) {
    wire::Assign assign;
    assign.checkpoint = offered;
    assign.resume_step = step;
    const auto found = checkpoint_place(assign, folder_ / "own");
    EXPECT_TRUE(found) << found.status().to_string();
    return found ? *found : CheckpointPlace{};
  }

  TempFolder folder_;
};

TEST_F(CheckpointPlaceTest, ACheckpointThatIsHereIsGoneOnFromAndWrittenOver) {
  std::ofstream(folder_ / "shared") << "weights";
  const CheckpointPlace found = place(folder_ / "shared", 40);
  EXPECT_EQ(found.path, folder_ / "shared");
  EXPECT_EQ(found.resume_step, 40);
}

TEST_F(CheckpointPlaceTest, OneOfAnotherMachineIsNot) {
  const CheckpointPlace found = place("/nowhere/checkpoint", 40);
  EXPECT_EQ(found.path, folder_ / "own/checkpoint");
  EXPECT_EQ(found.resume_step, -1);
  EXPECT_TRUE(std::filesystem::is_directory(folder_ / "own"));
}

TEST_F(CheckpointPlaceTest, WithoutAnOfferAnOldFileIsNotGoneOnFrom) {
  std::filesystem::create_directories(folder_ / "own");
  std::ofstream(folder_ / "own/checkpoint") << "of an attempt that nobody continues";
  EXPECT_EQ(place("", -1).resume_step, -1);
  EXPECT_EQ(place("relative/checkpoint", 3).resume_step, -1);
}

}  // namespace
}  // namespace scopa::session
