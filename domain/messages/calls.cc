#include "domain/messages/calls.h"

namespace sagasim::domain {

const char* to_text(Answer answer) {
  switch (answer) {
    case Answer::kAccepted:
      return "accepted";
    case Answer::kRejected:
      return "rejected";
    case Answer::kRequested:
      return "requested";
    case Answer::kTryAgain:
      return "try-again";
  }
  return "?";
}

const char* to_text(CommandKind kind) {
  switch (kind) {
    case CommandKind::kCreateOrder:
      return "create";
    case CommandKind::kCancelOrder:
      return "cancel";
    case CommandKind::kCharge:
      return "charge";
    case CommandKind::kGetOrder:
      return "get-order";
    case CommandKind::kGetBalance:
      return "get-balance";
  }
  return "?";
}

}  // namespace sagasim::domain
