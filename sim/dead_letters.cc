// What becomes of records that are not dealt with. Those that keep failing are parked or skipped
// together with the position behind them, and the parked ones can be handed over again; those that
// the log loses are gone.
#include <algorithm>

#include "sim/consumer_group.h"

namespace sagasim::sim {

// Counts one more failure. Nothing: the record is to be handed over again.
std::optional<Group::Fate> Group::fate_after_failure(const Claim& claim) {
  const BrokerOptions& options = broker_.options_;
  if (!valid(claim)) {
    return std::nullopt;
  }
  Cursor& cursor = *claim.cursor;
  ++cursor.failures_;
  if (options.exhausted == Exhausted::kRetryLater) {
    const std::uint32_t before = cursor.letter_ != nullptr ? cursor.letter_->dead.attempts : 0;
    return before + cursor.failures_ < options.attempts ? Fate::kSetAside : Fate::kParked;
  }
  if (cursor.failures_ < options.attempts) {
    return std::nullopt;
  }
  if ((claim.record->corrupt && options.parks_malformed) || options.exhausted == Exhausted::kPark) {
    return Fate::kParked;
  }
  if (options.exhausted == Exhausted::kSkip) {
    return Fate::kSkipped;
  }
  return std::nullopt;
}

// What becomes durable together with the position behind the record.
void Group::settle(const Claim& claim, Fate fate, std::uint64_t cause) {
  Cursor& cursor = *claim.cursor;
  if (fate == Fate::kHandled) {
    if (cursor.letter_ != nullptr) {
      cursor.letter_->settled = true;
    }
    return;
  }
  const Instant now = broker_.world_.now();
  cursor.handled_ = std::max(cursor.handled_, claim.record->offset + 1);
  if (cursor.letter_ != nullptr) {
    DeadLetter& dead = cursor.letter_->dead;
    dead.attempts += cursor.failures_;
    dead.at = now;
    dead.parked = fate == Fate::kParked;
  } else {
    DeadLetter dead{name_, claim.record->clone(), cursor.failures_, now, fate == Fate::kParked};
    if (fate == Fate::kSkipped) {
      skipped_.push_back(std::move(dead));
      return;
    }
    letters_.push_back(Letter{std::move(dead)});
  }
  if (fate == Fate::kSetAside) {
    Letter& letter = cursor.letter_ != nullptr ? *cursor.letter_ : letters_.back();
    hand_again(letter, cause, broker_.options_.retry_delay);
    return;
  }
  for (Observer* observer : broker_.world_.observers()) {
    observer->on_parked(*claim.record, name_);
  }
}

void Group::miss(std::uint32_t topic, std::uint32_t partition, std::uint64_t from,
                 std::uint64_t to) {
  for (const auto& cursor : cursors_) {
    if (cursor->letter_ != nullptr || cursor->topic_ != topic || cursor->partition_ != partition) {
      continue;
    }
    const auto& log = broker_.topics_[topic].partitions[partition];
    for (std::uint64_t offset = std::max(from, cursor->handled_); offset < to; ++offset) {
      const Record& record = log[offset];
      missed_.push_back(Missed{name_, record.type, record.subject});
    }
  }
}

bool Group::redrive(std::uint64_t cause) {
  bool any = false;
  for (Letter& letter : letters_) {
    if (letter.dead.parked) {
      broker_.world_.met(cause, 0);
      hand_again(letter, cause);
      any = true;
    }
  }
  return any;
}

void Group::hand_again(Letter& letter, std::uint64_t cause, Duration delay) {
  const Record& record = letter.dead.record;
  if (letter.cursor == nullptr) {
    const std::uint32_t topic = broker_.topic_index(record.topic);
    letter.cursor = &add_cursor({topic, record.partition}, &letter);
    letter.cursor->generation_ = generation_;
    // Between two rebalances it belongs to whom the next one would give it.
    const std::vector<Member*> members = members_for(topic);
    if (!rebalancing_ && !members.empty()) {
      letter.cursor->owner_ = members[(cursors_.size() - 1) % members.size()];
    }
  }
  Cursor& cursor = *letter.cursor;
  // Whoever is still at the commit that parked it has nothing to say any more.
  stop_timers(cursor);
  ++cursor.deliveries_;
  cursor.delivery_ = 0;
  cursor.busy_ = false;
  cursor.committed_ = record.offset;
  cursor.position_ = record.offset;
  cursor.handled_ = record.offset;
  cursor.commit_cause_ = cause;
  cursor.retries_ = 0;
  cursor.failures_ = 0;
  letter.dead.parked = false;
  if (delay > Duration{}) {
    cursor.busy_ = true;
    cursor.cause_ = cause;
    broker_.world_.scheduler().at(broker_.world_.now() + delay, cause, cursor);
    return;
  }
  pump(cursor, cause);
}

void Group::dead_letters(std::vector<const DeadLetter*>& letters) const {
  for (const Letter& letter : letters_) {
    if (!letter.settled) {
      letters.push_back(&letter.dead);
    }
  }
}

void Group::skipped(std::vector<const DeadLetter*>& letters) const {
  for (const DeadLetter& letter : skipped_) {
    letters.push_back(&letter);
  }
}

}  // namespace sagasim::sim
