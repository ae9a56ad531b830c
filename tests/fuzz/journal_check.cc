// The bytes are patches to a valid journal:
//
//     u8   flags: 1 = make the header's checksums right again afterwards
//     then any number of
//     u8   file: 0 header, 1 segment 0, 2 segment 1 (not there until it is patched), 3 cut a file,
//          4 the file `extra`
//     u32  offset, modulo the file's size; for 3: the new size, and the first byte of text the file
//     u8   length of
//     text
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/journal/journal.h"
#include "sdk/journal/layout.h"
#include "sdk/journal/trial_header.h"
#include "sdk/journal/writer.h"
#include "sdk/wire/points.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/input.h"
#include "tests/support/temp_folder.h"

namespace scopa::fuzz {
namespace {

using journal::Header;
using journal::Journal;
using journal::kSegmentBytes;

constexpr std::size_t kPoints = 40;
constexpr std::size_t kRecordsMax = 1000;

journal::TrialHeader sample_header() {
  journal::TrialHeader header;
  header.sweep = "k3v9q2ha";
  header.sweep_name = "brave-otter";
  header.trial = 17;
  header.attempt = 2;
  header.seed = 42;
  header.metric = "loss";
  header.folder = "/nowhere";
  header.params = {
      {"lr", 0.1}, {"layers", std::int64_t{3}}, {"opt", "adam"}, {"x", Composite{"[]"}}};
  return header;
}

/// One folder for all inputs: a valid journal's bytes, put back before each.
class Folder {
 public:
  Folder() {
    (void)Journal::create(path_, sample_header());
    if (auto writer = journal::Writer::open(path_)) {
      const auto loss = (*writer)->metric("loss");
      const auto accuracy = (*writer)->metric("accuracy");
      for (std::size_t i = 0; i < kPoints; ++i) {
        (*writer)->log(i % 2 == 0 ? *loss : *accuracy, static_cast<std::int64_t>(i), 0.5, 1);
      }
    }
    header_ = TempFolder::text_of(journal::header_path(path_));
    extra_ = TempFolder::text_of(journal::extra_path(path_));
    records_ = TempFolder::text_of(journal::segment_path(path_, 0)).substr(0, kPoints * 32);
  }

  const std::string& path() const { return path_; }
  std::string file(std::uint64_t number) const {
    return number == 0 ? journal::header_path(path_) : journal::segment_path(path_, number - 1);
  }
  std::string extra() const { return journal::extra_path(path_); }
  void reset() const {
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path() == file(0) || entry.path() == file(1) || entry.path() == extra()) continue;
      std::filesystem::remove(entry);
    }
    write(extra(), extra_.size(), 0, extra_);
    write(file(0), header_.size(), 0, header_);
    std::error_code ignored;
    std::filesystem::resize_file(file(1), kPoints * 32, ignored);
    write(file(1), kSegmentBytes, 0, records_);
  }
  void apply(std::string_view patches) const {
    Input input(patches);
    const bool repair = (input.number(1) & 1) != 0;
    while (!input.empty()) {
      const std::uint64_t kind = input.number(1) % 5;
      const std::uint64_t offset = input.number(4);
      const std::string_view text = input.text(input.number(1));
      if (kind == 3) {
        cut(file(text.empty() ? 0 : static_cast<unsigned char>(text[0]) % 3), offset);
      } else if (kind == 4) {
        write(extra(), extra_.size(), offset % extra_.size(), text);
      } else {
        const std::size_t bytes = kind == 0 ? header_.size() : kSegmentBytes;
        write(file(kind), bytes, offset % bytes, text);
      }
    }
    if (repair) repair_checksums();
  }

 private:
  static void write(const std::string& file, std::size_t bytes, std::size_t offset,
                    std::string_view text) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    (void)!ftruncate(fd, static_cast<off_t>(bytes));
    text = text.substr(0, bytes - offset);
    (void)!pwrite(fd, text.data(), text.size(), static_cast<off_t>(offset));
    close(fd);
  }
  static void cut(const std::string& file, std::uint64_t bytes) {
    std::error_code ignored;
    const auto now = std::filesystem::file_size(file, ignored);
    if (!ignored) std::filesystem::resize_file(file, bytes % (now + 1), ignored);
  }
  void repair_checksums() const {
    std::string bytes = TempFolder::text_of(file(0));
    if (bytes.size() < sizeof(Header)) return;
    journal::Fixed fixed{};
    std::memcpy(&fixed, bytes.data(), sizeof fixed);
    const std::string_view trial =
        std::string_view(bytes).substr(sizeof(Header), fixed.trial_bytes);
    fixed.trial_checksum = journal::checksum_of(trial);
    fixed.checksum = journal::checksum_of(
        {reinterpret_cast<const char*>(&fixed), offsetof(journal::Fixed, checksum)});
    write(file(0), bytes.size(), 0, {reinterpret_cast<const char*>(&fixed), sizeof fixed});
  }

  TempFolder temp_;
  std::string path_ = temp_ / "journal";
  std::string header_, records_, extra_;
};

