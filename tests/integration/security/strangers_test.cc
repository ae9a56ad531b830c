// Those who are not let in: what they are told, and what becomes of the others.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "security_fixture.h"

namespace scopa::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// What the broker logs in the life of this.
class CapturedLog {
 public:
  CapturedLog()
      : before_(spdlog::default_logger()),
        sink_(std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("captured", sink_));
  }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  /// After the broker has ended.
  std::string text() const { return text_.str(); }
  std::size_t lines_with(const std::string& words) const {
    std::istringstream in(text());
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) {
      count += line.find(words) != std::string::npos ? 1 : 0;
    }
    return count;
  }

 private:
  std::shared_ptr<spdlog::logger> before_;
  std::ostringstream text_;
  std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink_;
};

/// A connection that sends `bytes` and hangs up.
void knock(const std::string& endpoint, const std::string& bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(fd, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  (void)!send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  close(fd);
}

TEST(StrangersTest, TheStoreOfABrokerWithKeysIsForItsUserAlone) {
  const KeyedFolder folder;
  const RunningBroker broker(folder.path());
  EXPECT_EQ(std::filesystem::status(folder.path() + "/store").permissions(),
            std::filesystem::perms::owner_all);
}

TEST(StrangersTest, AnUnknownKeyIsToldSoAndWhatToDo) {
  KeyedFolder folder;
  const CapturedLog log;
  const ClientKeysPtr keys = folder.key("mallory", Role::kAdmin);
  {
    RunningBroker broker(folder.path());
    const Status told = refusal(broker.tcp(), keys);
    EXPECT_EQ(told.code(), Code::kDenied);
    EXPECT_THAT(told.message(),
                AllOf(HasSubstr("does not know the key `mallory`"), HasSubstr(keys->own.open.key)));
    EXPECT_THAT(told.help(), HasSubstr("authorized_keys.d"));
    EXPECT_TRUE(soon([&] { return broker.totals().refused == 1; })) << broker.totals().refused;
    // The log says it within a second; this gives it time.
    folder.authorize(keys->own.open, "mallory");
    EXPECT_TRUE(connect(broker.tcp(), keys));
    ASSERT_EQ(unlink(folder.authorized("mallory.pub").c_str()), 0);
    EXPECT_TRUE(soon([&] { return refusal(broker.tcp(), keys).code() == Code::kDenied; }));
  }
  EXPECT_THAT(log.text(), HasSubstr("unknown key " + keys->own.open.key + " from 127.0.0.1"));
  EXPECT_THAT(log.text(), HasSubstr("key revoked name=mallory"));
}

TEST(StrangersTest, WhoHasNoKeyIsToldThatItTakesOne) {
  KeyedFolder folder;
  const RunningBroker broker(folder.path());
  const Status told = refusal(broker.tcp(), nullptr);
  EXPECT_EQ(told.code(), Code::kDenied);
  EXPECT_THAT(told.message(), HasSubstr("wants a key"));
  EXPECT_THAT(told.help(), AllOf(HasSubstr("scopa keygen"), HasSubstr("--server-key")));
}

TEST(StrangersTest, ABrokerWithAnotherKeyIsNotTalkedTo) {
  KeyedFolder folder;
  KeyedFolder impostor;
  const RunningBroker broker(impostor.path());
  const ClientKeysPtr keys = folder.authorized_key("anna", Role::kAdmin);
  impostor.authorize(keys->own.open, "anna");
  const Status told = refusal(broker.tcp(), keys);
  EXPECT_EQ(told.code(), Code::kDenied);
  EXPECT_THAT(told.message(), HasSubstr("its key is not that of " + folder.server_file()));
}

TEST(StrangersTest, ABrokerWithoutKeysIsNotTalkedToByWhoExpectsThem) {
  KeyedFolder folder;
  const TempFolder plain;
  const RunningBroker broker(plain.path());
  const Status told = refusal(broker.tcp(), folder.key("anna", Role::kAdmin));
  EXPECT_EQ(told.code(), Code::kDenied);
  EXPECT_THAT(told.message(), HasSubstr("uses no keys"));
}

TEST(StrangersTest, AThousandOfThemAreCountedLoggedInFewLinesAndKeepNobodyWaiting) {
  KeyedFolder folder;
  const CapturedLog log;
  constexpr int kKnocks = 1000;
  {
    RunningBroker broker(folder.path());
    const auto served = connect(broker.tcp(), folder.authorized_key("anna", Role::kAdmin));
    ASSERT_TRUE(served);
    const std::string signature("\xff\0\0\0\0\0\0\0\1\x7f", 10);
    const std::string version = signature + std::string("\3\0", 2);
    const std::vector<std::string> bytes = {
        "",
        "GET / HTTP/1.1\r\nHost: broker\r\n\r\n" + std::string(100, 'x'),
        signature,
        signature + std::string(300, '\3'),
        version + "NULL" + std::string(16, '\0') + std::string(32, '\0'),
        version + "CURVE" + std::string(15, '\0') + std::string(332, 'z'),
    };
    for (int i = 0; i < kKnocks; ++i) {
      knock(broker.tcp(), bytes[static_cast<std::size_t>(i) % bytes.size()]);
      if (i % 100 == 0) {
        EXPECT_TRUE(served->request(wire::ListSweeps{}, kPatience));
      }
    }
    EXPECT_TRUE(soon([&] { return broker.totals().refused == kKnocks; }))
        << broker.totals().refused;
    EXPECT_EQ(broker.totals().garbage, 0U);
    // One more is let in while they knock, and one still is not.
    EXPECT_TRUE(connect(broker.tcp(), folder.authorized_key("bert", Role::kViewer)));
    EXPECT_EQ(refusal(broker.tcp(), folder.key("mallory", Role::kAdmin)).code(), Code::kDenied);
    EXPECT_TRUE(soon([&] { return broker.totals().refused == kKnocks + 1U; }))
        << broker.totals().refused;
  }
  EXPECT_LT(log.lines_with("connections refused"), 20U) << log.text();
}

TEST(StrangersTest, ABrokerWhoseKeyOthersCanReadDoesNotStart) {
  KeyedFolder folder;
  ASSERT_EQ(chmod((folder.path() + "/keys/server.key").c_str(), 0640), 0);
  BrokerOptions options;
  options.folder = folder.path();
  options.listen = {"tcp://127.0.0.1:*"};
  const Status told = Broker::open(options).status();
  EXPECT_EQ(told.code(), Code::kDenied);
  EXPECT_THAT(told.help(), HasSubstr("chmod 600"));
}

TEST(StrangersTest, WithKeysABrokerListensBeyondThisMachineAndNotInsecurely) {
  KeyedFolder folder;
  BrokerOptions options;
  options.folder = folder.path();
  options.listen = {"tcp://0.0.0.0:*"};
  const auto broker = Broker::open(options);
  EXPECT_TRUE(broker) << broker.status().to_string();
  KeyedFolder other;
  options.folder = other.path();
  options.insecure = true;
  const Status told = Broker::open(options).status();
  EXPECT_EQ(told.code(), Code::kInvalidArgument);
  EXPECT_THAT(told.message(), HasSubstr("--insecure"));
}

TEST(StrangersTest, AuthorizedFilesThatOthersCanWriteLetNobodyIn) {
  KeyedFolder folder;
  const ClientKeysPtr keys = folder.authorized_key("anna", Role::kAdmin);
  ASSERT_EQ(chmod(folder.authorized("anna.pub").c_str(), 0666), 0);
  const RunningBroker broker(folder.path());
  EXPECT_EQ(refusal(broker.tcp(), keys).code(), Code::kDenied);
  ASSERT_EQ(chmod(folder.authorized("anna.pub").c_str(), 0644), 0);
  EXPECT_TRUE(soon([&] { return refusal(broker.tcp(), keys).is_ok(); }));
  ASSERT_EQ(chmod(folder.authorized("").c_str(), 0777), 0);
  EXPECT_TRUE(soon([&] { return refusal(broker.tcp(), keys).code() == Code::kDenied; }));
}

}  // namespace
}  // namespace scopa::server
