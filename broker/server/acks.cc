#include "broker/server/acks.h"

#include <cstddef>
#include <utility>
#include <variant>

namespace scopa::server {

std::size_t Acks::Hash::operator()(const Key& key) const {
  std::uint64_t hash = static_cast<std::uint64_t>(key.to) * 0x9e3779b97f4a7c15ULL;
  hash = (hash ^ key.trial) * 0xbf58476d1ce4e5b9ULL;
  return hash ^ (hash >> 31) ^ key.attempt;
}

void Acks::drop_covered(std::vector<core::Outgoing>* outgoing) {
  latest_.clear();
  is_covered_.assign(outgoing->size(), false);
  bool any = false;
  for (std::size_t i = outgoing->size(); i-- > 0;) {
    const core::Outgoing& words = (*outgoing)[i];
    const auto* ack = std::get_if<wire::Ack>(&words.message);
    if (ack == nullptr) continue;
    const auto [later, is_first] =
        latest_.try_emplace(Key{words.to, ack->trial, ack->attempt}, ack);
    if (is_first) continue;
    if (later->second->sweep == ack->sweep && ack->to < later->second->to) {
      is_covered_[i] = any = true;
    }
    later->second = ack;
  }
  if (!any) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < outgoing->size(); ++i) {
    if (is_covered_[i]) continue;
    if (kept != i) (*outgoing)[kept] = std::move((*outgoing)[i]);
    ++kept;
  }
  outgoing->resize(kept);
}

}  // namespace scopa::server
