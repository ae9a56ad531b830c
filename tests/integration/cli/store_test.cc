// backup, restore, store verify, status --broker.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliStoreTest : public CliTest {
 protected:
  /// A finished sweep of two trials in .scopa; its id.
  std::string finished_sweep() {
    write_sweep(2);
    EXPECT_EQ(scopa({"run", "sweep.yaml", "--gpus", "none", "--durability", "process"}).status, 0);
    return json({"status"}).at("sweep").at("id");
  }
};

TEST_F(CliStoreTest, ABackupOfARunningBrokerIsRestoredAndServesTheSame) {
  start_broker();
  write_sweep(2);
  const std::string sweep = lines_of(scopa({"create", "sweep.yaml"}).out).at(0);
  ASSERT_EQ(scopa({"worker", sweep, "--gpus", "none"}).status, 0);
  const auto made = json({"backup", "copy"});
  EXPECT_EQ(made["folder"], (fs::canonical(folder_.path()) / "copy").string());
  EXPECT_GT(made["last_seq"], 8);
  EXPECT_EQ(json({"store", "verify"})["sound"], true) << "beside the broker";
  const auto there = json({"trials", sweep})["trials"];
  stop_broker();

  EXPECT_EQ(json({"store", "verify", "copy"})["trials"], 2);
  const Finished restored = scopa({"restore", "copy", "again"});
  EXPECT_EQ(restored.status, 0) << restored.err;
  EXPECT_THAT(restored.err, HasSubstr("1 sweep"));
  EXPECT_EQ(json({"trials", sweep, "--dir", "again"})["trials"].size(), there.size());
  EXPECT_EQ(json({"trials", sweep, "--dir", "again"})["trials"][0]["value"], there[0]["value"]);
  EXPECT_EQ(json({"ls", "--dir", "copy"})["sweeps"].size(), 1U) << "a backup can be looked at";
}

TEST_F(CliStoreTest, NothingIsReplaced) {
  finished_sweep();
  ASSERT_EQ(scopa({"backup", "copy"}).status, 0);
  EXPECT_EQ(json_error({"backup", "copy"}, 1)["code"], "S123");
  EXPECT_EQ(json_error({"restore", "copy", ".scopa"}, 1)["code"], "S123");
  EXPECT_EQ(json_error({"restore", "nothing", "new"}, 3)["code"], "S120");
  EXPECT_FALSE(fs::exists(folder_ / "new"));
  EXPECT_EQ(json_error({"backup", "no/such/folder"}, 3)["code"], "S120");
  EXPECT_EQ(json({"store", "verify"})["sound"], true);
}

TEST_F(CliStoreTest, ADamagedBackupIsNotRestored) {
  finished_sweep();
  ASSERT_EQ(scopa({"backup", "copy"}).status, 0);
  // The largest file, in its middle.
  fs::path largest;
  for (const auto& entry : fs::directory_iterator(folder_ / "copy/store")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".log" && extension != ".sst") continue;
    if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
  }
  ASSERT_FALSE(largest.empty());
  {
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(largest) / 2));
    file << "XXXXXXXXXXXXXXXX";
  }
  const Finished verified = scopa({"store", "verify", "copy"});
  EXPECT_EQ(verified.status, 1) << verified.out << verified.err;
  EXPECT_THAT(verified.err, HasSubstr("error[S125]"));
  const Finished refused = scopa({"restore", "copy", "new"});
  EXPECT_EQ(refused.status, 1) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("error[S125]"));
  EXPECT_FALSE(fs::exists(folder_ / "new"));
}

TEST_F(CliStoreTest, VerifyingWhatIsNotThereSaysSo) {
  EXPECT_EQ(json_error({"store", "verify"}, 3)["code"], "S120");
  EXPECT_EQ(json_error({"store", "mend"}, 2)["code"], "S102");
}

TEST_F(CliStoreTest, TheBrokerSaysHowItStands) {
  start_broker();
  const auto broker = json({"status", "--broker"})["broker"];
  EXPECT_EQ(broker["durability"], "process");
  EXPECT_TRUE(broker["trouble"].is_null());
  EXPECT_EQ(broker["last_seq"], 0);
  EXPECT_EQ(broker["role"], "admin");
  EXPECT_EQ(broker["folder"], (fs::canonical(folder_.path()) / ".scopa").string());
  EXPECT_TRUE(json({"ls"})["trouble"].is_null());
  EXPECT_THAT(scopa({"status", "--broker"}).out, HasSubstr("durability process"));
  stop_broker();
  EXPECT_EQ(json_error({"status", "--broker", "--dir", ".scopa"}, 4)["code"], "S122");
}

}  // namespace
}  // namespace scopa::test
