#include "tests/integration/support/tcp_proxy.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace scopa::test {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;
using Tcp = asio::ip::tcp;
using Unix = asio::local::stream_protocol;

}  // namespace

struct TcpProxy::Relay {
  struct Link;

  /// One way of one connection: read, wait, write, again.
  struct Pipe {
    std::array<char, 16 << 10> room;
    std::size_t filled = 0;
    bool is_waiting = false;  // for the end of a hold
    asio::steady_timer pause;
    explicit Pipe(asio::io_context& io) : pause(io) {}
  };
  struct Link {
    std::uint64_t id = 0;
    Tcp::socket client;
    Unix::socket broker;
    Pipe up, down;
    bool is_dead = false;  // forgotten: reads on, into nothing
    bool is_closed = false;
    explicit Link(asio::io_context& io) : client(io), broker(io), up(io), down(io) {}
    Pipe& pipe(Way way) { return way == Way::kUp ? up : down; }
  };
  using LinkRef = std::shared_ptr<Link>;

  Relay(const std::string& endpoint, Tap tap_function)
      : target(endpoint.substr(endpoint.find("://") + 3)), tap(std::move(tap_function)) {
    acceptor.open(Tcp::v4());
    acceptor.bind({asio::ip::address_v4::loopback(), 0});
    acceptor.listen(4096);
    port = acceptor.local_endpoint().port();
    accept();
    thread = std::thread([this] { io.run(); });
  }
  ~Relay() {
    io.stop();
    thread.join();
  }

  /// Runs `change` in the relay's thread and waits for it.
  template <class Change>
  auto now(Change change) {
    std::packaged_task<decltype(change())()> task(std::move(change));
    auto done = task.get_future();
    asio::post(io, [&task] { task(); });
    return done.get();
  }

  void accept() {
    auto link = std::make_shared<Link>(io);
    acceptor.async_accept(link->client, [this, link](const Error& error) {
      if (!error) begin(link);
      accept();
    });
  }

  void begin(const LinkRef& link) {
    link->id = ++accepted;
    if (refusing) return close(link);
    links.insert(link);
    Error ignored;
    link->client.set_option(Tcp::no_delay(true), ignored);
    Error error;
    link->broker.connect(Unix::endpoint(target), error);
    if (error) return close(link);  // no broker at present
    read(link, Way::kUp);
    read(link, Way::kDown);
  }

  void close(const LinkRef& link) {
    Error ignored;
    link->is_closed = true;
    link->client.close(ignored);
    link->broker.close(ignored);
    link->up.pause.cancel();
    link->down.pause.cancel();
    links.erase(link);
    dead.erase(link);
  }

  void ended(const LinkRef& link, Way way) {
    if (link->is_closed) return;
    if (!link->is_dead) return close(link);
    // A forgotten connection: the other side must not hear of it. Both gone: it is over.
    Error ignored;
    if (way == Way::kUp) {
      link->client.close(ignored);
    } else {
      link->broker.close(ignored);
    }
    if (!link->client.is_open() && !link->broker.is_open()) close(link);
  }

  void read(const LinkRef& link, Way way) {
    Pipe& pipe = link->pipe(way);
    auto done = [this, link, way](const Error& error, std::size_t bytes) {
      if (link->is_closed) return;
      if (error) return ended(link, way);
      link->pipe(way).filled = bytes;
      took(link, way);
    };
    if (way == Way::kUp) {
      link->client.async_read_some(asio::buffer(pipe.room), std::move(done));
    } else {
      link->broker.async_read_some(asio::buffer(pipe.room), std::move(done));
    }
  }

  void took(const LinkRef& link, Way way) {
    if (link->is_dead) return read(link, way);
    Pipe& pipe = link->pipe(way);
    if (tap) tap(link->id, way, {pipe.room.data(), pipe.filled});
    auto time = delay;
    if (rate > 0) time += std::chrono::milliseconds(1000 * pipe.filled / rate);
    if (time.count() == 0) return pass(link, way);
    pipe.pause.expires_after(time);
    pipe.pause.async_wait([this, link, way](const Error&) {
      if (!link->is_closed) pass(link, way);
    });
  }

  void pass(const LinkRef& link, Way way) {
    if (link->is_dead) return read(link, way);
    Pipe& pipe = link->pipe(way);
    if (held[index(way)]) {
      pipe.is_waiting = true;
      return;
    }
    auto& fuse = fuses[index(way)];
    bool is_last = false;
    if (fuse) {
      is_last = pipe.filled >= *fuse;
      pipe.filled = std::min(pipe.filled, *fuse);
      *fuse -= pipe.filled;
      if (is_last) fuse.reset();
    }
    auto done = [this, link, way, is_last](const Error& error, std::size_t bytes) {
      passed[index(way)] += bytes;
      if (link->is_closed) return;
      if (is_last) return close(link);
      if (error) return ended(link, way);
      read(link, way);
    };
    const auto piece = asio::buffer(pipe.room.data(), pipe.filled);
    if (way == Way::kUp) {
      asio::async_write(link->broker, piece, std::move(done));
    } else {
      asio::async_write(link->client, piece, std::move(done));
    }
  }

