#include <cstring>
#include <string_view>

#include "scopa/scopa.h"
#include "sdk/journal/writer.h"
#include "sdk/src/trial.h"

namespace {

std::string_view text_of(const char* text, std::size_t bytes) {
  if (text == nullptr) return {};
  return {text, bytes == SCOPA_NUL ? std::strlen(text) : bytes};
}

// `noexcept` alone would end the trainer where memory runs out.
template <class T, class F>
T guarded(T otherwise, F&& call) noexcept {
  try {
    return call();
  } catch (...) {
    return otherwise;
  }
}

}  // namespace

extern "C" {

const char* scopa_version(void) noexcept { return SCOPA_VERSION_TEXT; }

scopa_trial* scopa_trial_current(int argc, char** argv) noexcept {
  return guarded<scopa_trial*>(nullptr, [&] { return scopa_trial::current(argc, argv).release(); });
}

scopa_trial* scopa_trial_open(const char* folder) noexcept {
  return guarded<scopa_trial*>(nullptr, [&] { return scopa_trial::open(folder).release(); });
}

void scopa_trial_finish(scopa_trial* trial) noexcept {
  if (trial != nullptr) guarded(0, [&] { return trial->finish(), 0; });
}

void scopa_trial_close(scopa_trial* trial) noexcept { delete trial; }

double scopa_trial_param_double(const scopa_trial* trial, const char* name, size_t name_bytes,
                                double fallback) noexcept {
  if (trial == nullptr) return fallback;
  return guarded(fallback, [&] { return trial->param(text_of(name, name_bytes), fallback); });
}

int64_t scopa_trial_param_int(const scopa_trial* trial, const char* name, size_t name_bytes,
                              int64_t fallback) noexcept {
  if (trial == nullptr) return fallback;
  return guarded(fallback, [&] { return trial->param(text_of(name, name_bytes), fallback); });
}

int scopa_trial_param_bool(const scopa_trial* trial, const char* name, size_t name_bytes,
                           int fallback) noexcept {
  const int neutral = fallback != 0 ? 1 : 0;
  if (trial == nullptr) return neutral;
  return guarded(neutral,
                 [&] { return trial->param(text_of(name, name_bytes), fallback != 0) ? 1 : 0; });
}

const char* scopa_trial_param_text(const scopa_trial* trial, const char* name, size_t name_bytes,
                                   const char* fallback, size_t* text_bytes) noexcept {
  const std::string* given = nullptr;
  if (trial != nullptr) {
    given = guarded<const std::string*>(
        nullptr, [&] { return trial->text_param(text_of(name, name_bytes), fallback); });
  }
  const char* text = given != nullptr ? given->c_str() : fallback;
  if (text_bytes != nullptr) {
    *text_bytes = given != nullptr ? given->size() : text_of(fallback, SCOPA_NUL).size();
  }
  return text;
}

int scopa_trial_has_param(const scopa_trial* trial, const char* name, size_t name_bytes) noexcept {
  if (trial == nullptr) return 0;
  return guarded(0, [&] { return trial->has_param(text_of(name, name_bytes)) ? 1 : 0; });
}

int scopa_trial_ok(const scopa_trial* trial) noexcept {
  return trial != nullptr && trial->ok() ? 1 : 0;
}

const char* scopa_trial_params_json(const scopa_trial* trial) noexcept {
  return trial == nullptr ? "{}" : trial->params_json().c_str();
}

const char* scopa_trial_peek_params(const scopa_trial* trial) noexcept {
  return trial == nullptr ? "{}" : trial->peek_params().c_str();
}

scopa_metric* scopa_trial_metric(scopa_trial* trial, const char* name, size_t name_bytes) noexcept {
  if (trial == nullptr) return nullptr;
  return guarded<scopa_metric*>(nullptr, [&] { return trial->metric(text_of(name, name_bytes)); });
}

void scopa_metric_log(scopa_metric* metric, int64_t step, double value) noexcept {
  if (metric == nullptr) return;
  metric->trial->log(*metric, step, value, scopa::journal::Writer::now_us());
}

void scopa_trial_log(scopa_trial* trial, const char* name, size_t name_bytes, int64_t step,
                     double value) noexcept {
  const scopa_value point = {name, name_bytes, value};
  scopa_trial_log_values(trial, step, &point, 1);
}

void scopa_trial_log_values(scopa_trial* trial, int64_t step, const scopa_value* values,
                            size_t count) noexcept {
  if (trial == nullptr || values == nullptr) return;
  guarded(0, [&] {
    const std::int64_t now = scopa::journal::Writer::now_us();
    for (size_t i = 0; i < count; ++i) {
      scopa_metric* metric = trial->metric(text_of(values[i].name, values[i].name_bytes));
      trial->log(*metric, step, values[i].value, now);
    }
    return 0;
  });
}

uint64_t scopa_trial_dropped(const scopa_trial* trial) noexcept {
  if (trial == nullptr) return 0;
  return guarded<uint64_t>(0, [&] { return trial->dropped(); });
}

int scopa_trial_should_stop(const scopa_trial* trial) noexcept {
  return trial != nullptr && trial->stop_reason() != 0 ? 1 : 0;
}

scopa_stop_reason scopa_trial_stop_reason(const scopa_trial* trial) noexcept {
  return trial == nullptr ? SCOPA_STOP_NONE : static_cast<scopa_stop_reason>(trial->stop_reason());
}

int scopa_trial_checkpoint_requested(scopa_trial* trial) noexcept {
  return trial != nullptr && trial->take_checkpoint_request() ? 1 : 0;
}

const char* scopa_trial_checkpoint_path(const scopa_trial* trial) noexcept {
  return trial == nullptr ? "checkpoint" : trial->checkpoint_path().c_str();
}

void scopa_trial_checkpoint_saved(scopa_trial* trial, int64_t step) noexcept {
  if (trial == nullptr) return;
  guarded(0, [&] {
    trial->checkpoint_saved(step);
    return 0;
  });
}

int64_t scopa_trial_resume_step(const scopa_trial* trial) noexcept {
  // The note that it leaves is the journal's business, not the handle's.
  return trial == nullptr ? -1 : const_cast<scopa_trial*>(trial)->resume_step();
}

void scopa_trial_start_over(scopa_trial* trial) noexcept {
  if (trial != nullptr) trial->start_over();
}

const char* scopa_trial_id(const scopa_trial* trial) noexcept {
  return trial == nullptr ? "standalone" : trial->id().c_str();
}

uint64_t scopa_trial_number(const scopa_trial* trial) noexcept {
  return trial == nullptr ? 0 : trial->number();
}

uint32_t scopa_trial_attempt(const scopa_trial* trial) noexcept {
  return trial == nullptr ? 0 : trial->attempt();
}

uint64_t scopa_trial_seed(const scopa_trial* trial) noexcept {
  return trial == nullptr ? 0 : trial->seed();
}

const char* scopa_trial_folder(const scopa_trial* trial) noexcept {
  return trial == nullptr ? "." : trial->folder().c_str();
}

const char* scopa_trial_goal(const scopa_trial* trial) noexcept {
  return trial == nullptr ? "" : trial->goal().c_str();
}

int scopa_trial_standalone(const scopa_trial* trial) noexcept {
  return trial == nullptr || trial->standalone() ? 1 : 0;
}

int scopa_trial_rank(const scopa_trial* trial) noexcept {
  return trial == nullptr ? 0 : trial->rank();
}

const char* scopa_trial_error(const scopa_trial* trial) noexcept {
  if (trial == nullptr) return "out of memory";
  return guarded<const char*>("", [&] { return trial->error(); });
}

}  // extern "C"
