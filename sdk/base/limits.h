#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the system, in one place. What comes from outside is checked against these and
/// answered with an error; nothing grows without one.
namespace scopa::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Wire.
inline constexpr std::size_t kFrameBytesMax = 4 << 20;
inline constexpr std::size_t kMessageDepthMax = 8;
inline constexpr std::size_t kArrayItemsMax = 100'000;
inline constexpr std::size_t kMapItemsMax = 1024;
inline constexpr std::size_t kNameBytesMax = 256;       // metric, parameter, sweep, worker names
inline constexpr std::size_t kTextBytesMax = 16 << 10;  // error texts, stderr tails
inline constexpr std::size_t kSpecBytesMax = 1 << 20;
inline constexpr std::size_t kReportPointsMax = 4096;
inline constexpr std::size_t kReportMetricsMax = 1024;  // distinct metrics in one report
inline constexpr std::size_t kPageTrialsMax = 1000;     // trials in one answer
inline constexpr std::size_t kSendQueueMessages =
    10'000;                                               // per connection, then dropped and resent
inline constexpr std::size_t kSendQueueBytes = 16 << 20;  // per connection, then it is closed
inline constexpr std::size_t kSendQueuesBytes = 256 << 20;  // of all; then the longest is closed
inline constexpr std::size_t kReceiveQueueMessages = 32;    // per connection, then it waits
inline constexpr int kListenBacklog = 4096;

// Broker.
inline constexpr std::size_t kSweepsMax = 100'000;
inline constexpr std::size_t kTrialsMax = 10'000'000;       // per sweep
inline constexpr std::size_t kSoloTrialsOpenMax = 100'000;  // of a sweep without a broker
inline constexpr std::size_t kQueuedMax = 100'000;          // enqueued configurations per sweep
inline constexpr std::size_t kClientsMax = 20'000;
inline constexpr std::size_t kWorkersMax = 2 * kClientsMax;  // then those that left are forgotten
inline constexpr std::size_t kConnectionsMax = 20'000;  // and no more than 3/4 of the descriptors
inline constexpr seconds kFirstWord{30};                // after that, then it is closed
inline constexpr seconds kSilenceMax{600};              // of a connection, then it is closed
inline constexpr seconds kKeepAliveIdle{30};            // then the kernel looks whether
inline constexpr seconds kKeepAliveProbe{10};           // the other machine still
inline constexpr int kKeepAliveProbes = 6;              // answers: 90 s in all
inline constexpr std::size_t kQueriesMax = 4096;        // waiting for their answer
inline constexpr std::size_t kQueriesOfClientMax = 64;  // of one connection
inline constexpr std::size_t kQueriesBytesMax = 64 << 20;   // of their frames, all together
inline constexpr std::size_t kEnqueueBytesQuick = 4 << 10;  // larger ones wait like questions
inline constexpr std::size_t kCreatesMax = 256;             // sweep files that wait to be read
inline constexpr std::size_t kCreatesOfClientMax = 64;      // of one connection
inline constexpr std::size_t kHeartbeatRunningMax = 4096;   // attempts named by one heartbeat
inline constexpr std::size_t kRoundQueriesMax = 8;          // answered in one commit
inline constexpr std::size_t kWaitingAsksMax = 20'000;
inline constexpr std::size_t kRoundCommandsMax = 4096;    // decided in one commit
inline constexpr std::size_t kRoundBytesMax = 16 << 20;   // of frames decided in one commit
inline constexpr std::size_t kRoundLogPagesMax = 8;       // read from the store in one round
inline constexpr std::size_t kPointsPageBytes = 1 << 20;  // of blocks in one answer
inline constexpr seconds kReplyLinger{1};                 // for the last replies at the end
inline constexpr std::uint32_t kAttemptsMax = 3;          // per trial, that its machines lost
inline constexpr std::uint32_t kPreemptionsMax = 100;    // per trial, in a row without a checkpoint
inline constexpr seconds kSuspectGrace{30};              // from the end of a lease to its loss
inline constexpr std::uint32_t kQuarantineFailures = 3;  // of a worker, in a row, others succeeding
inline constexpr std::size_t kPathBytesMax = 4096;       // of a checkpoint or a backup folder
inline constexpr std::size_t kLogPageBytes = 1 << 20;  // of stored events or reports in one answer
inline constexpr std::size_t kMetricNamesMax = 4096;   // per sweep, remembered for messages
inline constexpr int kStartFailuresMax = 3;            // in a row at the start, then paused
inline constexpr int kOnlyFailuresMax = 10;            // the same where one worker may be to blame
inline constexpr milliseconds kStoreRetry{1000};       // after a failed write, to the next look
inline constexpr seconds kStoreRetryMax{30};           // when it fails again and again
inline constexpr std::size_t kHeldQueriesMax = 1000;   // while the store is being opened again
inline constexpr std::size_t kStoreProblemsMax = 200;  // listed by `scopa store verify`
inline constexpr seconds kBackupTimeout{24 * 3600};    // of the command that waits for one
inline constexpr seconds kBackupSilence{60};           // of the broker meanwhile, then it gives up
inline constexpr seconds kLease{30};
inline constexpr seconds kHeartbeat{5};
inline constexpr milliseconds kAskRetry{500};

