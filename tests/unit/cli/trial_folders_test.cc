#include "cli/trial_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_folder.h"

namespace scopa::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string here() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

class TrialFoldersTest : public testing::Test {
 protected:
  std::string make(const std::string& path, std::size_t bytes = 10) {
    fs::create_directories(folder_ / path);
    std::ofstream(folder_ / path + "/file") << std::string(bytes, 'x');
    return folder_ / path;
  }
  static wire::TrialInfo trial(std::uint64_t number, const std::string& host,
                               const std::string& folder, const std::string& checkpoint = "") {
    wire::TrialInfo trial;
    trial.trial = number;
    wire::AttemptInfo& attempt = trial.attempts.emplace_back();
    attempt.attempt = 1;
    attempt.host = host;
    attempt.folder = folder;
    attempt.checkpoint = checkpoint;
    attempt.checkpoint_step = checkpoint.empty() ? -1 : 5;
    return trial;
  }
  TrialFolders folders() const { return TrialFolders("k3v9q2ha", folder_ / ".scopa"); }

  const TempFolder folder_;
};

TEST_F(TrialFoldersTest, FoldersOfTheTrialGoOthersStay) {
  const std::string own = make("work/trials/k3v9q2ha/3", 1000);
  const std::string other = make("work/trials/k3v9q2ha/30");
  TrialFolders all = folders();
  all.add(trial(3, here(), own));
  EXPECT_THAT(all.look().here, ElementsAre(own));
  EXPECT_TRUE(fs::exists(own));
  const auto done = all.remove();
  EXPECT_THAT(done.here, ElementsAre(own));
  EXPECT_EQ(done.bytes, 1000u);
  EXPECT_FALSE(fs::exists(own));
  EXPECT_TRUE(fs::exists(other));
  EXPECT_THAT(all.remove().here, IsEmpty()) << "a second time there is nothing";
}

TEST_F(TrialFoldersTest, TheSweepsFolderGoesWithItsLastTrial) {
  const std::string own = make(".scopa/trials/k3v9q2ha/0");
  TrialFolders all = folders();
  all.add_whole();
  EXPECT_THAT(all.remove().here, ElementsAre(own));
  EXPECT_FALSE(fs::exists(folder_ / ".scopa/trials/k3v9q2ha"));
  EXPECT_TRUE(fs::exists(folder_ / ".scopa/trials"));
}

TEST_F(TrialFoldersTest, WhatNobodyToldLiesInScopasFolder) {
  const std::string own = make(".scopa/trials/k3v9q2ha/3");
  TrialFolders all = folders();
  all.add(trial(3, "elsewhere", ""));
  EXPECT_THAT(all.remove().here, ElementsAre(own));
}

TEST_F(TrialFoldersTest, NothingIsRemovedThatIsNotTheTrialsFolderWhateverAWorkerTold) {
  const std::string precious = make("home");
  const std::string of_another = make("trials/zzzzzzzz/3");
  const std::string above = make("trials/k3v9q2ha/3");
  for (const std::string& told :
       {precious, of_another, folder_ / "trials/k3v9q2ha", std::string("/"),
        std::string("trials/k3v9q2ha/3"), above + "/../../../home"}) {
    TrialFolders all = folders();
    all.add(trial(3, here(), told));
    EXPECT_THAT(all.remove().here, IsEmpty()) << told;
  }
  TrialFolders of_four = folders();
  of_four.add(trial(4, here(), above));
  EXPECT_THAT(of_four.remove().here, IsEmpty());
  EXPECT_TRUE(fs::exists(precious + "/file"));
  EXPECT_TRUE(fs::exists(of_another + "/file"));
  EXPECT_TRUE(fs::exists(above + "/file"));
}

