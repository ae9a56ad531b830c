// backup, restore.
#include "broker/store/backup.h"

#include <filesystem>
#include <memory>

#include "broker/store/verify.h"
#include "cli/commands/commands.h"
#include "cli/connect.h"
#include "cli/errors.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/store_report.h"

namespace scopa::cli {
namespace {

struct BackupOptions {
  std::string folder;
};

struct RestoreOptions {
  std::string backup;
  std::string folder;
};

std::string whole_path(const std::string& folder) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(folder, error).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).string();
}

int backup(Context& context, const BackupOptions& o) {
  auto link = connect(context, Access::kWrite);
  if (!link) return fail(context, link.status());
  wire::Backup request;
  request.folder = whole_path(o.folder);
  const auto made = ask<wire::BackedUp>(**link, std::move(request), limits::kBackupTimeout);
  if (!made) return fail(context, made.status());
  if (context.globals.json) {
    print_out(json_document({{"folder", json_text(made->folder)},
                             {"last_seq", std::to_string(made->last_seq)},
                             {"bytes", std::to_string(made->bytes)}}));
    return kExitOk;
  }
  print_out(made->folder + "\n");
  say(context, std::to_string(made->last_seq) + " events and reports, " +
                   std::to_string((made->bytes + 1023) / 1024) +
                   " KiB, verified; logs and checkpoints of trials are not in it\n"
                   "`scopa restore " +
                   made->folder + " FOLDER` makes a store of it\n");
  return kExitOk;
}

int restore(Context& context, const RestoreOptions& o) {
  const auto verified = verify_and_watch(context, o.backup);
  if (!verified) return fail(context, verified.status());
  if (!verified->is_sound()) return fail(context, not_sound(o.backup, *verified));
  const std::string to = whole_path(o.folder);
  if (const Status restored = store::restore_store(o.backup, to); !restored) {
    return fail(context, restored);
  }
  if (context.globals.json) {
    print_out(json_document(
        {{"folder", json_text(to)}, {"last_seq", std::to_string(verified->last_seq)}}));
    return kExitOk;
  }
  print_out(to + "\n");
  say(context, count_of(verified->sweeps, "sweep") + ", " + std::to_string(verified->last_seq) +
                   " events and reports; `scopa broker --dir " + to + "` serves them\n");
  return kExitOk;
}

}  // namespace

void declare_backup(Args& args) {
  auto o = std::make_shared<BackupOptions>();
  args.description(
      "Copies the store, while the broker goes on, or from a folder in which none runs: all that "
      "was acknowledged up to one moment. The copy is verified. Logs and checkpoints of trials "
      "(the folder trials/) are not in it.");
  args.positional(
      "DIR", &o->folder,
      "where to: not there yet or empty, on the broker's machine, best on another disk");
  args.example("scopa backup /backup/scopa-$(date +%F)", "of the broker on this machine");
  args.example("scopa backup /mnt/disk/copy --dir /srv/scopa", "of the folder of a broker");
  args.action([o](Context& c) { return backup(c, *o); });
}

void declare_restore(Args& args) {
  auto o = std::make_shared<RestoreOptions>();
  args.description(
      "Verifies a backup and copies it into a folder, from which a broker then serves. Nothing is "
      "ever replaced: the folder must not have a store.");
  args.positional("BACKUP", &o->backup, "what `scopa backup` made");
  args.positional("DIR", &o->folder, "the folder for --dir: not there yet, or without a store");
  args.example("scopa restore /backup/scopa-2026-11-26 /srv/scopa", "then scopa broker --dir ...");
  args.action([o](Context& c) { return restore(c, *o); });
}

}  // namespace scopa::cli
