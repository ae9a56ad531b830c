// What reads the store and takes long, one errand after the other, while the loop goes on.
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <memory>
#include <set>
#include <utility>

#include "broker/server/loop.h"
#include "broker/server/make_backup.h"
#include "broker/server/rebuild.h"
#include "sdk/base/log_text.h"

namespace scopa::server {

/// `then` runs in the loop when `errand` is done.
void Loop::run_errand(std::function<void()> errand, std::function<void()> then) {
  ++errands_;
  boost::asio::post(*errand_thread_, [this, errand = std::move(errand), then = std::move(then)] {
    errand();
    boost::asio::post(io_, [this, then] {
      --errands_;
      then();
      work_on_trouble();
      pump_later();
    });
  });
}

void Loop::back_up(core::ClientId from, const wire::Backup& request) {
  if (backing_up_) {
    return send(from, error_reply(request.request, {Code::kConflict, "a backup is being made",
                                                    "try again when it is done"}));
  }
  backing_up_ = true;
  spdlog::info("backup begins folder={}", in_quotes(request.folder));
  auto made = std::make_shared<Result<wire::BackedUp>>(Status{Code::kUnavailable, "not made"});
  run_errand([this, made, folder = request.folder] { *made = make_backup(*store_, folder); },
             [this, made, from, number = request.request] {
               backing_up_ = false;
               if (*made) {
                 wire::BackedUp& done = **made;
                 done.request = number;
                 spdlog::info("backup made folder={} last_seq={} bytes={}", in_quotes(done.folder),
                              done.last_seq, done.bytes);
                 send(from, done);
               } else {
                 spdlog::error("backup failed error={}", in_quotes(made->status().to_string()));
                 send(from, error_reply(number, made->status()));
               }
             });
}

/// The room of what these events have removed.
void Loop::give_back(const std::vector<core::Event>& events) {
  std::set<SweepId> sweeps;
  for (const core::Event& event : events) {
    if (core::removes(event.body)) sweeps.insert(event.sweep);
  }
  for (const SweepId& sweep : sweeps) {
    auto status = std::make_shared<Status>();
    run_errand([this, sweep, status] { *status = store_->compact(sweep, cancel_errands_); },
               [sweep, status] {
                 if (*status) return;
                 spdlog::warn("room of what was removed not given back sweep={} error={}", sweep,
                              in_quotes(status->to_string()));
               });
  }
}

}  // namespace scopa::server