TEST_F(TrialFoldersTest, LinksAreNotFollowed) {
  const std::string precious = make("home");
  fs::create_directories(folder_ / "trials/k3v9q2ha");
  fs::create_directory_symlink(precious, folder_ / "trials/k3v9q2ha/3");
  TrialFolders linked = folders();
  linked.add(trial(3, here(), folder_ / "trials/k3v9q2ha/3"));
  EXPECT_THAT(linked.remove().here, IsEmpty());
  const std::string own = make("trials/k3v9q2ha/4");
  fs::create_directory_symlink(precious, own + "/data");
  TrialFolders inside = folders();
  inside.add(trial(4, here(), own));
  EXPECT_THAT(inside.remove().here, ElementsAre(own));
  EXPECT_TRUE(fs::exists(precious + "/file"));
}

TEST_F(TrialFoldersTest, CheckpointsInAFolderOfTheTrialGoOthersAreTold) {
  const std::string kept = make("checkpoints/k3v9q2ha/3");
  make("checkpoints/k3v9q2ha/3/step-5");
  TrialFolders all = folders();
  all.add(trial(3, here(), "", kept + "/step-5"));
  all.add(trial(4, here(), "", folder_ / "mine/model.pt"));
  const auto done = all.remove();
  EXPECT_THAT(done.here, ElementsAre(kept));
  EXPECT_THAT(done.left, ElementsAre(HostPath{here(), folder_ / "mine/model.pt"}));
}

TEST_F(TrialFoldersTest, WhatThisMachineDoesNotSeeIsListedWithItsHost) {
  const std::string shared = make("trials/k3v9q2ha/3");
  TrialFolders all = folders();
  all.add(trial(3, "gpu2", shared));
  all.add(trial(4, "gpu2", "/data/trials/k3v9q2ha/4"));
  all.add(trial(5, here(), folder_ / "trials/k3v9q2ha/5"));
  const auto done = all.remove();
  EXPECT_THAT(done.here, ElementsAre(shared)) << "a file system that both machines have";
  EXPECT_THAT(done.elsewhere, ElementsAre(HostPath{"gpu2", "/data/trials/k3v9q2ha/4"}));
}

TEST_F(TrialFoldersTest, WhatCannotBeRemovedIsToldWithTheReason) {
  const std::string own = make("trials/k3v9q2ha/3");
  for (const char* part : {"", "/trials", "/trials/k3v9q2ha", "/trials/k3v9q2ha/3"}) {
    fs::permissions(folder_.path() + part, fs::perms::owner_read | fs::perms::owner_exec |
                                               fs::perms::others_read | fs::perms::others_exec |
                                               fs::perms::group_read | fs::perms::group_exec);
  }
  const auto remove_as_nobody = [&] {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) std::_Exit(3);
    TrialFolders all = folders();
    all.add(trial(3, here(), own));
    const auto done = all.remove();
    const bool told = done.failed.size() == 1 && done.failed[0].path == own &&
                      done.failed[0].why == "Permission denied" && done.here.empty();
    std::_Exit(told ? 0 : 1);
  };
  EXPECT_EXIT(remove_as_nobody(), ::testing::ExitedWithCode(0), "");
  for (const char* part : {"", "/trials", "/trials/k3v9q2ha", "/trials/k3v9q2ha/3"}) {
    fs::permissions(folder_.path() + part, fs::perms::owner_all);
  }
}

TEST_F(TrialFoldersTest, WhereATrialIsIsWhereItsLatestAttemptLeftSomething) {
  wire::TrialInfo info = trial(3, "gpu1", "/a/k3v9q2ha/3", "/a/k3v9q2ha/3/c");
  info.attempts.push_back(trial(3, "gpu2", "/b/k3v9q2ha/3").attempts[0]);
  EXPECT_EQ(places_of(info).folder, (HostPath{"gpu2", "/b/k3v9q2ha/3"}));
  EXPECT_EQ(places_of(info).checkpoint, (HostPath{"gpu1", "/a/k3v9q2ha/3/c"}));
  EXPECT_EQ(places_of(info).checkpoint_step, 5);
  info.removed = true;
  EXPECT_EQ(places_of(info).folder.path, "");
}

}  // namespace
}  // namespace scopa::cli
