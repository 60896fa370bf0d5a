// Inspection: the part of a snapshot that somebody asks for, and what two snapshots do not have in
// common: of one run at two moments, or of two runs at one.
#pragma once

#include <string>
#include <vector>

#include "sim/name.h"
#include "sim/snapshot.h"

namespace sagasim::search {

struct Selection {
  std::vector<sim::Subject> about;  // empty: whatever it is about
  std::vector<std::string> parts;   // empty: all
};

// What is about one of the subjects, or about none at all (nodes, links), and belongs to one of the
// parts: stands in a list of it or is called after it, as `order/…` and `order.1` are after
// `order`. Lists of which nothing is left are left out.
sim::Snapshot select(const sim::Snapshot& snapshot, const Selection& selection);

// Whether anything in it is about the subject.
bool mentions(const sim::Snapshot& snapshot, sim::Subject subject);
// Every name that a Selection's part could be, each once, in order.
std::vector<std::string> part_names(const sim::Snapshot& snapshot);

struct FactChange {
  std::string name;
  sim::Fact::Value before;  // nothing where it is not there, or not set
  sim::Fact::Value after;
};

struct ItemChange {
  enum class How { kNew, kGone, kChanged };
  How how = How::kChanged;
  std::string part;
  std::string list;
  bool technical = false;
  sim::Item item;                 // as it is after; of one that is gone, as it was before
  std::vector<FactChange> facts;  // of one that is changed
};

// In the order of the lists of `after`, then of those that `before` alone has. Items are the same
// if they have the same name in the same list.
std::vector<ItemChange> changes(const sim::Snapshot& before, const sim::Snapshot& after);

}  // namespace sagasim::search
