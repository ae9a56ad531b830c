#include "tests/simulation/auditor.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace scopa::sim {
namespace {

std::string name(const auto& m) {
  return m.sweep + "/" + std::to_string(m.trial) + " attempt " + std::to_string(m.attempt);
}

/// For people who read a trace.
std::string describe(const core::EventBody& body) {
  std::string text(core::type_of(body));
  std::visit(
      [&](const auto& e) {
        if constexpr (requires { e.trial; }) text += " trial " + std::to_string(e.trial);
        if constexpr (requires { e.attempt; }) text += " attempt " + std::to_string(e.attempt);
        if constexpr (requires { e.worker; }) text += " worker " + e.worker;
        if constexpr (requires { e.state; }) text += " state " + std::to_string(e.state);
        if constexpr (requires { e.step; }) text += " step " + std::to_string(e.step);
        if constexpr (requires { e.extra; }) text += e.extra ? " extra" : "";
        // A stop's reason is a number, which a char would take too, and which would move the
        // literal.
        if constexpr (requires { std::string_view(e.reason); }) text.append(": ").append(e.reason);
        if constexpr (requires { std::string_view(e.message); })
          text.append(": ").append(e.message);
      },
      body);
  return text;
}

}  // namespace

Auditor::Auditor(World* world, Ledger::JournalsOf journals_of)
    : world_(world),
      journals_of_(std::move(journals_of)),
      ledger_(std::make_unique<Ledger>(world, journals_of_)) {}

Auditor::Item Auditor::item_of(const core::Event& event) {
  return {hash_bytes(core::encode_event(event), hash_bytes(event.sweep)), event, {}, true};
}

Auditor::Item Auditor::item_of(const core::PointsAppended& points) {
  const wire::AttemptRef& ref = points.attempt;
  std::uint64_t digest = hash_bytes(points.block, hash_bytes(ref.sweep));
  for (const std::uint64_t each : {ref.trial, std::uint64_t{ref.attempt}, points.from, points.to}) {
    digest = mix(digest ^ each);
  }
  return {digest, {}, points, false};
}

// ---- what is committed --------------------------------------------------------------------------

void Auditor::submitted(const std::vector<core::Event>& events,
                        const std::vector<core::PointsAppended>& points) {
  Items items;
  for (const core::Event& event : events) items.emplace(event.seq, item_of(event));
  for (const core::PointsAppended& each : points) items.emplace(each.seq, item_of(each));
  pending_.push_back(std::move(items));
}

void Auditor::apply(const Items& items) {
  for (const auto& [seq, item] : items) {
    const Kept kept{item.digest, item.points.attempt.sweep, item.points.attempt.trial};
    if (!kept_.emplace(seq, kept).second) {
      return world_->violate("log", "seq " + std::to_string(seq) + " was used twice");
    }
    world_->note("store", item.is_event ? core::type_of(item.event.body) : "points",
                 std::to_string(item.digest));
    if (world_->keeps_text()) {
      world_->say("store", std::to_string(seq) + " " +
                               (item.is_event ? item.event.sweep + " " + describe(item.event.body)
                                              : "points " + name(item.points.attempt) + " [" +
                                                    std::to_string(item.points.from) + ", " +
                                                    std::to_string(item.points.to) + ")"));
    }
    item.is_event ? ledger_->apply(item.event) : ledger_->append(item.points);
    if (item.is_event) forget_removed(item.event);
  }
  if (!items.empty()) boundaries_.push_back(items.rbegin()->first);
}

// What an event says to be removed is not looked for any more.
void Auditor::forget_removed(const core::Event& event) {
  const auto* removed = std::get_if<core::TrialRemoved>(&event.body);
  if (removed == nullptr) return;
  std::erase_if(kept_, [&](const auto& each) {
    return each.first < event.seq && each.second.sweep == event.sweep &&
           each.second.trial == removed->trial;
  });
}

bool Auditor::is_removed_by(const core::Event& removal, std::uint64_t seq, const Item& item) {
  const auto* removed = std::get_if<core::TrialRemoved>(&removal.body);
  return removed != nullptr && !item.is_event && seq < removal.seq &&
         item.points.attempt.sweep == removal.sweep && item.points.attempt.trial == removed->trial;
}