// Suggestions that are computed ahead.
inline constexpr milliseconds kAskWaitMax{50};    // for one that rests on all that is known
inline constexpr milliseconds kAheadQuiet{1000};  // then one that would take longer is renewed
inline constexpr int kAheadWastesMax = 6;  // in a row; each doubles the ends that are left out

// Answers, and what is remembered of ended trials.
inline constexpr std::size_t kPageBytes = kFrameBytesMax / 2;  // of sweeps or trials in one answer
inline constexpr std::size_t kTrialBytesMax = 1 << 20;  // of one trial, then its oldest attempts go
inline constexpr std::size_t kListedTextBytes = 512;    // of a text in a list
inline constexpr std::size_t kNoticeBytesMax = 4 << 10;      // of a notice, when one sweep is told
inline constexpr std::size_t kQuarantineBytesMax = 1 << 10;  // of why a worker is out, likewise
inline constexpr std::size_t kReasonBytes = 5 << 10;         // of why a trial ended
inline constexpr std::size_t kEndedBytes = 1 << 10;          // of why an attempt did
// Of an attempt's goal values all of so many, and of those behind them one in so many.
inline constexpr std::uint64_t kGoalValuesKept = 1'048'576;
inline constexpr std::uint64_t kGoalValuesOneIn = 1024;
// Of one trial: metrics of which last and best values are kept, beside the goal, and points beyond
// its latest checkpoint that can still be taken back when one that was saved later is told of.
inline constexpr std::size_t kTrialMetricsMax = 64;
inline constexpr std::size_t kPointsBeyondMax = 4 << 10;

// Keys.
inline constexpr std::size_t kKeyFileBytesMax = 4096;
inline constexpr std::size_t kKeyNameBytesMax = 64;
inline constexpr std::size_t kAuthorizedKeysMax = 4096;
inline constexpr seconds kHandshakeMax{10};     // from a connection to its end, if nobody is let in
inline constexpr seconds kKeysPoll{1};          // between two looks at the authorized keys
inline constexpr seconds kRefusedQuietMax{60};  // between two log lines about refused connections
inline constexpr int kHandshakesBrokenMax = 5;  // in a row, then a client says why it gives up
inline constexpr seconds kPatienceRefused{60};  // of a worker whose key is refused, then it leaves

// Retries and quarantine.
inline constexpr double kQuarantineChance = 1e-4;       // that failures in a row are bad luck
inline constexpr std::size_t kStreakRemembered = 16;    // failed trials of a quarantined worker
inline constexpr std::size_t kEndsRemembered = 256;     // attempts of a sweep, to judge workers by
inline constexpr std::uint32_t kRescuesMax = 2;         // of a trial, from quarantined workers
inline constexpr std::size_t kQuarantinedShown = 1000;  // in one answer
inline constexpr seconds kElsewhereWait{30};            // of a lost trial, for another host
inline constexpr std::size_t kElsewhereLooks = 256;     // at queued trials, for one slot
inline constexpr std::size_t kRetriedMax = 100'000;     // trials, by one request

// Removal.
inline constexpr std::size_t kRemovedMax = 1000;             // trials, by one request
inline constexpr std::size_t kRemovedSweepsMax = 1'000'000;  // remembered, in a store's life

// Sweep files.
inline constexpr std::size_t kSpecNodesMax = 250'000;  // values, aliases expanded
inline constexpr std::size_t kSpecDepthMax = 64;
inline constexpr std::size_t kSpecFindingsMax = 200;  // shown; the rest is counted
inline constexpr std::size_t kCommandPartsMax = 1024;
inline constexpr std::size_t kInitialPointsMax = 10'000;
inline constexpr std::uint32_t kReduceWindowMax = 1000;  // of metric.reduce: mean(k)
inline constexpr std::uint32_t kRetriesMax = 100;        // per trial
inline constexpr std::uint32_t kReplicatesMax = 100;     // per configuration
inline constexpr std::size_t kExpressionBytesMax = 4096;
inline constexpr std::size_t kExpressionDepthMax = 64;
inline constexpr std::size_t kConstraintsMax = 100;
inline constexpr std::size_t kRungsMax = 100;  // at which a pruner compares

// Parameters.
inline constexpr std::size_t kParametersMax = 1000;
inline constexpr std::size_t kCategoriesMax = 100'000;
inline constexpr std::size_t kParamsBytesMax = 256 << 10;  // one configuration as JSON

