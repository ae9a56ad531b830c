#pragma once

#include <string>
#include <string_view>

#include "sdk/base/status.h"
#include "sdk/session/keys.h"
#include "sdk/wire/messages.h"

namespace scopa::server {

/// Who sends a message. `name` is that of the key; empty where no keys are in use, and for the
/// broker's own user on its unix socket: they may do everything.
struct Sender {
  std::string name;
  session::Role role = session::Role::kNone;
};

/// The least role that may send such a message; kNone for those that a broker sends, which nobody
/// may. A type that is not in the table does not compile.
session::Role role_needed(const wire::Message& message);

/// Whether `sender` may send it. Errors: kDenied, which names the role that is needed.
Status check_role(const Sender& sender, const wire::Message& message);

/// The worker id by which the broker knows a worker: that of its hello, and behind it the name of
/// its key, so that no key can speak for the attempts of another. "vm-1-2@gpu-lab"; unchanged
/// without a key. Errors: kInvalidArgument when it is too long.
Status own_worker_id(const Sender& sender, wire::Hello* hello);

/// Whether `sender` may adopt an attempt whose worker is called `holder`: its own, those of workers
/// without a key, and for an admin all. Errors: kDenied.
Status check_adoption(const Sender& sender, std::string_view holder);

}  // namespace scopa::server