  void set_held(Way way, bool is_held) {
    held[index(way)] = is_held;
    if (is_held) return;
    for (const LinkRef& link : std::set<LinkRef>(links)) {
      if (std::exchange(link->pipe(way).is_waiting, false)) pass(link, way);
    }
  }

  void forget() {
    for (const LinkRef& link : links) {
      link->is_dead = true;
      dead.insert(link);
      for (const Way way : {Way::kUp, Way::kDown}) {
        if (std::exchange(link->pipe(way).is_waiting, false)) read(link, way);
      }
    }
    links.clear();
  }

  void cut_all() {
    for (const LinkRef& link : std::set<LinkRef>(links)) close(link);
  }

  static std::size_t index(Way way) { return way == Way::kUp ? 0 : 1; }

  std::string target;
  Tap tap;
  asio::io_context io{1};
  Tcp::acceptor acceptor{io};
  unsigned short port = 0;
  std::set<LinkRef> links, dead;
  bool refusing = false;
  bool held[2] = {false, false};
  std::optional<std::size_t> fuses[2];
  std::chrono::milliseconds delay{0};
  std::size_t rate = 0;
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> passed[2] = {0, 0};
  std::thread thread;  // last: it uses the others
};

TcpProxy::TcpProxy(const std::string& target, Tap tap)
    : relay_(std::make_unique<Relay>(target, std::move(tap))) {}
TcpProxy::~TcpProxy() = default;

std::string TcpProxy::endpoint() const { return "tcp://127.0.0.1:" + std::to_string(relay_->port); }

void TcpProxy::hold(Way way, bool held) {
  relay_->now([&] { relay_->set_held(way, held); });
}
void TcpProxy::hold(bool held) {
  hold(Way::kUp, held);
  hold(Way::kDown, held);
}
void TcpProxy::forget_connections() {
  relay_->now([&] { relay_->forget(); });
}
void TcpProxy::cut(bool refusing) {
  relay_->now([&] {
    relay_->refusing = refusing;
    relay_->cut_all();
  });
}
void TcpProxy::mend() {
  relay_->now([&] { relay_->refusing = false; });
}
void TcpProxy::cut_after(Way way, std::size_t bytes) {
  relay_->now([&] { relay_->fuses[Relay::index(way)] = bytes; });
}
void TcpProxy::slow_down(std::chrono::milliseconds delay, std::size_t bytes_per_second) {
  relay_->now([&] {
    relay_->delay = delay;
    relay_->rate = bytes_per_second;
  });
}

std::uint64_t TcpProxy::accepted() const { return relay_->accepted; }
std::size_t TcpProxy::open() const {
  return relay_->now([&] { return relay_->links.size(); });
}
std::size_t TcpProxy::forgotten_open() const {
  return relay_->now([&] {
    return static_cast<std::size_t>(
        std::count_if(relay_->dead.begin(), relay_->dead.end(),
                      [](const auto& l) { return l->broker.is_open(); }));
  });
}
std::uint64_t TcpProxy::bytes(Way way) const { return relay_->passed[Relay::index(way)]; }

void ZmtpReader::feed(std::string_view bytes,
                      const std::function<void(std::string_view body)>& on_message) {
  constexpr std::size_t kGreeting = 64;
  constexpr unsigned kLong = 2, kCommand = 4;
  pending_.append(bytes);
  std::size_t at = 0;
  if (!has_greeted_ && pending_.size() >= kGreeting) {
    has_greeted_ = true;
    at = kGreeting;
  }
  while (has_greeted_ && at < pending_.size()) {
    const auto flags = static_cast<unsigned char>(pending_[at]);
    const std::size_t head = (flags & kLong) != 0 ? 9 : 2;
    if (pending_.size() - at < head) break;
    std::size_t size = 0;
    for (std::size_t i = 1; i < head; ++i) {
      size = size << 8 | static_cast<unsigned char>(pending_[at + i]);
    }
    if (pending_.size() - at - head < size) break;
    if ((flags & kCommand) == 0) {
      on_message(std::string_view(pending_).substr(at + head, size));
    }
    at += head + size;
  }
  pending_.erase(0, at);
}

}  // namespace scopa::test
