#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "sdk/session/private_folder.h"
#include "tests/support/temp_folder.h"
#include "worker/gpu_inventory.h"
#include "worker/gpu_lock.h"
#include "worker/nvml.h"
#include "worker/slots.h"

namespace scopa::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

session::Environment env_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto at = variables.find(std::string(name));
    if (at == variables.end()) return std::nullopt;
    return at->second;
  };
}

constexpr const char* kGpu0 = "GPU-00000000-0000-4000-8000-0123456789ab";
constexpr const char* kGpu1 = "GPU-00001111-0000-4000-8000-0123456789ab";

std::vector<std::string> ids(const GpuInventory& inventory) {
  std::vector<std::string> out;
  for (const Gpu& gpu : inventory.gpus) out.push_back(gpu.id);
  return out;
}

TEST(NvmlTest, TheLibraryTellsUuidNameAndMemory) {
  const auto gpus = list_nvml_gpus(SCOPA_TEST_NVML);
  ASSERT_TRUE(gpus) << gpus.status().to_string();
  ASSERT_THAT(*gpus, SizeIs(2));
  EXPECT_EQ((*gpus)[1].uuid, kGpu1);
  EXPECT_EQ((*gpus)[1].index, 1U);
  EXPECT_EQ((*gpus)[1].name, "Stand-in 9000");
  EXPECT_EQ((*gpus)[1].memory_bytes, 80ULL << 30);
}

TEST(NvmlTest, AMissingLibraryIsNotFound) {
  EXPECT_EQ(list_nvml_gpus("/nowhere/libnvidia-ml.so").status().code(), Code::kNotFound);
}

TEST(NvmlTest, AnotherLibraryIsUnsupported) {
  EXPECT_EQ(list_nvml_gpus("libm.so.6").status().code(), Code::kUnsupported);
}

TEST(NvmlTest, ADriverThatDoesNotAnswerIsAnError) {
  setenv("SCOPA_STAND_IN_NO_DRIVER", "1", 1);
  const auto gpus = list_nvml_gpus(SCOPA_TEST_NVML);
  unsetenv("SCOPA_STAND_IN_NO_DRIVER");
  EXPECT_EQ(gpus.status().code(), Code::kResource);
  EXPECT_THAT(gpus.status().message(), HasSubstr("Driver Not Loaded"));
}

/// Sets it for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(GpuInventoryTest, ABrokenDriverIsTroubleWhereverGpusAreWanted) {
  const Variable broken("SCOPA_STAND_IN_NO_DRIVER", "1");
  using Variables = std::map<std::string, std::string>;
  for (const Variables& more : {Variables{}, Variables{{"CUDA_VISIBLE_DEVICES", "0"}},
                                Variables{{"CUDA_VISIBLE_DEVICES", "0"}, {"SLURM_JOB_ID", "17"}}}) {
    Variables all = more;
    all["SCOPA_NVML"] = SCOPA_TEST_NVML;
    const auto found = find_gpus(env_of(all));
    EXPECT_EQ(found.trouble.code(), Code::kResource) << more.size();
    EXPECT_THAT(found.trouble.help(), HasSubstr("--gpus none"));
    EXPECT_EQ(plan_slots(found, 0, {}).status().code(), Code::kResource);
    const auto cpu = plan_slots(found, 0, {"none"});
    ASSERT_TRUE(cpu) << cpu.status().to_string();
    EXPECT_EQ(cpu->slots[0].cuda_visible, "") << "half a driver is not tried out by a trainer";
  }
  for (const Variables& none :
       {Variables{{"CUDA_VISIBLE_DEVICES", ""}}, Variables{{"SLURM_JOB_ID", "17"}}}) {
    Variables all = none;
    all["SCOPA_NVML"] = SCOPA_TEST_NVML;
    EXPECT_TRUE(find_gpus(env_of(all)).trouble) << "no GPU is wanted";
  }
}

