#include "broker/server/query_queue.h"

#include <algorithm>
#include <string>
#include <variant>

namespace scopa::server {

bool QueryQueue::may_wait(const wire::Message& message, std::size_t bytes) {
  if (std::holds_alternative<wire::Enqueue>(message)) return bytes > limits::kEnqueueBytesQuick;
  return std::holds_alternative<wire::Retry>(message) ||
         std::holds_alternative<wire::ListSweeps>(message) ||
         std::holds_alternative<wire::GetSweep>(message) ||
         std::holds_alternative<wire::ListTrials>(message) ||
         std::holds_alternative<wire::GetPoints>(message) ||
         std::holds_alternative<wire::GetLog>(message) ||
         std::holds_alternative<wire::GetBroker>(message);
}

Status QueryQueue::add(core::ClientId from, wire::Message& message, std::size_t bytes) {
  if (size_ >= all_max_ || bytes > bytes_max_ - bytes_) {
    return {Code::kResource, "the broker has too many questions to answer", "ask again later"};
  }
  const auto id = static_cast<std::uint64_t>(from);
  auto& own = waiting_[id];
  if (own.size() >= each_max_) {
    return {Code::kResource,
            std::to_string(each_max_) + " questions of this connection wait already",
            "read their answers before asking more"};
  }
  if (own.empty()) turns_.push_back(id);
  own.push_back({std::move(message), bytes});
  ++size_;
  bytes_ += bytes;
  return Status::ok();
}

std::optional<QueryQueue::Asked> QueryQueue::next() {
  if (size_ == 0) return std::nullopt;
  const std::uint64_t id = turns_.front();
  turns_.pop_front();
  const auto own = waiting_.find(id);
  Asked asked{core::ClientId{id}, std::move(own->second.front().message)};
  bytes_ -= own->second.front().bytes;
  own->second.pop_front();
  --size_;
  if (own->second.empty()) {
    waiting_.erase(own);
  } else {
    turns_.push_back(id);
  }
  return asked;
}

void QueryQueue::forget(core::ClientId from) {
  const auto id = static_cast<std::uint64_t>(from);
  const auto own = waiting_.find(id);
  if (own == waiting_.end()) return;
  size_ -= own->second.size();
  for (const Waiting& each : own->second) bytes_ -= each.bytes;
  waiting_.erase(own);
  turns_.erase(std::find(turns_.begin(), turns_.end(), id));
}

}  // namespace scopa::server
