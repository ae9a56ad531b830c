#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/context.h"
#include "sdk/base/limits.h"
#include "sdk/base/status.h"
#include "sdk/session/broker_search.h"
#include "sdk/session/client_keys.h"
#include "sdk/wire/messages.h"

namespace scopa::cli {

using session::kDefaultEndpoint;

/// Of one place, to say whether a broker is there.
inline constexpr std::chrono::milliseconds kAnswerTimeout{3000};

/// Somebody who answers: a broker, or a store folder in which none runs.
class Link {
 public:
  virtual ~Link() = default;
  virtual Result<wire::Message> request(
      wire::Message message, std::chrono::milliseconds timeout = limits::kReplyTimeout) = 0;
  /// The broker's endpoint, or the folder.
  virtual const std::string& place() const = 0;
  virtual bool is_broker() const = 0;
  /// Those of the connection; none where it is plain.
  virtual session::ClientKeysPtr keys() const { return nullptr; }
};

/// Whether the command changes something: a store without a broker is then opened for writing.
enum class Access { kRead, kWrite };

/// Finds who answers: --url or SCOPA_URL and nothing else when one is given; else the broker that
/// wrote `folder/endpoint`; else the store in the folder; else, unless --dir was given, the broker
/// at the default endpoint. So what lies in this folder comes first, as with git. A broker that is
/// just starting in the folder is waited for, a few seconds.
/// Errors: kUnavailable that names what was tried and how to start a broker; those of Offline.
Result<std::unique_ptr<Link>> connect(const Context& context, Access access);
/// The same at once, and only a broker will do, since a worker needs one: a store alone is passed
/// over. Its place() is the endpoint.
Result<std::unique_ptr<Link>> connect_broker(const Context& context,
                                             std::chrono::milliseconds timeout = kAnswerTimeout);
/// The broker at `endpoint`, with these keys, whatever the context says.
Result<std::unique_ptr<Link>> connect_to(const std::string& endpoint,
                                         session::ClientKeysPtr keys = nullptr);

/// One request whose reply is of the type `Reply`.
template <class Reply>
Result<Reply> ask(Link& link, wire::Message message,
                  std::chrono::milliseconds timeout = limits::kReplyTimeout) {
  Result<wire::Message> reply = link.request(std::move(message), timeout);
  if (!reply) return reply.status();
  if (auto* got = std::get_if<Reply>(&*reply)) return std::move(*got);
  if (auto* error = std::get_if<wire::Error>(&*reply)) return error->status();
  return Status(Code::kUnsupported,
                "the broker answered with `" + std::string(wire::type_of(*reply)) + "` where `" +
                    std::string(Reply::kType) + "` was expected",
                "are scopa and its broker of the same version?");
}

}  // namespace scopa::cli
