// What the broker never does, whatever goes wrong. Nothing here knows how it works; what clients
// were told is compared with what is in the logs in the end.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/models/storm.h"

namespace sagasim::sim::models {
namespace {

using faults::Kind;
using toy::Toy;

// Everything about sending and committing that a case may have: all of it loses nothing.
toy::ToyOptions publishing_options(std::uint64_t seed) {
  toy::ToyOptions options = options_of(seed);
  BrokerOptions& broker = options.broker;
  std::uint64_t rest = mix(seed);
  const auto draw = [&rest](std::uint64_t bound) {
    const std::uint64_t drawn = rest % bound;
    rest /= bound;
    return drawn;
  };
  broker.idempotent_producers = draw(2) == 0;
  broker.in_flight = static_cast<std::uint32_t>(draw(2));
  broker.batch = 1 + 3 * static_cast<std::uint32_t>(draw(2));
  broker.linger = milliseconds(static_cast<std::int64_t>(draw(2)) * 50);
  broker.replication.max = milliseconds(static_cast<std::int64_t>(draw(3)) * 400);
  broker.max_poll_interval = seconds(static_cast<std::int64_t>(draw(2)) * 20);
  broker.session_timeout = seconds(2 + static_cast<std::int64_t>(draw(2)) * 8);
  constexpr PositionCommit kWays[] = {PositionCommit::kAfterHandling,
                                      PositionCommit::kWithoutWaiting,
                                      PositionCommit::kAtIntervals};
  broker.commits = kWays[draw(3)];
  return options;
}

struct Publishing : Storm {
  explicit Publishing(const Case& drawn) : Storm(drawn, publishing_options(drawn.seed)) {}
  std::set<std::uint64_t> sent;          // ids of events
  std::set<std::uint64_t> acknowledged;  // likewise
};

constexpr std::uint32_t kEach = 7;  // records of one piece of work, numbered

// Some are sent and not awaited, the others one after the other.
Task<> publish_some(Toy* toy, Context context) {
  auto* storm = static_cast<Publishing*>(toy);
  const std::uint32_t me = context.invocation().subject.major();
  for (std::uint32_t i = 0; i < kEach; ++i) {
    Draft draft = toy->draft(Subject('c', 1 + me % 5), kEach * me + i);
    if (i < 3) {
      toy->broker.send(context, std::move(draft));
      continue;
    }
    const std::uint64_t event_id = draft.event_id;
    storm->sent.insert(event_id);
    auto append = toy->broker.append(context, std::move(draft));
    const Outcome outcome = co_await append;
    if (outcome == Outcome::kOk) {
      storm->acknowledged.insert(event_id);
    }
  }
}

// Now and then the leader dies, and a follower takes its place.
void lose_leaders(Publishing& storm) {
  storm.now_and_then("leader", 4, [&storm](std::uint64_t i) {
    storm.bus.crash(seconds(2), i);
    storm.bus.intervene({Intervention::Kind::kFailOver, "", {}, i});
  });
}

// Whether what each piece of work has sent to a partition is there in that order, copies aside: of
// an idempotent producer everything, of others what it awaited and heard of.
bool is_in_order(const Publishing& storm) {
  for (const auto& log : storm.broker.topics()[0].partitions) {
    std::set<std::uint64_t> known;
    std::map<std::uint32_t, std::uint32_t> last;  // number, by piece of work
    for (const Record& record : log) {
      const bool counts = storm.broker.options().idempotent_producers ||
                          storm.acknowledged.contains(record.event_id);
      if (record.corrupt || !counts || !known.insert(record.event_id).second) {
        continue;
      }
      std::uint32_t& before = last[record.version / kEach];
      if (before >= record.version) {
        return false;
      }
      before = record.version;
    }
  }
  return true;
}

std::string judge(const Case& drawn, Evidence& evidence, void (*sabotage)(Publishing&)) {
  Publishing storm(drawn);
  Chronicle chronicle;
  storm.world.add_observer(chronicle);
  lose_leaders(storm);
  sabotage(storm);
  if (!storm.rage(publish_some, 12)) {
    return "it does not come to rest";
  }
  storm.tell(evidence);
  std::map<std::uint64_t, int> in_the_log;
  std::size_t records = 0;
  for (const auto& log : storm.broker.topics()[0].partitions) {
    for (std::uint64_t offset = 0; offset < log.size(); ++offset) {
      const Record& record = log[offset];
      ++records;
      const auto known = chronicle.appended.find({record.partition, offset});
      if (record.offset != offset || known == chronicle.appended.end() ||
          known->second != combine(record.event_id, record.version)) {
        return "a record is another than the one that was appended";
      }
      ++in_the_log[record.event_id];
    }
  }
  const bool replicates = storm.broker.options().replication.max > Duration{};
  if (!replicates && records != chronicle.appended.size()) {
    return "followers have whatever the leader has, and a record is gone";
  }
  for (const std::uint64_t event_id : storm.acknowledged) {
    if (!in_the_log.contains(event_id)) {
      return "an acknowledged record is lost";
    }
  }
  if (!is_in_order(storm)) {
    return "a partition is not in the order in which its records were sent";
  }
  // Everybody has read everything, and nothing for the first time before what stands in front of
  // it.
  if (storm.broker.lag() != 0u) {
    return "a record was not read";
  }
  for (const auto& [partition, offsets] : chronicle.handled) {
    if (!std::is_sorted(offsets.begin(), offsets.end())) {
      return "a partition was read out of order";
    }
  }
  evidence.saw("acknowledged", storm.acknowledged.size());
  for (const std::uint64_t event_id : storm.sent) {
    const bool there = in_the_log.contains(event_id);
    const bool told = storm.acknowledged.contains(event_id);
    evidence.saw("lost and not acknowledged", !there && !told ? 1 : 0);
    evidence.saw("there and not acknowledged", there && !told ? 1 : 0);
    evidence.saw("there more than once", there && in_the_log.at(event_id) > 1 ? 1 : 0);
  }
  evidence.saw("handled again", chronicle.handled_again);
  evidence.saw("cut off with its leader", chronicle.appended.size() > records ? 1 : 0);
  return "";
}

void nothing(Publishing&) {}

TEST(PartGuarantees, TheBrokerLosesNoAcknowledgedRecordAndKeepsTheOrderOfAPartition) {
  holds(
      [](const Case& drawn, Evidence& evidence) { return judge(drawn, evidence, &nothing); },
      {"acknowledged", "lost and not acknowledged", "there and not acknowledged",
       "there more than once", "handled again", "cut off with its leader"},
      {Kind::kDrop, Kind::kDelay, Kind::kDuplicate, Kind::kFail, Kind::kReplyLost, Kind::kNotDone,
       Kind::kLate, Kind::kCrashUnseen, Kind::kReceiverCrashUnseen, Kind::kPause, Kind::kPartition,
       Kind::kIsolation, Kind::kCrashLoop, Kind::kOffsetReset, Kind::kExpandPartitions});
}

// A follower out of sync becomes the leader.
void elect_uncleanly(Publishing& storm) {
  storm.now_and_then("unclean", 3, [&storm](std::uint64_t i) {
    storm.bus.intervene({Intervention::Kind::kLoseTail, "", seconds(10), i});
  });
}

TEST(PartGuaranteesCanary, AnUncleanElectionLosesAcknowledgedRecords) {
  finds_fault([](const Case& drawn, Evidence& evidence) {
    return judge(drawn, evidence, &elect_uncleanly);
  });
}

}  // namespace
}  // namespace sagasim::sim::models
