#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace scopa::test {

/// A relay between clients and a broker that does to their connections what networks do. It listens
/// on a port of its own, relays to the broker's unix socket (which a restarted broker has again),
/// and has a thread of its own. All functions may be called from any thread; when one returns, what
/// it says is so.
class TcpProxy {
 public:
  enum class Way : std::uint8_t { kUp, kDown };  ///< to the broker, from the broker
  /// What passes, in the relay's thread, when it has been read and before it is passed on.
  using Tap = std::function<void(std::uint64_t connection, Way way, std::string_view bytes)>;

  /// `target`: "ipc://PATH".
  explicit TcpProxy(const std::string& target, Tap tap = {});
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  /// "tcp://127.0.0.1:PORT".
  std::string endpoint() const;

  /// Nothing passes in this way, nobody is told, nothing is lost: what a partition does to TCP
  /// that heals before TCP gives up.
  void hold(Way way, bool held);
  void hold(bool held);
  /// The connections of now stay open and are dead: what is sent into them vanishes, and neither
  /// side hears of the other's end. New ones are relayed. What a rebooted firewall does.
  void forget_connections();
  /// Ends all connections; while `refusing`, new ones are ended at once.
  void cut(bool refusing = false);
  /// Ends refusing.
  void mend();
  /// Each connection is cut when so many more bytes have passed: in the middle of a frame.
  void cut_after(Way way, std::size_t bytes);
  /// Each piece takes so much longer; at most so many bytes a second (0: any).
  void slow_down(std::chrono::milliseconds delay, std::size_t bytes_per_second);

  std::uint64_t accepted() const;      ///< connections since the start
  std::size_t open() const;            ///< that are relayed now
  std::size_t forgotten_open() const;  ///< forgotten, and the broker has not closed its side
  std::uint64_t bytes(Way way) const;  ///< passed since the start

 private:
  struct Relay;
  std::unique_ptr<Relay> relay_;
};

/// Cuts a stream of ZMTP 3 (NULL mechanism) into the messages in it.
class ZmtpReader {
 public:
  void feed(std::string_view bytes, const std::function<void(std::string_view body)>& on_message);

 private:
  std::string pending_;
  bool has_greeted_ = false;
};

}  // namespace scopa::test
