// The JSON form of an explicit workload: who and what is there in the beginning, and every command,
// one in a line, for reproductions. It is checked as a whole: names are unique, and what a command
// refers to exists.
//
//     {"users":    [{"user": "u2", "balance": 50000}],
//      "products": [{"product": "p1", "price": 1000, "stock": 5}],
//      "coupons":  [{"coupon": "k3", "owner": "u2", "rate_bp": 1000, "expires": "30 s"}],
//      "commands": [{"command": "c2.3", "kind": "create", "at": "1.25 s", "user": "u2",
//                    "lines": [{"product": "p1", "quantity": 2}], "coupon": "k3"},
//                   {"command": "c2.4", "kind": "cancel", "at": "2 s", "user": "u2", "order":
//                   "c2.3"},
//                   {"command": "c2.5", "kind": "charge", "at": "3 s", "user": "u2", "amount":
//                   1000},
//                   {"command": "c2.6", "kind": "get-order", "at": "3 s", "user": "u2", "order":
//                   "c2.3"},
//                   {"command": "c2.7", "kind": "get-balance", "at": "3 s", "user": "u2"}]}
#pragma once

#include "domain/commands.h"
#include "scenarios/document.h"
#include "scenarios/json_text.h"

namespace sagasim::scenarios {

// The commands come back by customer, then by number. Throws BadInput.
domain::Workload read_workload(const Document& document, const Json& value);
OrderedJson workload_to_json(const domain::Workload& workload);

}  // namespace sagasim::scenarios
