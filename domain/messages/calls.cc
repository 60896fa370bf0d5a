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
    case CommandKind::kRepeatOrder:
      return "repeat";
    case CommandKind::kReuseKey:
      return "reuse-key";
    case CommandKind::kIssueCoupon:
      return "issue";
    case CommandKind::kGetTop:
      return "get-top";
    case CommandKind::kReprice:
      return "reprice";
    case CommandKind::kStopSelling:
      return "stop-selling";
    case CommandKind::kResumeSelling:
      return "resume-selling";
    case CommandKind::kRestock:
      return "restock";
    case CommandKind::kOpenCampaign:
      return "open-campaign";
    case CommandKind::kCancelCampaign:
      return "cancel-campaign";
    case CommandKind::kExpireCoupon:
      return "expire";
  }
  return "?";
}

const char* to_text(SellStatus status) {
  switch (status) {
    case SellStatus::kHold:
      return "HOLD";
    case SellStatus::kSelling:
      return "SELLING";
    case SellStatus::kStopped:
      return "STOP_SELLING";
  }
  return "?";
}

const char* to_text(CampaignStatus status) {
  switch (status) {
    case CampaignStatus::kRegistered:
      return "REGISTERED";
    case CampaignStatus::kPublishable:
      return "PUBLISHABLE";
    case CampaignStatus::kFinished:
      return "FINISHED";
    case CampaignStatus::kCanceled:
      return "CANCELED";
  }
  return "?";
}

}  // namespace sagasim::domain
