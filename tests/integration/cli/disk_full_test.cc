// The real thing: a small file system that fills up under a broker, while a trainer trains.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A tmpfs of 192 MiB of the test's own.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    fs::create_directory(path_);
    is_mounted_ = mount("scopa-test", path_.c_str(), "tmpfs", 0, "size=192m") == 0;
    why_not_ = is_mounted_ ? "" : std::strerror(errno);
  }
  ~SmallDisk() {
    if (is_mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& why_not() const { return why_not_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void fill() const {
    const int file = open((path_ + "/ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    const std::string piece(1 << 20, 'x');
    while (write(file, piece.data(), piece.size()) > 0) {
    }
    close(file);
    EXPECT_EQ(fs::space(path_).available, 0U);
  }
  void make_room() const { fs::remove(path_ + "/ballast"); }

 private:
  const std::string path_;
  bool is_mounted_ = false;
  std::string why_not_;
};

class CliDiskFullTest : public CliTest {};

TEST_F(CliDiskFullTest, ATrainerDoesNotNoticeThatTheBrokersDiskIsFull) {
  const SmallDisk disk(folder_ / "disk");
  if (!disk.why_not().empty()) GTEST_SKIP() << "cannot mount a tmpfs: " << disk.why_not();
  const std::string store = disk / "s";
  Process broker = start("broker", {"broker", "--dir", store, "--listen", "tcp://127.0.0.1:*"});
  ASSERT_TRUE(eventually([&] { return fs::exists(store + "/endpoint"); })) << broker.err();
  write_trainer(
      "echo \"{\\\"step\\\": 1, \\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n"
      "while [ ! -e go ]; do sleep 0.02; done\n"
      "for step in 2 3; do\n"
      "  echo \"{\\\"step\\\": $step, \\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n"
      "done\n");
  write_sweep(1);
  const std::string sweep = lines_of(scopa({"create", "sweep.yaml", "--dir", store}).out).at(0);
  Process worker = start(
      "worker", {"worker", sweep, "--gpus", "none", "--url", "ipc://" + store + "/broker.sock"});
  const auto trial = [&] { return json({"trials", sweep, "--dir", store})["trials"].at(0); };
  ASSERT_TRUE(eventually([&] {
    const auto all = json({"trials", sweep, "--dir", store})["trials"];
    return all.size() == 1 && all[0]["values"] == 1;
  }));

  disk.fill();
  // RocksDB has set room aside for its log: that has to be used up, too.
  write_file(folder_ / "large.yaml", sweep_text(1) + "# " + std::string(900 << 10, 'x') + "\n");
  Finished refused;
  for (int i = 0; i < 200 && refused.status != 4; ++i) {
    refused = scopa({"create", "large.yaml", "--dir", store});
  }
  ASSERT_EQ(refused.status, 4) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("cannot write to its store"));
  EXPECT_THAT(refused.err, HasSubstr("make room"));
  write_file(folder_ / "go", "");
  const Finished listed = scopa({"ls", "--dir", store});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_THAT(listed.err, HasSubstr("note: the broker cannot write to its store"));
  EXPECT_THAT(json({"status", "--broker", "--dir", store})["broker"]["trouble"].get<std::string>(),
              HasSubstr("cannot write"));
  EXPECT_EQ(trial()["state"], "running") << "as it was when the disk became full";
  EXPECT_EQ(trial()["values"], 1);
  ASSERT_TRUE(eventually([&] {
    return worker.err().find("cannot write to its store") != std::string::npos;
  })) << worker.err();
  EXPECT_FALSE(worker.wait(std::chrono::milliseconds(0))) << "it waits for the broker";

  disk.make_room();
  EXPECT_EQ(worker.wait(std::chrono::seconds(60)), 0) << worker.err();
  EXPECT_EQ(trial()["state"], "completed");
  EXPECT_EQ(trial()["values"], 3);
  EXPECT_EQ(trial()["attempts"].size(), 1U);
  EXPECT_TRUE(json({"status", "--broker", "--dir", store})["broker"]["trouble"].is_null());
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(std::chrono::seconds(20)), 0) << broker.err();
  EXPECT_EQ(json({"store", "verify", store})["sound"], true);
}

}  // namespace
}  // namespace scopa::test
