#pragma once

#include <string_view>
#include <variant>

#include "sdk/wire/command_messages.h"
#include "sdk/wire/handshake.h"
#include "sdk/wire/query_messages.h"
#include "sdk/wire/worker_messages.h"

/// Everything that travels between broker, workers and command line; docs/protocol.md tells the
/// conversation. One frame is one MessagePack map: the message's `type` and its fields. A struct
/// names its fields once, in `fields`; what encodes and decodes it reads them there, and so does a
/// store. Unknown fields are ignored, missing ones keep the default written here.
namespace scopa::wire {

/// What a peer may send. Order is of no meaning on the wire.
using Message =
    std::variant<Hello, Welcome, Error, Ask, Assign, NoWork, Report, Ack, Stop, Heartbeat,
                 HeartbeatReply, Release, Released, Create, Created, Control, Enqueue, Enqueued,
                 Done, ListSweeps, Sweeps, GetSweep, SweepReply, ListTrials, Trials, GetPoints,
                 PointsReply, Checkpoint, CheckpointKept, Adopt, Adopted, Retry, Retried, Backup,
                 BackedUp, GetLog, LogReply, GetBroker, BrokerInfo, Edit, Remove, Removed>;

/// The `type` of a message, e.g. "report".
std::string_view type_of(const Message& message);

}  // namespace scopa::wire
