// The JSON form of a fault plan: a list with one entry per fault, each in a line of its own.
//
//     {"fault": "reply-lost", "operation": "balance/balance:OrderCreated(c2.3)/commit(c2.3)"}
//     {"fault": "delay", "operation": "…", "for": "3 s"}
//     {"fault": "hold", "operation": "…", "until": "the name of another operation", "for": "30 s"}
//     {"fault": "partition", "between": ["payment", "broker"], "from": "10 s", "until": "12 s"}
//     {"fault": "one-way-partition", "target": "payment", "peer": "broker", "from": …, "until": …}
//     {"fault": "slowness", "target": "order#2", "by": "500 ms", "from": "10 s", "until": "12 s"}
//     {"fault": "isolation", "target": "order", "after": "an operation", "until": "5 s"}
//     {"fault": "offset-reset", "group": "balance", "by": "20 s", "at": "30 s"}
//
// A window with "after" counts its times from the end of that operation; with "until_after" it is
// over once that one has ended, if that is earlier. An operation has one fault at most. What a plan
// names must be able to exist: every word is checked against the vocabulary of the system that the
// plan is for, and a fault must mean something to that kind of operation.
#pragma once

#include <string>

#include "faults/plan.h"
#include "faults/vocabulary.h"
#include "scenarios/document.h"
#include "scenarios/json_text.h"

namespace sagasim::scenarios {

// `value` is the list. Throws BadInput.
faults::Plan read_plan(const Document& document, const Json& value,
                       const faults::Vocabulary& vocabulary);
OrderedJson plan_to_json(const faults::Plan& plan);

// An entry with a fault of that kind, as it could stand in a plan, in one line.
std::string example_entry(faults::Kind kind, const faults::Vocabulary& vocabulary);

}  // namespace sagasim::scenarios
