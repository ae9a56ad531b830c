// The real program with keys: how they are made and used, and that no secret leaks.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class KeysCliTest : public CliTest {
 protected:
  KeysCliTest() {
    keep(scopa({"keygen", "--server"}));
    make("anna", "admin");
    make("lab", "worker");
    make("eye", "viewer");
    make("mallory", "admin");
    for (const char* name : {"anna", "lab", "eye"}) authorize(name);
  }
  void make(const std::string& name, const std::string& role) {
    keep(scopa({"keygen", "--role", role, "--name", name, "-o", name + ".key"}));
  }
  void authorize(const std::string& name) {
    fs::copy_file(folder_ / (name + ".pub"),
                  folder_ / (".scopa/authorized_keys.d/" + name + ".pub"));
  }
  /// `scopa ARGS` over tcp with the key of `name`; what it prints is searched for secrets, too.
  Finished as(const std::string& name, std::vector<std::string> args) {
    for (const std::string& more :
         {std::string("--url"), url(), std::string("--key"), name + ".key",
          std::string("--server-key"), std::string(".scopa/keys/server.pub")}) {
      args.push_back(more);
    }
    return keep(scopa(std::move(args)));
  }
  Finished keep(Finished done) {
    printed_ += done.out + done.err;
    return done;
  }
  std::string secret_in(const std::string& path) const {
    const std::string text = read_file(path);
    const std::size_t at = text.find("secret: ");
    EXPECT_NE(at, std::string::npos) << path;
    return text.substr(at + 8, 40);
  }
  std::vector<std::string> secrets() const {
    std::vector<std::string> all = {secret_in(folder_ / ".scopa/keys/server.key")};
    for (const char* name : {"anna", "lab", "eye", "mallory"}) {
      all.push_back(secret_in(folder_ / (std::string(name) + ".key")));
    }
    return all;
  }
  void expect_no_secret(const std::string& text, const std::string& where) const {
    for (const std::string& secret : secrets()) {
      EXPECT_EQ(text.find(secret), std::string::npos) << "a secret is in " << where;
      EXPECT_EQ(text.find(secret.substr(0, 12)), std::string::npos) << where;
    }
  }
  std::string printed_;
};

TEST_F(KeysCliTest, KeygenPrintsThePublicHalfAloneAndReplacesNothing) {
  const std::string before = read_file(folder_ / "anna.key");
  const Finished again = scopa({"keygen", "-o", "anna.key"});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, AllOf(HasSubstr("S123"), HasSubstr("never replaced")));
  EXPECT_EQ(read_file(folder_ / "anna.key"), before);
  const Finished server = scopa({"keygen", "--server"});
  EXPECT_EQ(server.status, 1) << server.out;
  const Finished made = scopa({"keygen", "--name", "x", "-o", "x.key"});
  EXPECT_EQ(made.out, read_file(folder_ / "x.pub"));
  EXPECT_THAT(made.out + made.err, Not(HasSubstr(secret_in(folder_ / "x.key"))));
  const auto document = json({"keygen", "--role", "viewer", "--name", "y", "-o", "y.key"});
  EXPECT_EQ(document.at("role"), "viewer");
  EXPECT_EQ(document.at("public_file"), "y.pub");
  EXPECT_THAT(document.dump(), Not(HasSubstr(secret_in(folder_ / "y.key"))));
  for (const char* file : {"anna.key", ".scopa/keys/server.key"}) {
    struct stat info {};
    ASSERT_EQ(stat((folder_ / file).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U) << file;
  }
}

TEST_F(KeysCliTest, KeygenPutsAKeyIntoThePrivateDefaultFolderWhereItIsFound) {
  const std::vector<std::string> env = {"XDG_CONFIG_HOME=" + (folder_ / "config"),
                                        "SCOPA_URL=", "SCOPA_KEY=", "SCOPA_SERVER_KEY="};
  const auto run_with = [&](std::vector<std::string> args) {
    args.insert(args.begin(), SCOPA_EXECUTABLE);
    return run(std::move(args), folder_.path(), env);
  };
  const Finished made = run_with({"keygen", "--role", "admin", "--name", "me"});
  ASSERT_EQ(made.status, 0) << made.err;
  struct stat info {};
  ASSERT_EQ(stat((folder_ / "config/scopa").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  fs::copy_file(folder_ / ".scopa/keys/server.pub", folder_ / "config/scopa/server.pub");
  fs::copy_file(folder_ / "config/scopa/client.pub", folder_ / ".scopa/authorized_keys.d/me.pub");
  start_broker();
  const Finished listed = run_with({"ls", "--url", url()});
  EXPECT_EQ(listed.status, 0) << listed.err;
  // Half of it is missing: the error names that half.
  const std::string half = folder_ / "config/scopa/server.pub";
  ASSERT_TRUE(fs::remove(half));
  const Finished refused = run_with({"ls", "--url", url()});
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("but not the broker's, " + half),
                                 HasSubstr("copy keys/server.pub"), Not(HasSubstr("keygen"))));
  stop_broker();
}

