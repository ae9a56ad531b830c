#pragma once

#include <cstdint>

#include "broker/core/core.h"
#include "broker/store/store.h"
#include "sdk/wire/messages.h"

namespace scopa::server {

/// Answers GetLog from the store: a LogReply or an Error. All pages of one log are of one moment:
/// the first one fixes `last_seq`, the highest number that was durable then, in the cursor, and
/// what was written later is left out. So a log that is read from a broker at work holds together.
///
/// A cursor that is none of this sweep's gets an Error; a forged one leads to other entries of the
/// same log, and to nothing else. One page takes some milliseconds.
wire::Message answer_log(const core::Core& core, const store::Store& store,
                         const wire::GetLog& query, std::uint64_t last_seq);

}  // namespace scopa::server