TEST(GpuInventoryTest, AGpuWithoutALibraryIsTroubleAndAMachineWithoutBothHasTheCpu) {
  const TempFolder devices;
  const auto env = env_of({{"SCOPA_NVML", "/nowhere/x.so"}});
  for (const char* file : {"null", "nvidiactl", "nvidia-uvm"}) std::ofstream(devices / file) << "";
  const auto none = find_gpus(env, devices.path());
  EXPECT_TRUE(none.trouble) << none.trouble.to_string();
  EXPECT_EQ(plan_slots(none, 0, {})->text, "1 slot on the CPU: no /nowhere/x.so here");
  std::ofstream(devices / "nvidia1") << "";
  std::ofstream(devices / "nvidia0") << "";
  const auto found = find_gpus(env, devices.path());
  EXPECT_EQ(found.trouble.code(), Code::kResource);
  EXPECT_THAT(found.trouble.message(), HasSubstr(devices / "nvidia0"));
  const auto listed = find_gpus(
      env_of({{"SCOPA_NVML", "/nowhere/x.so"}, {"CUDA_VISIBLE_DEVICES", "0"}}), devices.path());
  EXPECT_TRUE(listed.trouble) << "somebody has said which";
  EXPECT_THAT(listed.gpus, SizeIs(1));
}

TEST(GpuInventoryTest, AGpuThatIsLostIsLeftOutAndSaid) {
  const Variable lost("SCOPA_STAND_IN_LOST", "0");
  const auto found = find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}}));
  EXPECT_THAT(ids(found), ElementsAre(kGpu1));
  EXPECT_EQ(plan_slots(found, 0, {})->text,
            "1 slot on 1 GPU (NVML): 1 (Stand-in 9000, 80 GiB); GPU 0 does not answer");
  const auto named =
      find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}, {"CUDA_VISIBLE_DEVICES", "0"}}));
  EXPECT_EQ(named.trouble.code(), Code::kInvalidArgument);
  EXPECT_THAT(named.trouble.message(), HasSubstr("names the GPU `0`"));
  const Variable one("SCOPA_STAND_IN_GPUS", "1");
  const auto all = find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}}));
  EXPECT_EQ(all.trouble.code(), Code::kResource) << "none is left";
}

TEST(GpuInventoryTest, TheUsualWordsForNoneAreNoGpu) {
  const Variable broken("SCOPA_STAND_IN_NO_DRIVER", "1");
  for (const char* none : {"-1", "NoDevFiles"}) {
    const auto found =
        find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}, {"CUDA_VISIBLE_DEVICES", none}}));
    EXPECT_THAT(found.gpus, IsEmpty());
    EXPECT_TRUE(found.trouble) << none;
    const auto task = find_gpus(env_of({{"SLURM_JOB_ID", "17"}, {"CUDA_VISIBLE_DEVICES", none}}));
    EXPECT_THAT(task.gpus, IsEmpty()) << none;
  }
}

TEST(SlotsTest, APlanSaysInALineWhatItIsOn) {
  const GpuInventory two = find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}}));
  EXPECT_EQ(plan_slots(two, 1, {})->text,
            "1 slot on 1 of 2 GPUs (NVML): 0 (Stand-in 9000, 80 GiB)");
  EXPECT_EQ(plan_slots(two, 3, {"none"})->text, "3 slots on the CPU: --gpus none");
  EXPECT_EQ(plan_slots(find_gpus(env_of({{"SLURM_JOB_ID", "17"}})), 0, {})->text,
            "1 slot on the CPU: SLURM gave this job no GPU");
}

TEST(GpuInventoryTest, NvmlGpusArePinnedByUuid) {
  const auto found = find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}}));
  EXPECT_THAT(ids(found), ElementsAre(kGpu0, kGpu1));
  EXPECT_EQ(found.gpus[1].visible, kGpu1);
  EXPECT_FALSE(found.keep_visible);
}

