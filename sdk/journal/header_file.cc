#include "sdk/journal/header_file.h"

#include <cstdio>
#include <cstring>

#include "sdk/journal/trial_header.h"

namespace scopa::journal {
namespace {

Fixed fixed_part(const std::string& trial_bytes) {
  Fixed fixed{};
  fixed.magic = kMagic;
  fixed.version = kLayoutVersion;
  fixed.header_bytes = sizeof(Header);
  fixed.record_bytes = sizeof(Record);
  fixed.segment_records = limits::kSegmentRecords;
  fixed.segments_max = limits::kSegmentsMax;
  fixed.metrics_max = limits::kJournalMetricsMax;
  fixed.names_bytes = kNamesBytes;
  fixed.trial_bytes = static_cast<std::uint32_t>(trial_bytes.size());
  fixed.trial_checksum = checksum_of(trial_bytes);
  fixed.checksum = checksum_of({reinterpret_cast<const char*>(&fixed), offsetof(Fixed, checksum)});
  return fixed;
}

Status check_fixed(const std::string& path, const Fixed& fixed) {
  if (fixed.magic != kMagic) return {Code::kCorruption, path + ": not a trial journal"};
  if (fixed.version != kLayoutVersion) {
    return {Code::kUnsupported,
            path + ": journal layout " + std::to_string(fixed.version) + ", this build knows " +
                std::to_string(kLayoutVersion),
            "build trainer and worker with the same version of Scopa"};
  }
  const std::string_view bytes(reinterpret_cast<const char*>(&fixed), offsetof(Fixed, checksum));
  if (fixed.checksum != checksum_of(bytes)) return {Code::kCorruption, path + ": damaged"};
  if (fixed.header_bytes != sizeof(Header) || fixed.record_bytes != sizeof(Record) ||
      fixed.segment_records != limits::kSegmentRecords ||
      fixed.segments_max != limits::kSegmentsMax ||
      fixed.metrics_max != limits::kJournalMetricsMax || fixed.names_bytes != kNamesBytes ||
      fixed.trial_bytes > kTrialBytesMax) {
    return {Code::kUnsupported, path + ": a journal with other bounds than this build's"};
  }
  return Status::ok();
}

}  // namespace

std::string header_path(const std::string& folder) { return folder + "/header"; }

std::string segment_path(const std::string& folder, std::uint64_t segment) {
  char name[32];
  std::snprintf(name, sizeof name, "/segment-%05llu", static_cast<unsigned long long>(segment));
  return folder + name;
}

Status create_header(const std::string& folder, const TrialHeader& trial) {
  const std::string trial_bytes = encode_trial_header(trial);
  if (trial_bytes.size() > kTrialBytesMax) {
    return {Code::kInvalidArgument, "journal: the trial's parameters are too large"};
  }
  const Fixed fixed = fixed_part(trial_bytes);
  const std::string_view fixed_bytes(reinterpret_cast<const char*>(&fixed), sizeof fixed);
  return publish_file(folder, header_path(folder), sizeof(Header) + trial_bytes.size(),
                      {{offsetof(Header, fixed), fixed_bytes}, {sizeof(Header), trial_bytes}});
}

Result<HeaderFile> open_header(const std::string& folder) {
  const std::string path = header_path(folder);
  SCOPA_ASSIGN_OR_RETURN(MappedFile head, MappedFile::open(path, sizeof(Header)));
  Fixed fixed{};
  std::memcpy(&fixed, head.data() + offsetof(Header, fixed), sizeof fixed);
  SCOPA_RETURN_IF_ERROR(check_fixed(path, fixed));
  SCOPA_ASSIGN_OR_RETURN(MappedFile file,
                         MappedFile::open(path, sizeof(Header) + fixed.trial_bytes));
  // A copy: what has been checked must be what is read.
  const std::string trial_bytes(file.data() + sizeof(Header), fixed.trial_bytes);
  if (checksum_of(trial_bytes) != fixed.trial_checksum) {
    return Status(Code::kCorruption, path + ": the trial header is damaged");
  }
  SCOPA_ASSIGN_OR_RETURN(TrialHeader trial, decode_trial_header(trial_bytes));
  return HeaderFile{std::move(file), std::move(trial)};
}

std::optional<std::string_view> name_at(const Names& names, std::uint32_t id) {
  if (id >= names.entries.size()) return std::nullopt;
  const std::uint64_t entry = names.entries[id].load(std::memory_order_acquire);
  const std::uint64_t bytes = entry >> 32;
  const std::uint64_t offset = entry & 0xFFFF'FFFFu;
  if (bytes == 0 || bytes > limits::kNameBytesMax || offset + bytes > names.text.size()) {
    return std::nullopt;
  }
  return std::string_view(names.text.data() + offset, bytes);
}

Result<std::uint32_t> register_name(Names& names, std::string_view name) {
  if (name.empty() || name.size() > limits::kNameBytesMax) {
    return Status(Code::kInvalidArgument,
                  "a metric's name has 1 to " + std::to_string(limits::kNameBytesMax) + " bytes");
  }
  std::uint32_t looked_at = 0;
  std::uint64_t claimed = names.claimed.load(std::memory_order_acquire);
  for (;;) {
    const std::uint64_t count = claimed >> 32;
    const std::uint64_t offset = claimed & 0xFFFF'FFFFu;
    for (; looked_at < count && looked_at < names.entries.size(); ++looked_at) {
      if (name_at(names, looked_at) == name) return looked_at;
    }
    if (count >= names.entries.size() || offset + name.size() > names.text.size()) {
      return Status(Code::kResource, "the journal holds no more metric names");
    }
    const std::uint64_t next = ((count + 1) << 32) | (offset + name.size());
    if (names.claimed.compare_exchange_weak(claimed, next, std::memory_order_acq_rel)) {
      std::memcpy(names.text.data() + offset, name.data(), name.size());
      names.entries[count].store(
          name_entry(static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(name.size())),
          std::memory_order_release);
      return static_cast<std::uint32_t>(count);
    }
  }
}

}  // namespace scopa::journal
