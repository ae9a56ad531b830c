#pragma once

#include "broker/core/core.h"
#include "broker/store/store.h"
#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::server {

/// The state that the stored events and points tell. Errors: those of the store; kCorruption for
/// what does not hold together.
Status rebuild(const store::Store& store, core::Core* core);

/// Answers GetPoints from the store: a PointsReply or an Error.
wire::Message answer_points(const core::Core& core, const store::Store& store,
                            const wire::GetPoints& query);

/// The Error that tells `status` to whoever sent `request`.
wire::Error error_reply(std::uint64_t request, const Status& status);

}  // namespace scopa::server