TEST(GpuInventoryTest, CudaVisibleDevicesRestrictsByIndexOrUuid) {
  EXPECT_THAT(
      ids(find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}, {"CUDA_VISIBLE_DEVICES", "1"}}))),
      ElementsAre(kGpu1));
  EXPECT_THAT(ids(find_gpus(env_of(
                  {{"SCOPA_NVML", SCOPA_TEST_NVML}, {"CUDA_VISIBLE_DEVICES", "GPU-00001111"}}))),
              ElementsAre(kGpu1));
}

TEST(GpuInventoryTest, CudaVisibleDevicesSetButEmptyMeansNoGpu) {
  const auto found =
      find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}, {"CUDA_VISIBLE_DEVICES", ""}}));
  EXPECT_THAT(found.gpus, IsEmpty());
}

TEST(GpuInventoryTest, WithoutNvmlTheListIsTaken) {
  const auto found =
      find_gpus(env_of({{"SCOPA_NVML", "/nowhere/x.so"}, {"CUDA_VISIBLE_DEVICES", "0, 3"}}));
  EXPECT_THAT(ids(found), ElementsAre("gpu-0", "gpu-3"));
  EXPECT_EQ(found.gpus[1].visible, "3");
}

TEST(GpuInventoryTest, WithoutAnythingThereIsNone) {
  const TempFolder devices;
  EXPECT_THAT(find_gpus(env_of({{"SCOPA_NVML", "/nowhere/x.so"}}), devices.path()).gpus, IsEmpty());
}

TEST(GpuInventoryTest, UnderSlurmTheNodesNumberIdentifiesAndTheVariableStays) {
  const auto found = find_gpus(env_of({{"SLURM_JOB_ID", "17"},
                                       {"SLURMD_NODENAME", "n1"},
                                       {"SLURM_JOB_GPUS", "3"},
                                       {"CUDA_VISIBLE_DEVICES", "0"},
                                       {"SCOPA_NVML", SCOPA_TEST_NVML}}));
  EXPECT_THAT(ids(found), ElementsAre("slurm-n1-gpu3"));
  EXPECT_TRUE(found.keep_visible);
  const auto plan = plan_slots(found, 0, {});
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->slots[0].cuda_visible.has_value());
}

TEST(GpuInventoryTest, UnderSlurmSeveralGpusMakeOneSlotEach) {
  const auto found = find_gpus(env_of({{"SLURM_JOB_ID", "17"},
                                       {"SLURMD_NODENAME", "n1"},
                                       {"SLURM_JOB_GPUS", "2-3"},
                                       {"CUDA_VISIBLE_DEVICES", "0,1"}}));
  EXPECT_THAT(ids(found), ElementsAre("slurm-n1-gpu2", "slurm-n1-gpu3"));
  const auto plan = plan_slots(found, 0, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->slots[1].cuda_visible, "1");
}

TEST(GpuInventoryTest, ASlurmJobWithoutGpusTakesNone) {
  EXPECT_THAT(find_gpus(env_of({{"SLURM_JOB_ID", "17"}, {"SCOPA_NVML", SCOPA_TEST_NVML}})).gpus,
              IsEmpty());
}

GpuInventory two_gpus() { return find_gpus(env_of({{"SCOPA_NVML", SCOPA_TEST_NVML}})); }

TEST(SlotsTest, OneSlotForEachGpu) {
  const auto plan = plan_slots(two_gpus(), 0, {});
  ASSERT_TRUE(plan);
  ASSERT_THAT(plan->slots, SizeIs(2));
  EXPECT_EQ(plan->slots[0].cuda_visible, kGpu0);
  EXPECT_EQ(plan->slots[1].device, kGpu1);
  EXPECT_EQ(plan->slots[1].label, "gpu1");
}

TEST(SlotsTest, MoreSlotsThanGpusGoRound) {
  const auto plan = plan_slots(two_gpus(), 3, {});
  ASSERT_TRUE(plan);
  ASSERT_THAT(plan->slots, SizeIs(3));
  EXPECT_EQ(plan->slots[2].cuda_visible, kGpu0);
  EXPECT_THAT(plan->gpus, SizeIs(2));
}

