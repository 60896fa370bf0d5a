#include "sim/serializable.h"

#include <algorithm>

namespace sagasim::sim {
namespace {

bool has_read(const Dependencies::Party& party, const Dependencies::Written& written) {
  return std::any_of(party.reads.begin(), party.reads.end(), [&](const auto& read) {
    return read.table == written.table &&
           (read.range ? read.key.first == written.key.first : read.key == written.key);
  });
}

// Whether `reader` has read something that `writer` wrote. Both are concurrent, so it saw it as it
// was before.
bool reads_from_before(const Dependencies::Party& reader, const Dependencies::Party& writer) {
  return std::any_of(writer.writes.begin(), writer.writes.end(),
                     [&](const auto& written) { return has_read(reader, written); });
}

}  // namespace

Dependencies::Party& Dependencies::begin(std::uint64_t snapshot) {
  parties_.push_back(std::make_unique<Party>());
  parties_.back()->snapshot = snapshot;
  return *parties_.back();
}

bool Dependencies::may_commit(Party& party) const {
  bool in = false;
  bool out = false;
  for (const auto& other : parties_) {
    const bool rolled_back = other->ended && other->committed == 0;
    const bool before = other->committed != 0 && other->committed <= party.snapshot;
    if (other.get() == &party || rolled_back || before) {
      continue;
    }
    in = in || reads_from_before(*other, party);
    if (other->committed != 0 && reads_from_before(party, *other)) {
      out = true;
      if (other->leads_to_committed) {
        return false;  // it is the middle of a chain, and too late to be turned away itself
      }
    }
  }
  party.leads_to_committed = out;
  return !(in && out);
}

void Dependencies::end(Party& party, std::uint64_t committed) {
  party.ended = true;
  party.committed = committed;
  std::uint64_t oldest = UINT64_MAX;  // snapshot that somebody still works with
  for (const auto& other : parties_) {
    if (!other->ended) {
      oldest = std::min(oldest, other->snapshot);
    }
  }
  std::erase_if(parties_, [&](const auto& other) {
    return other->ended && (other->committed == 0 || other->committed <= oldest);
  });
}

}  // namespace sagasim::sim
