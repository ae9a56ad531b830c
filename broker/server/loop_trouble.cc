// What the broker does while it cannot write to its store; Standing says what that is.
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <filesystem>
#include <utility>
#include <variant>

#include "broker/server/loop.h"
#include "broker/server/notify.h"
#include "broker/server/rebuild.h"
#include "sdk/base/log_text.h"
#include "sdk/base/text.h"
#include "sdk/wire/codec.h"

namespace scopa::server {

/// What the store refused has not happened: whoever waits is told, and what the core knows of it is
/// forgotten.
void Loop::fail(const Round& round, const Status& status) {
  spdlog::error("store failed, nothing can be changed error={}", in_quotes(status.to_string()));
  standing_.commit_failed(status, now());
  const Status told = standing_.refusal(now());
  for (const Round* each : {&round, static_cast<const Round*>(round_.get())}) {
    for (const core::Outgoing& words : refusals(*each, told)) send(words.to, words.message);
  }
  round_->clear();
  rereads_ = false;  // what was to be read again is not stored
  decide_late();     // all of it is refused
  if (stopping_) {
    end_ = status;
    return;
  }
  notify::status("cannot write to the store: " + printable(status.message()));
  armed_for_.reset();
  deadline_.cancel();
  // A large one takes its time to go, so not here.
  std::shared_ptr<core::Core> dropped =
      std::exchange(core_, std::make_unique<core::Core>(core_options()));
  committer_->perform([this, dropped = std::move(dropped)]() mutable {
    dropped.reset();
    boost::asio::post(io_, [this] { work_on_trouble(); });
  });
}

/// A store that somebody has deleted or moved is not noticed by writing to it: what is open stays
/// open.
void Loop::look_at_store() {
  look_.expires_after(limits::kStoreRetry);
  look_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    if (standing_.is_well() && !committing_) {
      if (const Status found = store_->look(); !found) fail(Round(), found);
    }
    look_at_store();
  });
}

/// Whether the message goes on to the core or the store; else it has been dealt with.
bool Loop::serves(core::ClientId from, wire::Message* message) {
  const auto* backup = std::get_if<wire::Backup>(message);
  if (backup != nullptr && standing_.is_well() && core_->knows(from)) {
    back_up(from, *backup);
    return false;
  }
  switch (standing_.fate_of(*message)) {
    case Standing::Fate::kServe:
      return true;
    case Standing::Fate::kAlive:
      send(from, wire::HeartbeatReply{wire::request_of(*message)});
      return false;
    case Standing::Fate::kHold:
      if (held_.size() < limits::kHeldQueriesMax) {
        held_.push_back({from, std::move(*message)});
        return false;
      }
      break;
    case Standing::Fate::kRefuse:
      break;
  }
  send(from, error_reply(wire::request_of(*message), standing_.refusal(now())));
  return false;
}

void Loop::work_on_trouble() {
  // Nobody may read the store while it is opened again. The end of an errand comes back here.
  if (stopping_ || (errands_ > 0 && standing_.is_readable())) return;
  switch (standing_.take_work(now())) {
    case Standing::Work::kNone:
      if (const auto next = standing_.next_work()) {
        trouble_.expires_after(*next - now());
        trouble_.async_wait([this](const boost::system::error_code& error) {
          if (!error) work_on_trouble();
        });
      }
      return;
    case Standing::Work::kProbe:
      return committer_->perform([this] {
        Status status = store_->probe();
        boost::asio::post(io_, [this, status = std::move(status)] {
          standing_.probed(status, now());
          work_on_trouble();
        });
      });
    case Standing::Work::kMend:
      return committer_->perform([this, options = core_options(),
                                  read_anyway = !standing_.is_readable(),
                                  keep = errands_ > 0 ? standing_.trouble() : Status::ok()] {
        auto found = std::make_shared<Mended>(mend(store_.get(), options, read_anyway, keep));
        boost::asio::post(io_, [this, found] { mended(std::move(*found)); });
      });
  }
}

void Loop::mended(Mended mended) {
  if (stopping_) return;
  (void)advance();  // what the core before has answered
  standing_.mended(mended, now());
  if (!mended.is_read) {
    spdlog::error("store cannot be read error={}", in_quotes(mended.is_read.to_string()));
  }
  if (mended.core != nullptr) core_ = std::move(mended.core);
  if (standing_.is_well()) {
    be_well();
  } else {
    spdlog::warn("store does not take writes, only questions are answered error={}",
                 in_quotes(standing_.trouble().to_string()));
  }
  std::deque<Held> held = std::exchange(held_, {});
  for (Held& each : held) decide(each.from, std::move(each.query));
  work_on_trouble();
  pump_later();
}

void Loop::be_well() {
  const auto lasted = std::chrono::duration<double>(now() - standing_.since());
  spdlog::info("store works again last_seq={} after_s={:.1f}", core_->last_seq(), lasted.count());
  notify::status("serving");
  durable_seq_ = core_->last_seq();
  start_model();
  take_over(core_.get(), now(), &round_->turn);
  decided();
}

wire::BrokerInfo Loop::about(std::uint64_t request, session::Role role) const {
  wire::BrokerInfo info;
  info.request = request;
  info.broker = process_id_;
  info.software = "scopa " SCOPA_VERSION;
  std::error_code ignored;
  info.folder = std::filesystem::absolute(options_.folder, ignored).lexically_normal().string();
  info.durability = options_.durability == store::Durability::kPower ? "power" : "process";
  if (!standing_.is_well()) {
    const std::string& help = standing_.trouble().help();
    info.trouble = standing_.refusal(now()).message() + (help.empty() ? "" : "; " + help);
    info.trouble_us = to_unix_us(standing_.since());
  }
  info.started_us = to_unix_us(started_at_);
  info.last_seq = durable_seq_;
  info.clients = static_cast<std::uint32_t>(socket_->connections());
  info.garbage = garbage_frames_;
  info.replies_dropped = replies_dropped_;
  info.refused = socket_->refused();
  info.role = session::name_of(role);
  return info;
}

}  // namespace scopa::server
