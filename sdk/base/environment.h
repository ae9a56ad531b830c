#pragma once

#include <array>

/// The environment variables through which a worker and the SDK in its trainer meet.
namespace scopa::environment {

/// Folder of the trial's journal. Set by the worker; without it the SDK runs standalone.
inline constexpr const char* kJournal = "SCOPA_JOURNAL";
/// What the journal tells too, for programs without the SDK and for ranks that do not see it.
inline constexpr const char* kSweep = "SCOPA_SWEEP";
inline constexpr const char* kTrial = "SCOPA_TRIAL";
inline constexpr const char* kAttempt = "SCOPA_ATTEMPT";
inline constexpr const char* kSeed = "SCOPA_SEED";
inline constexpr const char* kGoal = "SCOPA_GOAL";      // the goal metric's name
inline constexpr const char* kFolder = "SCOPA_FOLDER";  // of the trial; it holds params.json
inline constexpr const char* kParams = "SCOPA_PARAMS";  // JSON, where it fits
inline constexpr const char* kCheckpoint = "SCOPA_CHECKPOINT";   // its path
inline constexpr const char* kResumeStep = "SCOPA_RESUME_STEP";  // that it holds; -1: none
/// "all": ranks other than 0 log too.
inline constexpr const char* kRankLog = "SCOPA_RANK_LOG";

/// Files of a client's secret key and of the broker's public key. A worker keeps them from the
/// trainers that it starts.
inline constexpr const char* kKey = "SCOPA_KEY";
inline constexpr const char* kServerKey = "SCOPA_SERVER_KEY";

/// A distributed trainer's rank is the first of these that is set. A worker must unset them all for
/// the trainers that it starts: itself it may be task 3 of a SLURM step, which says nothing about
/// the trainer; srun, mpirun or torchrun inside the trial set them anew.
inline constexpr std::array<const char*, 5> kRanks = {"SCOPA_RANK", "RANK", "OMPI_COMM_WORLD_RANK",
                                                      "PMI_RANK", "SLURM_PROCID"};

}  // namespace scopa::environment
