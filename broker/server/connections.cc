#include "broker/server/connections.h"

#include <algorithm>
#include <utility>

namespace scopa::server {

Connections::Parcel::Parcel(std::string_view body, Counter own, Counter all)
    : body_(body), own_(std::move(own)), all_(std::move(all)) {
  *own_ += body_.size();
  *all_ += body_.size();
}

Connections::Parcel::~Parcel() {
  *own_ -= body_.size();
  *all_ -= body_.size();
}

void Connections::opened(int fd, Time now) {
  closed(fd);
  by_fd_[fd] = {now, {}};
}

void Connections::closed(int fd) {
  const auto open = by_fd_.find(fd);
  if (open == by_fd_.end()) return;
  if (!open->second.routing_id.empty()) {
    peers_.erase(open->second.routing_id);
    gone_.push_back(std::move(open->second.routing_id));
  }
  by_fd_.erase(open);
}

void Connections::heard(std::string_view routing_id, const std::function<int()>& fd_of, Time now) {
  auto peer = peers_.find(routing_id);
  if (peer == peers_.end()) {
    const int fd = fd_of();
    peer = peers_.try_emplace(std::string(routing_id)).first;
    peer->second.queued = std::make_shared<std::atomic<std::size_t>>(0);
    if (const auto open = by_fd_.find(fd); open != by_fd_.end()) {
      peer->second.fd = fd;
      open->second.routing_id = routing_id;
    }
  }
  peer->second.heard_at = now;
}

bool Connections::knows(std::string_view routing_id) const { return peers_.contains(routing_id); }

void Connections::gone(std::string_view routing_id) {
  const auto peer = peers_.find(routing_id);
  if (peer == peers_.end()) return;
  const auto open = by_fd_.find(peer->second.fd);
  if (open != by_fd_.end() && open->second.routing_id == routing_id) by_fd_.erase(open);
  peers_.erase(peer);
}

std::unique_ptr<Connections::Parcel> Connections::pack(std::string_view routing_id,
                                                       std::string_view body) {
  const auto peer = peers_.find(routing_id);
  const Counter own =
      peer == peers_.end() ? std::make_shared<std::atomic<std::size_t>>(0) : peer->second.queued;
  if (*own + body.size() > bounds_.queue_bytes) return nullptr;
  if (*all_ + body.size() > bounds_.queues_bytes) return nullptr;
  return std::make_unique<Parcel>(body, own, all_);
}

int Connections::to_blame(std::string_view routing_id) const {
  const auto own = peers_.find(routing_id);
  // Less than half of its share waits for it: then it is the others.
  if (own != peers_.end() && *own->second.queued > bounds_.queue_bytes / 2) return own->second.fd;
  const auto most = std::max_element(
      peers_.begin(), peers_.end(),
      [](const auto& a, const auto& b) { return *a.second.queued < *b.second.queued; });
  return most == peers_.end() ? -1 : most->second.fd;
}

std::vector<int> Connections::overdue(Time now) {
  // What was still under way when its connection ended.
  std::erase_if(peers_, [&](const auto& each) {
    return each.second.fd < 0 && now - each.second.heard_at > bounds_.silence;
  });
  std::vector<int> fds;
  std::vector<std::pair<std::pair<bool, Time>, int>> others;
  for (const auto& [fd, open] : by_fd_) {
    const bool has_spoken = !open.routing_id.empty();
    const auto peer = peers_.find(open.routing_id);
    const Time since = has_spoken && peer != peers_.end() ? peer->second.heard_at : open.since;
    if (now - since > (has_spoken ? bounds_.silence : bounds_.first_word)) {
      fds.push_back(fd);
    } else {
      others.push_back({{has_spoken, since}, fd});
    }
  }
  if (others.size() > bounds_.connections) {
    std::sort(others.begin(), others.end());
    for (std::size_t i = 0; i < others.size() - bounds_.connections; ++i) {
      fds.push_back(others[i].second);
    }
  }
  return fds;
}

}  // namespace scopa::server
