#pragma once

#include "cli/args.h"

/// Each command declares its arguments and its action; one file per command, except where several
/// are one.
namespace scopa::cli {

void declare_ask_tell(Args& args);
void declare_backup(Args& args);
void declare_best(Args& args);
void declare_broker(Args& args);
void declare_cancel(Args& args);
void declare_check(Args& args);
void declare_completion(Args& args);
void declare_create(Args& args);
void declare_edit(Args& args);
void declare_enqueue(Args& args);
void declare_explain(Args& args);
void declare_export(Args& args);
void declare_help(Args& args);
void declare_init(Args& args);
void declare_keygen(Args& args);
void declare_logs(Args& args);
void declare_ls(Args& args);
void declare_pause(Args& args);
void declare_quarantine(Args& args);
void declare_rehearse(Args& args);
void declare_replay(Args& args);
void declare_restore(Args& args);
void declare_resume(Args& args);
void declare_retry(Args& args);
void declare_rm(Args& args);
void declare_run(Args& args);
void declare_schema(Args& args);
void declare_show(Args& args);
void declare_status(Args& args);
void declare_stop(Args& args);
void declare_store(Args& args);
void declare_trials(Args& args);
void declare_try(Args& args);
void declare_version(Args& args);
void declare_worker(Args& args);

}  // namespace scopa::cli