// Journal.
inline constexpr std::size_t kSegmentRecords = 1 << 16;  // 32 bytes each
inline constexpr std::size_t kSegmentsMax = 4096;
inline constexpr std::size_t kJournalMetricsMax = 4096;

// Worker.
inline constexpr std::size_t kSlotsMax = 256;
inline constexpr std::size_t kReportsInFlight = 16;  // unacknowledged, per attempt
inline constexpr std::size_t kPipeLineBytesMax = 64 << 10;
inline constexpr std::size_t kStderrTailBytes = 4 << 10;
inline constexpr std::uint64_t kLogHeadBytes = 16 << 20;  // kept of a trial's log,
inline constexpr std::uint64_t kLogTailBytes = 48 << 20;  // what is between them is cut out
inline constexpr milliseconds kJournalPoll{2};
inline constexpr milliseconds kJournalPollQuiet{10};  // after a second without a point
inline constexpr milliseconds kReconnectFirst{100};
inline constexpr seconds kReconnectMax{10};
inline constexpr milliseconds kDialMax{1000};  // between attempts of one socket
inline constexpr seconds kResendAfter{3};
inline constexpr milliseconds kGapResend{100};    // after a repeated acknowledgement
inline constexpr seconds kGreetingTimeout{1};     // and the backoff on top
inline constexpr seconds kPatienceIdle{60};       // with a broker that is away, without any trial
inline constexpr seconds kPatienceInSlurm{600};   // the same in a SLURM job
inline constexpr seconds kPatienceResults{3600};  // with results to deliver
inline constexpr seconds kPatienceStopped{10};    // with results to deliver, told to stop
inline constexpr seconds kLastAnswers{1};         // to asks that nobody waits for any more
inline constexpr seconds kNoWorkMax{60};          // the longest wait that a broker can ask for
inline constexpr std::size_t kEndedRemembered = 4096;
inline constexpr std::size_t kTrainerNotesMax = 16;  // of each kind, of one trial
inline constexpr std::uint32_t kRefusalsMax = 20;    // in a row, then the worker gives up
// A trial that is told to stop has the sweep's `grace`, and a fenced one kFencedGrace at most. With
// the SDK SIGTERM comes after it and SIGKILL kTermGrace later; without the SDK SIGTERM comes at
// once and SIGKILL after it.
inline constexpr seconds kGraceDefault{60};
inline constexpr seconds kGraceMax{24 * 3600};
inline constexpr seconds kFencedGrace{10};
inline constexpr seconds kTermGrace{10};
// How long a machine that says that it goes leaves at least, where nothing tells: systemd kills
// after 90 s, cloud machines after 2 minutes; SLURM, once it has sent SIGTERM, after its KillWait.
inline constexpr seconds kNoticeLong{80};
inline constexpr seconds kNoticeShort{30};
inline constexpr seconds kCheckpointGrace{60};  // from such a notice to the stop flag, at most
// Signals that come so close together are one: `timeout` sends each to the program and once more
// to its group, and a terminal may send two kinds at once.
inline constexpr milliseconds kOneSignal{300};
// SLURM signals all processes of a job, but not in one moment: when a trainer has had the signal,
// the worker's own comes by then, or it was for the trainer alone.
inline constexpr seconds kSignalExpected{2};
inline constexpr seconds kOrphanMax{24 * 3600};  // a trainer without its worker, then it is ended
inline constexpr seconds kLookingTurnMax{30};    // of a worker that starts, for others that do
inline constexpr seconds kStragglerGrace{2};     // for what outlives its trainer, to SIGKILL
inline constexpr seconds kUnkillable{30};        // from then on a trial ends without its processes
inline constexpr seconds kReplyTimeout{10};      // CLI requests

// Rehearsals.
inline constexpr std::uint64_t kRehearsalSeedsMax = 10'000;
inline constexpr std::size_t kRehearsalSettingsMax = 64;  // side by side
inline constexpr std::uint64_t kRehearsalWorkersMax = 100'000;
inline constexpr std::uint64_t kRehearsalTrialsMax = 100'000;    // of one rehearsed sweep
inline constexpr std::size_t kEvaluatorLineBytesMax = 16 << 20;  // of one answer
inline constexpr std::size_t kEvaluatorValuesMax = 1'000'000;    // of one curve
inline constexpr seconds kEvaluatorPatience{60};                 // for one answer
inline constexpr milliseconds kEvaluatorLeave{500};         // from the end of its input to SIGKILL
inline constexpr std::size_t kProblemBytesMax = 512 << 20;  // of one file of a problem folder

static_assert(kHeartbeat * 3 <= kLease, "a lease must outlive two lost heartbeats");
static_assert(kReportPointsMax * 26 + (kReportMetricsMax * kNameBytesMax) < kFrameBytesMax,
              "the largest report must fit a frame");
static_assert(kSpecBytesMax < kFrameBytesMax);
static_assert(kReportPointsMax <= kSegmentRecords);

}  // namespace scopa::limits