TEST_F(KeysCliTest, RefusalsSayWhatIsMissingAndExitWith4) {
  start_broker();
  const Finished viewer = as("eye", {"create", "sweep.yaml"});
  EXPECT_EQ(viewer.status, 4);
  EXPECT_THAT(viewer.err, AllOf(HasSubstr("error[S121]"), HasSubstr("takes an admin's")));
  const Finished unknown = as("mallory", {"ls"});
  EXPECT_EQ(unknown.status, 4);
  EXPECT_THAT(unknown.err, HasSubstr("does not know the key `mallory`"));
  ASSERT_EQ(chmod((folder_ / "eye.key").c_str(), 0644), 0);
  const Finished open = as("eye", {"ls"});
  EXPECT_EQ(open.status, 4);
  EXPECT_THAT(open.err, AllOf(HasSubstr("others can read"), HasSubstr("chmod 600 eye.key")));
  const auto error = json_error({"ls", "--url", url()}, 4);
  EXPECT_EQ(error.value("code", ""), "S121");
  const Finished started = scopa({"worker", "@last", "--url", url()});
  EXPECT_EQ(started.status, 4) << started.err;
  EXPECT_THAT(started.err, HasSubstr("wants a key"));
  // The broker's own user, in its folder, needs none.
  EXPECT_EQ(scopa({"ls"}).status, 0);
  stop_broker();
}

TEST_F(KeysCliTest, AnotherUserIsRefusedAtTheUnixSocketThoughItsModeLetsHim) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can run a program as another user";
  if (run({"setpriv", "--reuid", "12345", "--clear-groups", SCOPA_EXECUTABLE, "version"},
          folder_.path())
          .status != 0) {
    GTEST_SKIP() << "no setpriv, or another user cannot run " SCOPA_EXECUTABLE;
  }
  start_broker();
  const std::string socket = folder_ / ".scopa/broker.sock";
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  const auto as_another = [&] {
    return run({"setpriv", "--reuid", "12345", "--clear-groups", SCOPA_EXECUTABLE, "ls", "--url",
                "ipc://" + socket},
               folder_.path());
  };
  EXPECT_EQ(as_another().status, 4);  // its mode is 0600
  ASSERT_EQ(chmod(socket.c_str(), 0666), 0);
  const Finished refused = as_another();
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.err, HasSubstr("serves there the user who runs it alone"));
  stop_broker();
}

TEST_F(KeysCliTest, WithoutKeysABrokerStaysOnThisMachineAndNamesKeygen) {
  const Finished done = scopa({"broker", "--dir", "other", "--listen", "tcp://0.0.0.0:7654"});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, AllOf(HasSubstr("scopa keygen --server"), HasSubstr("--insecure")));
}

TEST_F(KeysCliTest, AWholeSweepRunsOverKeysAndNoSecretIsOutsideItsFile) {
  write_trainer(
      "env > \"$SCOPA_FOLDER/environment\"\n"
      "tr '\\0' ' ' < /proc/$PPID/cmdline > \"$SCOPA_FOLDER/worker_command\"\n"
      "echo \"{\\\"step\\\": 1, \\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n");
  start_broker();
  const Finished created = as("anna", {"create", "sweep.yaml"});
  ASSERT_EQ(created.status, 0) << created.err;
  const std::string sweep = lines_of(created.out).at(0);
  Process worker(
      "worker",
      {SCOPA_EXECUTABLE, "worker", sweep, "--url", url(), "--slots", "2", "--gpus", "none"},
      folder_.path(),
      {"SCOPA_KEY=" + (folder_ / "lab.key"), "SCOPA_MEMORY=" + (folder_ / "memory"),
       "SCOPA_SERVER_KEY=" + (folder_ / ".scopa/keys/server.pub")});
  expect_no_secret(read_file("/proc/" + std::to_string(worker.pid()) + "/cmdline"), "ps");
  EXPECT_EQ(worker.wait(std::chrono::seconds(120)), 0) << worker.err();
  const Finished status = as("eye", {"status", sweep, "--json"});
  EXPECT_THAT(status.out, HasSubstr("\"completed\":4"));
  const Finished trials = as("eye", {"export", sweep, "--csv"});
  EXPECT_THAT(trials.out, HasSubstr("@lab"));
  (void)as("mallory", {"ls"});
  (void)as("lab", {"cancel", sweep});
  const std::string environment =
      read_file(folder_ / (".scopa/trials/" + sweep + "/0/environment"));
  EXPECT_THAT(environment, HasSubstr("SCOPA_TRIAL=0"));
  EXPECT_THAT(environment,
              AllOf(Not(HasSubstr("SCOPA_KEY=")), Not(HasSubstr("SCOPA_SERVER_KEY="))));
  stop_broker();

  expect_no_secret(printed_, "what was printed");
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file() || entry.path().extension() == ".key") continue;
    ++files;
    expect_no_secret(read_file(entry.path().string()), entry.path().string());
  }
  EXPECT_GT(files, 10U);
}

}  // namespace
}  // namespace scopa::test