std::string check_block(const PointBlock& block, std::uint64_t records) {
  if (block.size() > records) return "more points than records";
  if (block.metric.size() != block.size() || block.step.size() != block.size() ||
      block.time_us.size() != block.size()) {
    return "columns of different lengths";
  }
  std::string bytes;
  wire::encode_points(block, &bytes);
  const auto view = wire::PointsView::parse(bytes);
  return view ? "" : "what was read could not be sent: " + view.status().message();
}

/// All of it in pieces, as the worker does; once more with the writers gone.
std::string check_reading(Journal& journal, bool writers_gone) {
  const std::uint64_t end = journal.reserved();
  std::uint64_t at = 0;
  for (int i = 0; i < 200 && at < end; ++i) {
    PointBlock block;
    const std::uint64_t to = journal.read(at, kRecordsMax, writers_gone, &block);
    if (to < at || to > end) return "an offset beyond what is reserved";
    if (auto why = check_block(block, to - at); !why.empty()) return why;
    if (block.size() > kRecordsMax) return "more points than asked for";
    PointBlock again;
    if (journal.read(at, kRecordsMax, writers_gone, &again) != to || again.step != block.step ||
        again.metrics != block.metrics) {
      return "a lost report cannot be read again as it was";
    }
    if (to == at) return writers_gone ? "reading does not end although nobody writes" : "";
    at = to;
  }
  return {};
}

std::string check_writing(const std::string& folder) {
  auto writer = journal::Writer::open(folder);
  if (!writer) return {};
  (*writer)->attach();
  for (const char* name : {"loss", "another", ""}) {
    const auto metric = (*writer)->metric(name);
    for (int step = 0; metric && step < 3; ++step) (void)(*writer)->log(*metric, step, 1.5, 7);
  }
  (void)(*writer)->stop_reason();
  (void)(*writer)->checkpoint_requests();
  (*writer)->note_checkpoint(3);
  (*writer)->note_resumed(true);
  (*writer)->note_exit(3);
  (*writer)->note_param("lr", true);
  (*writer)->note_param("another", false);
  (*writer)->note_param_error("no number");
  (void)(*writer)->dropped();
  (*writer)->finish();
  return {};
}

}  // namespace

std::string check_trial_header(std::string_view bytes) {
  const auto header = journal::decode_trial_header(bytes);
  if (!header) return {};
  const std::string once = journal::encode_trial_header(*header);
  const auto back = journal::decode_trial_header(once);
  if (!back) return "its own encoding is refused";
  return journal::encode_trial_header(*back) == once ? "" : "a trial header changed in writing";
}

std::string check_journal(std::string_view patches) {
  static const Folder folder;
  folder.reset();
  folder.apply(patches);
  const auto journal = Journal::open(folder.path());
  if (!journal) {
    if (journal.status().message().empty()) return "refused without a reason";
    return check_writing(folder.path());
  }
  (*journal)->set_stop(StopReason::kPruned);
  (*journal)->request_checkpoint();
  if (auto why = check_reading(**journal, false); !why.empty()) return why;
  if (auto why = check_writing(folder.path()); !why.empty()) return why;
  (void)(*journal)->append("loss", 1, 0.5, 1);
  (void)(*journal)->dropped();
  (void)(*journal)->damage();
  const journal::ParamUse use = (*journal)->param_use();
  if (use.asked.size() > limits::kTrainerNotesMax || use.errors.size() > limits::kTrainerNotesMax) {
    return "more notes than there can be";
  }
  if (auto why = check_reading(**journal, true); !why.empty()) return why;
  (*journal)->seal();
  return check_reading(**journal, true);
}

}  // namespace scopa::fuzz
