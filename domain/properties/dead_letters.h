// Dead letter property, DLQ-1: a consumer may give up on what nobody can read, and on nothing else.
#pragma once

#include "domain/properties/group.h"
#include "sim/broker.h"

namespace sagasim::domain {

class DeadLetterProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // A consumer group has dealt with a record, and so has not given it up.
  void on_handled();
  // In the end, for every record that is parked, or was skipped.
  void parked_at_end(const sim::DeadLetter& letter);
  void skipped_at_end(const sim::DeadLetter& letter);

 private:
  void given_up(const sim::DeadLetter& letter, const char* kind, const char* how);
};

}  // namespace sagasim::domain
