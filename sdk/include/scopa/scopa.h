#ifndef SCOPA_SCOPA_H_
#define SCOPA_SCOPA_H_

/**
 * The C interface of libscopa: one trial of a sweep, seen from the program that trains it.
 *
 * C++ programs include scopa/scopa.hpp, a layer of inline functions over this one.
 *
 * - No function throws, ends the process, installs a signal handler or waits for anybody, and none
 *   prints, but for one line when a trial is not ok (scopa_trial_ok()).
 * - Every function accepts a null handle and then does nothing and returns a neutral value.
 * - Every function may be called from any thread, except that nothing may use a handle during or
 *   after scopa_trial_close().
 * - A name or text is a pointer and a length in bytes, or a NUL-terminated text with SCOPA_NUL as
 *   its length.
 *
 *     scopa_trial* trial = scopa_trial_current(argc, argv);
 *     double rate = scopa_trial_param_double(trial, "learning_rate", SCOPA_NUL, 1e-3);
 *     for (int64_t epoch = 0; epoch < 10 && !scopa_trial_should_stop(trial); ++epoch) {
 *       scopa_trial_log(trial, "loss", SCOPA_NUL, epoch, train(rate));
 *     }
 *     scopa_trial_close(trial);
 *
 * Binary compatibility: functions are added, never changed or removed, while the soname stays.
 */

#include <stddef.h>
#include <stdint.h>

#define SCOPA_VERSION_MAJOR 0
#define SCOPA_VERSION_MINOR 1
#define SCOPA_VERSION_PATCH 0

#if defined(__GNUC__)
#define SCOPA_API __attribute__((visibility("default")))
#else
#define SCOPA_API
#endif

/* Names as C has them. NOLINTBEGIN(readability-identifier-naming) */

