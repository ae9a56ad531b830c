#include "broker/core/answers.h"

#include <algorithm>
#include <string>

#include "broker/core/sweep.h"
#include "broker/core/wording.h"
#include "sdk/base/limits.h"
#include "sdk/wire/field_codec.h"

namespace scopa::core::answers {
namespace {

static_assert(limits::kSpecBytesMax + limits::kMetricNamesMax * (limits::kNameBytesMax + 3) +
                      Sweep::kNoticesMax * limits::kNoticeBytesMax +
                      limits::kQuarantinedShown * limits::kQuarantineBytesMax +
                      limits::kParametersMax * limits::kNameBytesMax + 3 * limits::kTextBytesMax <
                  limits::kFrameBytesMax,
              "a sweep must fit an answer with all that it has");

/// How much of a frame it takes.
template <class T>
std::size_t bytes_of(const T& item) {
  std::string bytes;
  wire::StringSink sink{&bytes};
  wire::Packer packer(sink);
  packer.pack_map(wire::count_fields(item));
  wire::FieldWriter writer(packer);
  T::fields(item, writer);
  return bytes.size();
}

void shorten_text(std::string* text, std::size_t bytes_max) {
  if (text->size() > bytes_max) *text = shortened(*text, bytes_max);
}

}  // namespace

std::pair<std::uint64_t, std::uint64_t> page(std::uint64_t offset, std::uint64_t limit,
                                             std::uint64_t total) {
  if (limit == 0 || limit > limits::kPageTrialsMax) limit = limits::kPageTrialsMax;
  const std::uint64_t first = std::min(offset, total);
  return {first, first + std::min(limit, total - first)};
}

void shorten(wire::SweepInfo* sweep) {
  sweep->metrics.clear();
  sweep->parameters.clear();
  if (sweep->quarantined.size() > 1) sweep->quarantined.resize(1);
  if (sweep->notices.size() > 1) {
    sweep->notices.erase(sweep->notices.begin(), sweep->notices.end() - 1);
  }
  for (std::string& each : sweep->quarantined) shorten_text(&each, limits::kListedTextBytes);
  for (std::string& each : sweep->notices) shorten_text(&each, limits::kListedTextBytes);
  shorten_text(&sweep->description, limits::kListedTextBytes);
  shorten_text(&sweep->reason, limits::kListedTextBytes);
}

void shorten(wire::TrialInfo* trial) {
  for (wire::AttemptInfo& each : trial->attempts)
    shorten_text(&each.ended, limits::kListedTextBytes);
}

std::size_t fit(wire::SweepInfo* sweep) {
  for (std::string& each : sweep->quarantined) shorten_text(&each, limits::kQuarantineBytesMax);
  for (std::string& each : sweep->notices) shorten_text(&each, limits::kNoticeBytesMax);
  shorten_text(&sweep->description, limits::kTextBytesMax);
  shorten_text(&sweep->reason, limits::kTextBytesMax);
  return bytes_of(*sweep);
}

std::size_t fit(wire::TrialInfo* trial) {
  std::size_t left = bytes_of(*trial);
  if (left <= limits::kTrialBytesMax) return left;
  std::size_t oldest = 0;
  while (oldest + 1 < trial->attempts.size() && left > limits::kTrialBytesMax) {
    left -= bytes_of(trial->attempts[oldest++]);
  }
  trial->attempts.erase(trial->attempts.begin(),
                        trial->attempts.begin() + static_cast<std::ptrdiff_t>(oldest));
  trial->attempts_left_out += oldest;
  return left;
}

}  // namespace scopa::core::answers