// A commit whose end was not heard of, and that is there all the same, may have removed what was
// there before, in other such commits, and in itself.
void Auditor::forget_removed_by_pending(const Items& stored) {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].empty() || !stored.contains(pending_[i].rbegin()->first)) continue;
    for (const auto& [seq, item] : Items(pending_[i])) {
      if (!item.is_event || !core::removes(item.event.body)) continue;
      forget_removed(item.event);
      for (std::size_t j = 0; j <= i; ++j) {
        std::erase_if(pending_[j], [&removal = item.event](const auto& each) {
          return is_removed_by(removal, each.first, each.second);
        });
      }
    }
  }
}

void Auditor::committed() {
  if (pending_.empty()) return world_->violate("promise", "a commit that nobody asked for");
  const Items items = std::move(pending_.front());
  pending_.pop_front();
  apply(items);
}

Auditor::Items Auditor::read(const store::Store& store) const {
  Items items;
  const auto add = [&](std::uint64_t seq, Item item) {
    if (!items.emplace(seq, std::move(item)).second) {
      world_->violate("log", "the store holds seq " + std::to_string(seq) + " twice");
    }
    return Status::ok();
  };
  Status read =
      store.each_event([&](const core::Event& event) { return add(event.seq, item_of(event)); });
  if (read) {
    read = store.each_points([&](const store::Store::StoredPoints& p) {
      return add(p.seq, item_of({p.seq, p.attempt, p.from, p.to, std::string(p.block)}));
    });
  }
  if (!read) world_->violate("store-readable", read.to_string());
  return items;
}

void Auditor::reopened(const store::Store& store, bool may_have_lost) {
  Items stored = read(store);
  if (may_have_lost) roll_back(stored);
  forget_removed_by_pending(stored);
  for (const auto& [seq, kept] : kept_) {
    const auto found = stored.find(seq);
    if (found == stored.end() || found->second.digest != kept.digest) {
      return world_->violate("durable", "seq " + std::to_string(seq) + " was committed and is " +
                                            (found == stored.end() ? "gone" : "another"));
    }
    stored.erase(found);
  }
  // What was on its way is there as a whole or not at all, and nothing beyond a gap.
  for (const Items& pending : pending_) {
    if (stored.empty()) break;
    for (const auto& [seq, item] : pending) {
      const auto found = stored.find(seq);
      if (found == stored.end() || found->second.digest != item.digest) {
        return world_->violate("atomic", "a commit is there in part: seq " + std::to_string(seq));
      }
      stored.erase(found);
    }
    apply(pending);
  }
  pending_.clear();
  if (!stored.empty()) {
    world_->violate("atomic", "the store has seq " + std::to_string(stored.begin()->first) +
                                  ", which nobody wrote");
  }
}

// Without syncs a loss of power may take the last commits, whole and from the end on.
void Auditor::roll_back(const Items& stored) {
  if (boundaries_.empty() || stored.contains(boundaries_.back())) return;
  pending_.clear();
  const std::uint64_t last = stored.empty() ? 0 : stored.rbegin()->first;
  if (last != 0 && std::find(boundaries_.begin(), boundaries_.end(), last) == boundaries_.end()) {
    return world_->violate("atomic", "the store ends within a commit");
  }
  for (const auto& [seq, kept] : kept_) {
    if (seq <= last && !stored.contains(seq)) {
      return world_->violate("durable", "power loss left a hole at seq " + std::to_string(seq));
    }
  }
  world_->injected("commits lost");
  kept_.clear();
  std::erase_if(boundaries_, [&](std::uint64_t seq) { return seq >= last; });
  ledger_ = std::make_unique<Ledger>(world_, journals_of_);
  for (const auto& [seq, item] : stored) ledger_->foresee(item.event);
  apply(stored);
}

// ---- what is said -------------------------------------------------------------------------------

void Auditor::said(const std::string& worker, const wire::Message& message) {
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { this->check_said(worker, m); }) check_said(worker, m);
      },
      message);
}

void Auditor::check_said(const std::string&, const wire::Ack& m) {
  const LedgerAttempt* attempt = ledger_->attempt(wire::attempt_of(m));
  if (attempt == nullptr || attempt->points < m.to) {
    missing(name(m) + ": points below " + std::to_string(m.to) +
            " were acknowledged, committed are " +
            std::to_string(attempt == nullptr ? 0 : attempt->points));
  }
}

void Auditor::check_said(const std::string& worker, const wire::Assign& m) {
  const LedgerAttempt* attempt = ledger_->attempt(wire::attempt_of(m));
  if (attempt == nullptr || attempt->worker != worker || attempt->request != m.request) {
    missing(name(m) + " was assigned to " + worker + " and is not committed so");
  }
  const LedgerTrial* trial = ledger_->trial(m.sweep, m.trial);
  if (trial != nullptr && trial->params != m.params) missing(name(m) + " has other parameters");
}

