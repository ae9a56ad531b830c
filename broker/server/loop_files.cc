// Sweep files that come with a `create` or an `edit`: reading and checking a large one takes a
// second, in which a broker must answer others.
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>
#include <variant>

#include "broker/core/prepared.h"
#include "broker/server/loop.h"
#include "broker/server/rebuild.h"

namespace scopa::server {

/// One at a time, in a thread of their own.
void Loop::read_next_file() {
  if (stopping_ || reading_file_) return;
  auto asked = files_.next();
  if (!asked) return;
  reading_file_ = true;
  boost::asio::post(*file_thread_, [this, asked = std::move(*asked)]() mutable {
    if (auto* create = std::get_if<wire::Create>(&asked.message)) {
      file_was_read(asked.from, core::prepare(std::move(*create)));
    } else {
      file_was_read(asked.from, core::prepare(std::move(std::get<wire::Edit>(asked.message))));
    }
  });
}

void Loop::decide_on(core::ClientId from, core::PreparedSweep& prepared) {
  core_->create(from, prepared, now(), &round_->turn);
}

void Loop::decide_on(core::ClientId from, core::PreparedEdit& prepared) {
  core_->edit(from, prepared, now(), &round_->turn);
}

/// From the thread that read it.
template <class Prepared>
void Loop::file_was_read(core::ClientId from, std::shared_ptr<Prepared> prepared) {
  boost::asio::post(io_, [this, from, prepared = std::move(prepared)] {
    when_reread([this, from, prepared] {
      reading_file_ = false;
      if (stopping_) return;
      if (standing_.is_well()) {
        decide_on(from, *prepared);
        decided();
      } else {
        send(from, error_reply(core::request_of(*prepared), standing_.refusal(now())));
      }
      read_next_file();
      pump_later();
    });
  });
}

}  // namespace scopa::server
