#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/ids.h"
#include "sdk/base/value.h"
#include "sdk/wire/fields.h"

/// Command line → broker: what changes a sweep, and the answers.
namespace scopa::wire {

/// Creates a sweep from the text of a sweep file. The same `token` again answers with the same
/// sweep.
struct Create {
  static constexpr std::string_view kType = "create";
  std::uint64_t request = 0;
  std::string token;
  std::string file_name;  // for messages
  std::string spec;       // YAML or JSON
  // What the command line says instead of the file; empty or 0 keeps the file's.
  std::string name;
  std::uint64_t seed = 0;
  std::uint64_t run_cap = 0;
  std::string project;
  SCOPA_FIELDS(Create, v("request", m.request); v("token", m.token); v("file_name", m.file_name);
               v("spec", m.spec); v("name", m.name); v("seed", m.seed); v("run_cap", m.run_cap);
               v("project", m.project));
};

struct Created {
  static constexpr std::string_view kType = "created";
  std::uint64_t request = 0;
  SweepId sweep;
  std::string name;
  SCOPA_FIELDS(Created, v("request", m.request); v("sweep", m.sweep); v("name", m.name));
};

/// On the wire: append, never renumber.
enum class Action : std::uint8_t {
  kPause = 0,
  kResume = 1,  // also lets quarantined workers in again
  kStop = 2,
  kCancel = 3,
  kLift = 4,  // lets one quarantined worker, or host, in again
};

/// Changes a sweep's state. Doing what is already so is no error.
struct Control {
  static constexpr std::string_view kType = "control";
  std::uint64_t request = 0;
  SweepId sweep;
  std::uint8_t action = 0;    // Action
  std::uint64_t run_cap = 0;  // with kResume: the new cap; 0 keeps it
  bool retry_failed = false;  // with kResume: failed trials go back to the queue
  std::string worker;         // with kLift: a worker's id, or a host's name
  SCOPA_FIELDS(Control, v("request", m.request); v("sweep", m.sweep); v("action", m.action);
               v("run_cap", m.run_cap); v("retry_failed", m.retry_failed); v("worker", m.worker));
};

/// Gives a sweep a new text of its file: what it runs, its goal metric, caps, retries, grace and
/// pruner may differ from the old one; its parameters, method and seed may not. Answered with Done.
struct Edit {
  static constexpr std::string_view kType = "edit";
  std::uint64_t request = 0;
  std::string sweep;
  std::string file_name;  // for messages
  std::string spec;       // YAML or JSON
  SCOPA_FIELDS(Edit, v("request", m.request); v("sweep", m.sweep); v("file_name", m.file_name);
               v("spec", m.spec));
};

/// Removes a sweep that has ended, or what is stored of the points of trials that have. What is
/// removed already is no error.
struct Remove {
  static constexpr std::string_view kType = "remove";
  std::uint64_t request = 0;
  std::string sweep;
  bool whole = false;                 // the sweep and everything of it; or, without
  std::vector<std::uint64_t> trials;  // the points of these, at most limits::kRemovedMax
  bool force = false;    // with `whole`: though it has not ended; it is cancelled first
  bool dry_run = false;  // answer what would be removed, and change nothing
  SCOPA_FIELDS(Remove, v("request", m.request); v("sweep", m.sweep); v("whole", m.whole);
               v("trials", m.trials); v("force", m.force); v("dry_run", m.dry_run));
};

struct Removed {
  static constexpr std::string_view kType = "removed";
  std::uint64_t request = 0;
  SweepId sweep;
  std::string name;
  bool whole = false;
  bool before = false;                // the whole of it had been removed before
  std::vector<std::uint64_t> trials;  // whose points are gone now; of a whole sweep none are named
  SCOPA_FIELDS(Removed, v("request", m.request); v("sweep", m.sweep); v("name", m.name);
               v("whole", m.whole); v("before", m.before); v("trials", m.trials));
};

/// One configuration chosen by a person, tried before what the sampler proposes. Parameters that
/// are left out are drawn from their distributions.
struct Enqueue {
  static constexpr std::string_view kType = "enqueue";
  std::uint64_t request = 0;
  std::string token;
  SweepId sweep;
  Params params;
  SCOPA_FIELDS(Enqueue, v("request", m.request); v("token", m.token); v("sweep", m.sweep);
               v("params", m.params));
};

struct Enqueued {
  static constexpr std::string_view kType = "enqueued";
  std::uint64_t request = 0;
  SweepId sweep;
  std::uint64_t trial = 0;
  Params params;
  SCOPA_FIELDS(Enqueued, v("request", m.request); v("sweep", m.sweep); v("trial", m.trial);
               v("params", m.params));
};

/// Puts ended trials back into the queue, as new attempts; what the old ones logged is kept. A
/// finished or stopping sweep goes on, a paused one stays so. The same `token` again answers with
/// what was retried the first time, whatever has become of it.
struct Retry {
  static constexpr std::string_view kType = "retry";
  std::uint64_t request = 0;
  std::string sweep;
  std::vector<std::uint64_t> trials;  // these; or, when empty, all that have failed
  std::uint8_t cause = 0;  // scopa::Cause: of those, the ones that failed of this; 0: any
  std::string token;       // empty: each repetition retries anew
  bool dry_run = false;    // answer what would be retried, and change nothing
  SCOPA_FIELDS(Retry, v("request", m.request); v("sweep", m.sweep); v("trials", m.trials);
               v("cause", m.cause); v("token", m.token); v("dry_run", m.dry_run));
};

struct Retried {
  static constexpr std::string_view kType = "retried";
  std::uint64_t request = 0;
  SweepId sweep;
  std::vector<std::uint64_t> trials;
  std::vector<std::uint64_t> causes;  // scopa::Cause of which each of them had failed; 0: of none
  std::uint64_t more = 0;             // that also match: a request takes limits::kRetriedMax
  SCOPA_FIELDS(Retried, v("request", m.request); v("sweep", m.sweep); v("trials", m.trials);
               v("causes", m.causes); v("more", m.more));
};

/// A consistent copy of the store, made by the broker on its own machine while it serves.
struct Backup {
  static constexpr std::string_view kType = "backup";
  std::uint64_t request = 0;
  std::string folder;  // absolute, must not exist or must be empty
  SCOPA_FIELDS(Backup, v("request", m.request); v("folder", m.folder));
};

struct BackedUp {
  static constexpr std::string_view kType = "backed_up";
  std::uint64_t request = 0;
  std::string folder;
  std::uint64_t last_seq = 0;  // of the events and reports in it
  std::uint64_t bytes = 0;
  SCOPA_FIELDS(BackedUp, v("request", m.request); v("folder", m.folder); v("last_seq", m.last_seq);
               v("bytes", m.bytes));
};

/// The change is durable.
struct Done {
  static constexpr std::string_view kType = "done";
  std::uint64_t request = 0;
  SweepId sweep;
  std::uint8_t state = 0;  // scopa::SweepState
  SCOPA_FIELDS(Done, v("request", m.request); v("sweep", m.sweep); v("state", m.state));
};

}  // namespace scopa::wire
