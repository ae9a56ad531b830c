#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/server/access.h"
#include "broker/server/connections.h"
#include "broker/server/door.h"
#include "sdk/base/status.h"

namespace boost::asio {
class io_context;
}

namespace scopa::server {

/// One message as it came. Valid until the next receive().
struct Frame {
  std::string_view from;  ///< the connection's routing id
  std::string_view body;
  bool is_single = false;  ///< exactly one frame behind the routing id, as it must be
  Sender sender;           ///< who it is from, as of now: a key may have been revoked
};

enum class Sent { kYes, kGone, kFull };

/// The ROUTER socket in an Asio loop; the one place that knows ZeroMQ's edge-triggered descriptor.
///
/// ZMQ_FD becomes readable when something has changed, not while there is something: a wake-up,
/// send or receive may use up the signal although messages wait. The rule: whenever `on_ready` has
/// been called, and after every send(), call receive() until it returns false (or come back to it
/// later by yourself). One thread.
///
/// It also closes connections whose time is up, as ConnectionBounds say; ZeroMQ has no such call,
/// so it shuts their descriptors down, and ZeroMQ finds them ended.
class RouterSocket {
 public:
  /// Binds the endpoints. `keys`: who may connect; null where there are none.
  /// Errors: kInvalidArgument, kConflict, kResource; see broker.h.
  static Result<std::unique_ptr<RouterSocket>> open(boost::asio::io_context& io,
                                                    const std::vector<std::string>& listen,
                                                    bool insecure,
                                                    std::shared_ptr<BrokerKeys> keys = nullptr,
                                                    ConnectionBounds bounds = {});
  virtual ~RouterSocket() = default;

  /// Calls `on_ready` in the loop whenever there may be something to receive.
  virtual void start(std::function<void()> on_ready) = 0;
  /// False when nothing waits.
  virtual bool receive(Frame* frame) = 0;
  /// A connection that lets more wait than it may (ConnectionBounds) is closed: kFull.
  virtual Sent send(std::string_view to, std::string_view body) = 0;
  /// Gives what was sent a moment to leave, then closes.
  virtual void close() = 0;
  /// As clients can use them: with the ports that the system chose, and the machine's name where
  /// it listens on all addresses.
  virtual const std::vector<std::string>& endpoints() const = 0;
  /// Connections that could not say who they are. From any thread.
  virtual std::uint64_t refused() const = 0;
  /// Connections that are open, as of half a second ago.
  virtual std::size_t connections() const = 0;
  /// The routing ids of those that have ended since the last call, also as of then.
  virtual std::vector<std::string> take_gone() = 0;
  /// Connections that we have closed. From any thread.
  virtual std::uint64_t closed() const = 0;
};

}  // namespace scopa::server
