// What a broker does before it listens.
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <utility>

#include "broker/server/clock.h"
#include "broker/server/loop.h"
#include "broker/server/rebuild.h"
#include "broker/store/acknowledged.h"

namespace scopa::server {

using std::chrono::duration_cast;
using std::chrono::microseconds;

void Loop::set_clock() {
  const std::string file = options_.folder + "/clock";
  const auto steady = duration_cast<microseconds>(started_.time_since_epoch()).count();
  ClockMark mark{store::boot_id(), steady, to_unix_us(started_at_)};
  const std::int64_t wall_us = mark.unix_us;
  mark.unix_us = begin_time(read_clock(file), mark, core_->anything_runs(), core_->last_event_us());
  write_clock(file, mark);
  started_at_ = from_unix_us(mark.unix_us);
  const std::int64_t apart_s = (wall_us - mark.unix_us) / 1'000'000;
  if (apart_s > 1 || apart_s < -1) {
    spdlog::warn("wall clock was set while trials ran, their time goes on without it apart_s={}",
                 apart_s);
  }
}

/// Where clients need keys, what the store holds is not for every user of the machine.
void Loop::keep_others_out() const {
  std::error_code ignored;
  if (!std::filesystem::exists(options_.folder + "/keys/server.key", ignored)) return;
  std::filesystem::permissions(options_.folder + "/store", std::filesystem::perms::owner_all,
                               ignored);
}

Status Loop::open() {
  SCOPA_ASSIGN_OR_RETURN(
      store_, options_.open_store ? options_.open_store()
                                  : store::Store::open(options_.folder, store::OpenMode::kReadWrite,
                                                       options_.durability));
  core_ = std::make_unique<core::Core>(core_options());
  SCOPA_RETURN_IF_ERROR(rebuild(*store_, core_.get()));
  set_clock();
  keep_others_out();
  durable_seq_ = core_->last_seq();
  SCOPA_ASSIGN_OR_RETURN(auto keys, keys_for(options_.folder, options_.listen));
  SCOPA_ASSIGN_OR_RETURN(socket_, RouterSocket::open(io_, options_.listen, options_.insecure,
                                                     std::move(keys), options_.connections));
  if (options_.handle_signals) catch_signals();
  SCOPA_RETURN_IF_ERROR(write_endpoint_file());
  start_model();
  file_thread_ = std::make_unique<boost::asio::thread_pool>(1);
  errand_thread_ = std::make_unique<boost::asio::thread_pool>(1);
  committer_ = std::make_unique<Committer>(*store_, [this](std::unique_ptr<Round> round,
                                                           Status status) {
    boost::asio::post(io_, [this, round = std::move(round), status = std::move(status)]() mutable {
      committed(std::move(round), std::move(status));
    });
  });
  return Status::ok();
}

core::Options Loop::core_options() {
  const std::string suffix = cores_ == 0 ? "" : "." + std::to_string(cores_);
  ++cores_;
  return {
      .lease = options_.lease, .heartbeat = options_.heartbeat, .broker_id = process_id_ + suffix};
}

void Loop::start_model() {
  model_ = std::make_unique<ModelThread>([this, of = ++models_](core::Suggested suggested) {
    boost::asio::post(io_, [this, of, suggested = std::move(suggested)] {
      when_reread([this, of, suggested] {
        if (stopping_ || of != models_ || !standing_.is_well()) return;
        suggested_.fetch_add(1, std::memory_order_relaxed);
        if (suggested.computed == core::Computed::kAhead)
          ahead_.fetch_add(1, std::memory_order_relaxed);
        if (suggested.computed == core::Computed::kOvertaken)
          overtaken_.fetch_add(1, std::memory_order_relaxed);
        core_->suggested(suggested, now(), &round_->turn);
        decided();
        pump_later();
      });
    });
  });
}

Status Loop::write_endpoint_file() {
  const std::string draft = endpoint_file() + ".new";
  {
    std::ofstream file(draft);
    for (const std::string& endpoint : endpoints()) file << endpoint << '\n';
    if (!file.flush()) return {Code::kResource, "cannot write `" + draft + "`"};
  }
  std::error_code error;
  std::filesystem::rename(draft, endpoint_file(), error);
  if (error) return {Code::kResource, "cannot write `" + endpoint_file() + "`: " + error.message()};
  return Status::ok();
}

}  // namespace scopa::server
