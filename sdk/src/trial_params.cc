// The part of a trial that deals with its parameters.
#include <string>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"
#include "sdk/src/trial.h"

using scopa::Value;
using scopa::sdk::Given;

template <class Read, class T>
T scopa_trial::read_param(std::string_view name, T fallback, Read read, const char* wanted) const {
  T value = fallback;
  const Given* given = given_.find(name);
  note_use(name, given);
  if (given != nullptr) {
    if (const auto found = read(*given)) {
      value = *found;
    } else {
      note_unreadable(*given, wanted);
    }
  }
  record(name, Value(value));
  return value;
}

double scopa_trial::param(std::string_view name, double fallback) const {
  return read_param(name, fallback, scopa::sdk::read_double, "a number");
}

std::int64_t scopa_trial::param(std::string_view name, std::int64_t fallback) const {
  const auto read = [this](const Given& given) {
    const auto integer = scopa::sdk::read_integer(given);
    const auto real = scopa::sdk::read_double(given);
    if (integer && real && *real != static_cast<double>(*integer)) {
      note_inexact(given, "an integer, " + std::to_string(*integer));
    }
    return integer;
  };
  return read_param(name, fallback, read, "an integer");
}

bool scopa_trial::param(std::string_view name, bool fallback) const {
  const auto read = [this](const Given& given) {
    const auto flag = scopa::sdk::read_bool(given);
    const auto real = scopa::sdk::read_double(given);
    if (flag && real && *real != 0 && *real != 1) note_inexact(given, "true or false, true");
    return flag;
  };
  return read_param(name, fallback, read, "true or false");
}

bool scopa_trial::has_param(std::string_view name) const {
  const Given* given = given_.find(name);
  if (given != nullptr) note_use(name, given);
  return given != nullptr;
}

const std::string& scopa_trial::params_json() const {
  if (worker_journal_ != nullptr) worker_journal_->note_all_params();
  return params_json_;
}

// What nobody asks for, and what is asked for and is not there, is often one parameter under two
// names: the worker tells.
void scopa_trial::note_use(std::string_view name, const Given* given) const {
  if (worker_journal_ != nullptr) worker_journal_->note_param(name, given != nullptr);
}

const std::string* scopa_trial::text_param(std::string_view name, const char* fallback) const {
  const Given* given = given_.find(name);
  note_use(name, given);
  if (given != nullptr) {
    record(name, Value(given->text));
    return &given->text;
  }
  if (fallback != nullptr) record(name, Value(std::string(fallback)));
  return nullptr;
}

// The journal of a standalone trial tells later what the trial was run with.
void scopa_trial::record(std::string_view name, Value value) const {
  if (!makes_own_) return;
  const std::lock_guard lock(own_mutex_);
  if (asked_.size() >= scopa::limits::kParametersMax ||
      name.size() > scopa::limits::kNameBytesMax || scopa::find_param(asked_, name) != nullptr) {
    return;
  }
  asked_.push_back({std::string(name), std::move(value)});
}

void scopa_trial::note_unreadable(const Given& given, const char* wanted) const {
  const std::string text = "parameter `" + scopa::printable(given.name) + "` is not " + wanted +
                           ": `" + scopa::printable(given.text, 64) + "`";
  if (worker_journal_ != nullptr) worker_journal_->note_param_error(text);
  note_error(text);
}

void scopa_trial::note_inexact(const Given& given, const std::string& as) const {
  if (worker_journal_ == nullptr) return;
  worker_journal_->note_param_error("parameter `" + scopa::printable(given.name) + "` is `" +
                                    scopa::printable(given.text, 64) + "` and was taken as " + as);
}