#ifdef __cplusplus
#define SCOPA_NOEXCEPT noexcept
extern "C" {
#else
#define SCOPA_NOEXCEPT
#endif

/** As a length: the text ends with NUL. */
#define SCOPA_NUL ((size_t)-1)

/** One trial. Owned by who opened it; closed by scopa_trial_close(). */
typedef struct scopa_trial scopa_trial;
/** One metric of a trial. Owned by the trial and valid as long as it. */
typedef struct scopa_metric scopa_metric;

/** Why a trainer should stop. Values are added, never renumbered. */
typedef enum scopa_stop_reason {
  SCOPA_STOP_NONE = 0,
  SCOPA_STOP_PRUNED = 1,      /**< other trials do better */
  SCOPA_STOP_CANCELLED = 2,   /**< the sweep or the trial was cancelled */
  SCOPA_STOP_FENCED = 3,      /**< somebody else runs this trial by now */
  SCOPA_STOP_WORKER_EXIT = 4, /**< the worker is going away */
  SCOPA_STOP_DIVERGED = 5,    /**< the goal metric is NaN or infinite */
  SCOPA_STOP_TIME_LIMIT = 6,  /**< the trial has run for the sweep's max_trial_time */
  SCOPA_STOP_STEP_LIMIT = 7,  /**< it goes on beyond max_steps, where the trial was complete */
  SCOPA_STOP_BUDGET = 8       /**< the sweep's budget is used up */
} scopa_stop_reason;

/** One value of scopa_trial_log_values(). */
typedef struct scopa_value {
  const char* name;
  size_t name_bytes; /**< or SCOPA_NUL */
  double value;
} scopa_value;

/** The library's version, "0.1.0". */
SCOPA_API const char* scopa_version(void) SCOPA_NOEXCEPT;

/* ---- opening and closing --------------------------------------------------------------------- */

/**
 * Joins the trial that a worker started this process for (its journal is named in SCOPA_JOURNAL).
 * Without one: a standalone trial, whose parameters are the fallbacks in the code or what the
 * command line says (`--name=value`, `--name value`, `name=value`; argv may be null).
 * Where the journal cannot be used, as on another machine, the environment (SCOPA_PARAMS and
 * others) or the trial's folder tells parameters, seed and resume step; such a trial logs nothing
 * and is never told to stop (see scopa_trial_error()). With neither it is not ok
 * (scopa_trial_ok()). Null only when memory is exhausted.
 */
SCOPA_API scopa_trial* scopa_trial_current(int argc, char** argv) SCOPA_NOEXCEPT;

/**
 * Joins the trial whose journal is in `folder`, whatever the environment says; its rank is 0. For
 * programs that run several trials, one after another or at once. Null only when memory is
 * exhausted.
 */
SCOPA_API scopa_trial* scopa_trial_open(const char* folder) SCOPA_NOEXCEPT;

/**
 * 0 when a worker started this trial and nothing tells what its parameters are: leave, for what
 * would be trained is not what was asked for. Also 0 for null. 1 else, in standalone trials too.
 */
SCOPA_API int scopa_trial_ok(const scopa_trial* trial) SCOPA_NOEXCEPT;

/** Says that training is complete. Points logged later are dropped and counted. */
SCOPA_API void scopa_trial_finish(scopa_trial* trial) SCOPA_NOEXCEPT;

/** Frees the trial and all its metrics. What was logged stays and is delivered. */
SCOPA_API void scopa_trial_close(scopa_trial* trial) SCOPA_NOEXCEPT;

/* ---- parameters ------------------------------------------------------------------------------ */

/**
 * The value chosen for `name`; where the sweep does not vary it, what the command line says; else
 * `fallback`. A number is read from text; reals are rounded to the nearest integer and clamped
 * where an integer is asked for, but one of which nothing would be left (0.0013) is none. A value
 * that cannot be read as asked gives `fallback` and is noted in scopa_trial_error().
 */
SCOPA_API double scopa_trial_param_double(const scopa_trial* trial, const char* name,
                                          size_t name_bytes, double fallback) SCOPA_NOEXCEPT;
SCOPA_API int64_t scopa_trial_param_int(const scopa_trial* trial, const char* name,
                                        size_t name_bytes, int64_t fallback) SCOPA_NOEXCEPT;
/** 0 or 1. Reads true/false, yes/no, on/off and numbers; a bare `--name` is true. */
SCOPA_API int scopa_trial_param_bool(const scopa_trial* trial, const char* name, size_t name_bytes,
                                     int fallback) SCOPA_NOEXCEPT;
/**
 * The text lives as long as the trial and ends with NUL; its length goes to `*text_bytes` unless
 * that is null. Numbers are spelled out, lists and objects are JSON. Returns `fallback` itself,
 * which may be null, where nothing was chosen.
 */
SCOPA_API const char* scopa_trial_param_text(const scopa_trial* trial, const char* name,
                                             size_t name_bytes, const char* fallback,
                                             size_t* text_bytes) SCOPA_NOEXCEPT;
/** 1 when the sweep or the command line gives `name` a value. */
SCOPA_API int scopa_trial_has_param(const scopa_trial* trial, const char* name,
                                    size_t name_bytes) SCOPA_NOEXCEPT;
/**
 * The trial's configuration as one JSON object; the text lives as long as the trial. In a
 * standalone trial: what the command line says.
 */
SCOPA_API const char* scopa_trial_params_json(const scopa_trial* trial) SCOPA_NOEXCEPT;
/**
 * The same text, for bindings of other languages that hand out one parameter after another: by this
 * the program has not asked for any. scopa_trial_has_param() says that it asks for one.
 */
SCOPA_API const char* scopa_trial_peek_params(const scopa_trial* trial) SCOPA_NOEXCEPT;

/* ---- metrics --------------------------------------------------------------------------------- */

/**
 * The metric `name` (1 to 256 bytes), the same handle each time. Fetch it once, outside of the
 * loop.
 */
SCOPA_API scopa_metric* scopa_trial_metric(scopa_trial* trial, const char* name,
                                           size_t name_bytes) SCOPA_NOEXCEPT;
/** Logs a point with the time of now. NaN and infinities are facts too, and kept. */
SCOPA_API void scopa_metric_log(scopa_metric* metric, int64_t step, double value) SCOPA_NOEXCEPT;
/** The same by name; the look-up costs some 10 ns more. */
SCOPA_API void scopa_trial_log(scopa_trial* trial, const char* name, size_t name_bytes,
                               int64_t step, double value) SCOPA_NOEXCEPT;
/** Logs several metrics of one step with one time stamp. */
SCOPA_API void scopa_trial_log_values(scopa_trial* trial, int64_t step, const scopa_value* values,
                                      size_t count) SCOPA_NOEXCEPT;
/**
 * Points that could not be kept (no room, too many or too long names, logged after the end); then
 * scopa_trial_error() tells why. Where there is no room the last point of each metric is kept all
 * the same, so that its final value is known.
 */
SCOPA_API uint64_t scopa_trial_dropped(const scopa_trial* trial) SCOPA_NOEXCEPT;

/* ---- the way back ---------------------------------------------------------------------------- */

/** 1 once the trial should end: save what is wanted and return. One atomic load. */
SCOPA_API int scopa_trial_should_stop(const scopa_trial* trial) SCOPA_NOEXCEPT;
SCOPA_API scopa_stop_reason scopa_trial_stop_reason(const scopa_trial* trial) SCOPA_NOEXCEPT;

/* ---- checkpoints ----------------------------------------------------------------------------- */

/*
 * A trial whose machine is taken away or lost is tried again, and its next attempt can go on where
 * the last checkpoint was saved; the trial's curve then has no seam. Optional: without it each
 * attempt starts from the beginning.
 *
 *     int64_t epoch = 0;
 *     if (scopa_trial_resume_step(trial) >= 0) {
 *       load(scopa_trial_checkpoint_path(trial));
 *       epoch = scopa_trial_resume_step(trial) + 1;
 *     }
 *     for (; epoch < 100 && !scopa_trial_should_stop(trial); ++epoch) {
 *       scopa_trial_log(trial, "loss", SCOPA_NUL, epoch, train());
 *       if (epoch % 10 == 9 || scopa_trial_checkpoint_requested(trial)) {
 *         save(scopa_trial_checkpoint_path(trial));
 *         scopa_trial_checkpoint_saved(trial, epoch);
 *       }
 *     }
 */

/**
 * 1 once per request, in each process: save a checkpoint soon, the machine will be taken away. A
 * trainer that looks for such requests gets a minute to do it.
 */
SCOPA_API int scopa_trial_checkpoint_requested(scopa_trial* trial) SCOPA_NOEXCEPT;
/**
 * Where this trial's checkpoint is read and written: a file or a folder of your own making; the
 * folder that it is in is there. Write beside it and rename, so that a whole one is there at any
 * time.
 */
SCOPA_API const char* scopa_trial_checkpoint_path(const scopa_trial* trial) SCOPA_NOEXCEPT;
/**
 * Says that the checkpoint is saved and holds everything up to `step`, 0 or more, the last one
 * that was logged. Call it after all points up to that step, and before those after it. Rank 0
 * alone says it.
 */
SCOPA_API void scopa_trial_checkpoint_saved(scopa_trial* trial, int64_t step) SCOPA_NOEXCEPT;
/**
 * The step up to which the checkpoint holds everything: go on after it, or -1: there is none, start
 * from the beginning. A trainer that asks and gets a step goes on from it, unless it says
 * otherwise by scopa_trial_start_over().
 */
SCOPA_API int64_t scopa_trial_resume_step(const scopa_trial* trial) SCOPA_NOEXCEPT;
/**
 * Says that the checkpoint cannot be used and this attempt starts from the beginning:
 * scopa_trial_resume_step() is -1 from now on. Call it before the first point.
 */
SCOPA_API void scopa_trial_start_over(scopa_trial* trial) SCOPA_NOEXCEPT;

/* ---- who am I -------------------------------------------------------------------------------- */

/** "k3v9q2ha/17", or "standalone". */
SCOPA_API const char* scopa_trial_id(const scopa_trial* trial) SCOPA_NOEXCEPT;
/** The trial's number within its sweep, from 0. */
SCOPA_API uint64_t scopa_trial_number(const scopa_trial* trial) SCOPA_NOEXCEPT;
/** From 1; 0 in a standalone trial. */
SCOPA_API uint32_t scopa_trial_attempt(const scopa_trial* trial) SCOPA_NOEXCEPT;
/** The seed that the broker gave this trial; standalone: `--seed=N`, or 0. */
SCOPA_API uint64_t scopa_trial_seed(const scopa_trial* trial) SCOPA_NOEXCEPT;
/** The trial's own folder for checkpoints and output; standalone: the current folder. */
SCOPA_API const char* scopa_trial_folder(const scopa_trial* trial) SCOPA_NOEXCEPT;
/** The goal metric's name; empty in a standalone trial. */
SCOPA_API const char* scopa_trial_goal(const scopa_trial* trial) SCOPA_NOEXCEPT;
/** 1 when no worker started this trial. */
SCOPA_API int scopa_trial_standalone(const scopa_trial* trial) SCOPA_NOEXCEPT;
/** This process's rank in a distributed trainer. Ranks other than 0 log nothing, see docs/sdk.md.
 */
SCOPA_API int scopa_trial_rank(const scopa_trial* trial) SCOPA_NOEXCEPT;
/** The first thing that went wrong, one sentence for a person; empty when nothing did. */
SCOPA_API const char* scopa_trial_error(const scopa_trial* trial) SCOPA_NOEXCEPT;

#ifdef __cplusplus
} /* extern "C" */
#endif

/* NOLINTEND(readability-identifier-naming) */

#endif /* SCOPA_SCOPA_H_ */