TEST(SlotsTest, FewerSlotsLeaveGpusToOthers) {
  const auto plan = plan_slots(two_gpus(), 1, {});
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->slots, SizeIs(1));
  EXPECT_THAT(plan->gpus, SizeIs(1));
}

TEST(SlotsTest, GpusAreChosenByIndexOrUuid) {
  EXPECT_EQ(plan_slots(two_gpus(), 0, {"1"})->slots[0].device, kGpu1);
  EXPECT_EQ(plan_slots(two_gpus(), 0, {"GPU-00001111"})->slots[0].device, kGpu1);
}

TEST(SlotsTest, AGpuThatIsNotThereIsRefusedWithThoseThatAre) {
  const auto plan = plan_slots(two_gpus(), 0, {"7"});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(plan.status().help(), HasSubstr(kGpu1));
  EXPECT_EQ(plan_slots(GpuInventory{}, 0, {"0"}).status().code(), Code::kInvalidArgument);
}

TEST(SlotsTest, AGpuNamedTwiceIsRefused) {
  EXPECT_EQ(plan_slots(two_gpus(), 0, {"0", kGpu0}).status().code(), Code::kInvalidArgument);
}

TEST(SlotsTest, CpuAloneHidesTheGpusFromTrainers) {
  const auto plan = plan_slots(two_gpus(), 2, {"none"});
  ASSERT_TRUE(plan);
  ASSERT_THAT(plan->slots, SizeIs(2));
  EXPECT_EQ(plan->slots[0].device, "cpu");
  EXPECT_EQ(plan->slots[0].cuda_visible, "");
  EXPECT_THAT(plan->gpus, IsEmpty());
}

TEST(SlotsTest, WithoutGpusThereIsOneCpuSlotThatChangesNothing) {
  const auto plan = plan_slots(GpuInventory{}, 0, {});
  ASSERT_TRUE(plan);
  ASSERT_THAT(plan->slots, SizeIs(1));
  EXPECT_FALSE(plan->slots[0].cuda_visible.has_value());
}

TEST(SlotsTest, TooManySlotsAreRefused) {
  EXPECT_EQ(plan_slots(GpuInventory{}, 100000, {}).status().code(), Code::kInvalidArgument);
}

TEST(GpuLockTest, ASecondWorkerIsRefusedAndToldWhoHasIt) {
  TempFolder folder;
  const std::string place = folder / "locks";
  auto first = GpuLock::take(place, kGpu0);
  ASSERT_TRUE(first) << first.status().to_string();
  const auto second = GpuLock::take(place, kGpu0);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.status().code(), Code::kConflict);
  EXPECT_THAT(second.status().message(), HasSubstr(std::to_string(getpid())));
  EXPECT_TRUE(GpuLock::take(place, kGpu1));
}

TEST(GpuLockTest, ALockEndsWithItsHolder) {
  TempFolder folder;
  const std::string place = folder / "locks";
  { ASSERT_TRUE(GpuLock::take(place, kGpu0)); }
  EXPECT_TRUE(GpuLock::take(place, kGpu0));
}

TEST(GpuLockTest, AnIdThatLooksLikeAPathStaysInTheFolder) {
  TempFolder folder;
  const std::string place = folder / "locks";
  ASSERT_TRUE(GpuLock::take(place, "../../x"));
  EXPECT_TRUE(std::filesystem::exists(place + "/gpu-______x.lock"));
}

TEST(PrivateFolderTest, AFolderThatOthersCanWriteToIsRefused) {
  TempFolder folder;
  const std::string path = folder / "open";
  std::filesystem::create_directory(path);
  std::filesystem::permissions(path, std::filesystem::perms::all);
  EXPECT_EQ(session::make_private_folder(path).code(), Code::kResource);
}

TEST(PrivateFolderTest, ALinkIsRefused) {
  TempFolder folder;
  std::filesystem::create_directory(folder / "target");
  std::filesystem::create_symlink(folder / "target", folder / "link");
  EXPECT_EQ(session::make_private_folder(folder / "link").code(), Code::kResource);
}

}  // namespace
}  // namespace scopa::worker