void Auditor::check_said(const std::string& worker, const wire::Released& m) {
  const LedgerTrial* trial = ledger_->trial(m.sweep, m.trial);
  const LedgerAttempt* attempt = ledger_->attempt(wire::attempt_of(m));
  // Whoever has lost it to another worker is to be rid of it.
  const bool is_holder = attempt != nullptr && attempt->worker == worker;
  if (is_holder && attempt->live && trial->state == TrialState::kRunning) {
    missing(name(m) + " was released and is live");
  }
}

void Auditor::check_said(const std::string& worker, const wire::Stop& m) {
  const auto reason = static_cast<StopReason>(m.reason);
  LedgerAttempt* attempt = ledger_->attempt(wire::attempt_of(m));
  if (reason == StopReason::kForgotten) {
    if (attempt != nullptr && attempt->live && attempt->worker == worker) {
      missing(name(m) + " was called unknown to its holder");
    }
    return;
  }
  if (reason == StopReason::kFenced) return;
  if (attempt == nullptr || !attempt->stop || attempt->stop->reason != m.reason) {
    missing(name(m) + " was told to stop and no such decision is committed");
  }
}

void Auditor::check_said(const std::string& worker, const wire::NoWork& m) {
  const LedgerSweep* sweep = ledger_->sweep(m.sweep);
  if (m.quarantined && !(sweep != nullptr && sweep->conduct.was_quarantined(worker, ""))) {
    const std::string host = worker.substr(0, worker.find("-w"));
    if (sweep == nullptr || !sweep->conduct.was_quarantined("", host)) {
      missing(worker + " was called quarantined and is not");
    }
  }
  if (!m.finished) return;
  if (sweep == nullptr ||
      !(has_ended(sweep->state) || sweep->state == SweepState::kStopping ||
        std::count_if(sweep->states.begin(), sweep->states.end(),
                      [](SweepState s) { return s != SweepState::kRunning; }))) {
    missing(m.sweep + " was called finished and is not");
  }
}

void Auditor::check_said(const std::string&, const wire::Created& m) {
  if (ledger_->sweep(m.sweep) == nullptr) missing(m.sweep + " was created and is not committed");
}

void Auditor::check_said(const std::string&, const wire::Enqueued& m) {
  const LedgerTrial* trial = ledger_->trial(m.sweep, m.trial);
  if (trial == nullptr || trial->params != m.params) {
    missing("enqueued trial " + std::to_string(m.trial) + " is not committed");
  }
}

void Auditor::check_said(const std::string&, const wire::Done& m) {
  const LedgerSweep* sweep = ledger_->sweep(m.sweep);
  const auto state = static_cast<SweepState>(m.state);
  if (sweep == nullptr ||
      std::find(sweep->states.begin(), sweep->states.end(), state) == sweep->states.end()) {
    missing("sweep " + m.sweep + " is said to be " + std::string(name_of(state)) +
            " and never was");
  }
}

void Auditor::check_said(const std::string&, const wire::Retried& m) {
  for (const std::uint64_t trial : m.trials) {
    if (ledger_->trial(m.sweep, trial) != nullptr) continue;
    missing("retried trial " + std::to_string(trial) + " is not committed");
  }
}

void Auditor::check_said(const std::string&, const wire::Removed& m) {
  for (const std::uint64_t number : m.trials) {
    const LedgerTrial* trial = ledger_->trial(m.sweep, number);
    const bool ever = trial != nullptr && !trial->attempts.empty() && trial->attempts[0].removed;
    if (!ever) missing("the removal of trial " + std::to_string(number) + " is not committed");
  }
}

void Auditor::check_said(const std::string&, const wire::CheckpointKept& m) {
  if (ledger_->attempt(wire::attempt_of(m)) == nullptr) missing(name(m) + " has no checkpoint");
}

void Auditor::check_said(const std::string& worker, const wire::Adopted& m) {
  const LedgerAttempt* attempt = ledger_->attempt(wire::attempt_of(m));
  if (attempt == nullptr || attempt->points < m.to || (m.held && attempt->worker != worker)) {
    missing(name(m) + " was adopted by " + worker + " and is not committed so");
  }
}

}  // namespace scopa::sim
