#ifndef SCOPA_WORKER_H_
#define SCOPA_WORKER_H_

/**
 * The C interface of libscopa_worker: a trainer that is its own worker. It asks the broker for
 * trials and runs them one after another in this process. C++ programs include scopa/worker.hpp.
 */

#include "scopa/scopa.h"

/* Names as C has them. NOLINTBEGIN(readability-identifier-naming) */

#ifdef __cplusplus
extern "C" {
#endif

/** Set struct_bytes to sizeof(scopa_worker_options) and the rest to 0, then what is wanted. */
typedef struct scopa_worker_options {
  size_t struct_bytes; /**< lets later versions add fields */
  const char* url;     /**< of the broker; null: SCOPA_URL, else the broker that runs in `folder`,
                            else tcp://127.0.0.1:7654 */
  const char* sweep;   /**< id, unique prefix of an id, name, or "@last" */
  uint64_t count;      /**< at most so many trials; 0: as many as there are */
  const char* device;  /**< shown with the trials, e.g. "cuda:0"; null: the GPUs of
                            CUDA_VISIBLE_DEVICES, else "cpu" */
  const char* folder;  /**< trial folders go to folder/trials/SWEEP/NUMBER; null: ".scopa" */
  const char* key;     /**< file of the secret key for a broker that asks for one; null: SCOPA_KEY,
                            else ~/.config/scopa/client.key; "none": go without */
  const char* server_key; /**< file of the broker's public key; null: SCOPA_SERVER_KEY, else
                               ~/.config/scopa/server.pub */
  double wait_seconds;    /**< for a broker that is away at the start; 0: a minute, ten under SLURM;
                               below 0: not at all */
  /** Gets a line for a person at each change of state, on any thread, one at a time. Null: a broker
      that is away is told of on stderr, and nothing else is. Must not throw. */
  void (*log)(const char* line, void* context);
  void* log_context; /**< handed to `log` */
} scopa_worker_options;

typedef struct scopa_worker_result {
  size_t struct_bytes; /**< set to sizeof(scopa_worker_result) */
  uint64_t trials, completed, pruned, failed, cancelled, requeued;
  char error[1024];  /**< why it ended early, one sentence; empty when it did not */
  uint64_t diverged; /**< trials whose goal metric became NaN or infinite */
} scopa_worker_result;

/**
 * Trains one trial. Owns `trial` and closes it before it returns. Returns 0 when training went
 * well, also when it was told to stop; else it writes why into `error` (NUL-terminated) and returns
 * 1: the trial has failed. Must not throw.
 */
typedef int (*scopa_worker_function)(scopa_trial* trial, void* context, char* error,
                                     size_t error_bytes);

/**
 * Runs trials until the sweep has no more, `count` is used up or the broker is out of reach for a
 * minute (ten under SLURM). Blocks; `function` is called on the calling thread. Returns 0, or 1
 * with result->error. `result` may be null.
 */
SCOPA_API int scopa_run_worker(const scopa_worker_options* options, scopa_worker_function function,
                               void* context, scopa_worker_result* result) SCOPA_NOEXCEPT;

/** What a function of scopa_run_worker_until() may return besides 0 and 1: the trial was
 * interrupted by no fault of its own. It goes back to the queue, and no further one is run. */
#define SCOPA_TRIAL_GIVEN_BACK 2

/**
 * The same, for a host that must not wait for long, such as an interpreter whose signals are
 * handled by its own code: `leave` is called about ten times a second on the calling thread while
 * there is no trial to train, and once it returns other than 0 no further trial is run. Null:
 * never.
 */
SCOPA_API int scopa_run_worker_until(const scopa_worker_options* options,
                                     scopa_worker_function function, int (*leave)(void* context),
                                     void* context, scopa_worker_result* result) SCOPA_NOEXCEPT;

#ifdef __cplusplus
} /* extern "C" */
#endif

/* NOLINTEND(readability-identifier-naming) */

#endif /* SCOPA_WORKER_H_ */
