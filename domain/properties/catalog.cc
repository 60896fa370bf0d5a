#include "domain/properties/catalog.h"

namespace sagasim::domain {

const PropertyEntry kPropertyCatalog[] = {
    {"IDM-1", "No consumer lets one event take effect twice."},
    {"PAY-5", "No order is captured twice at the gateway, not even if one capture is given back."},
    {"PAY-1", "An order has at most one payment."},
    {"MON-5",
     "An order is paid at most once and refunded at most once, and only after it was paid."},
    {"STK-5",
     "Each order line takes stock at most once and returns it at most once, in that order."},
    {"MON-1", "No balance is negative, and no charge brings one above 10,000,000."},
    {"MON-2", "Each balance equals the sum of its ledger, at every commit."},
    {"MON-3", "No money appears or vanishes: balances and spent money add up to what was charged."},
    {"MON-6", "A refund returns exactly what the order had paid."},
    {"MON-7",
     "Prices are exact: gross, discount and total follow from the lines and never change."},
    {"STK-1", "No stock is negative."},
    {"STK-2", "Each stock equals what it started with less what orders hold, at every commit."},
    {"STK-3", "An order takes stock for all of its lines or for none."},
    {"CPN-1", "A coupon is held by one order at a time."},
    {"CPN-2", "Only the order that holds a coupon can give it back."},
    {"PAY-2", "Every payment and every capture is for the order's exact total."},
    {"PAY-6", "Money is captured only after all three steps, and never asked for after a failure."},
    {"PAY-7", "A payment moves only forward; failed and canceled are final."},
    {"ORD-1", "An order completes or is canceled, once and for good."},
    {"ORD-2", "An order's phase follows the saga, and agrees with its status."},
    {"ORD-3", "Each decision about an order is taken once, and for a reason."},
    {"ORD-4", "An order completes only because its payment was made."},
    {"ORD-5", "An order has lines, positive quantities and known products."},
    {"ORD-6",
     "What a customer was told about an order is true: accepted exists, rejected does not."},
    {"ORD-7", "A reader sees a status that the order had, and never a second final one."},
    {"CMP-2", "Nothing is done for an order after its failure was dealt with there."},
    {"CMP-3", "Nothing is undone that was not done, or that belongs to a completed order."},
    {"EVT-1", "Every event in the log tells of something that was committed before."},
    {"OUT-2", "An order is canceled only for a business reason that was true."},
    {"DLQ-1", "Nothing but malformed records is ever parked or skipped."},
    {"MON-4", "In the end a completed order has cost its total and any other order nothing."},
    {"STK-4", "In the end a completed order holds its stock and any other order none."},
    {"STK-6", "No more is sold than there was."},
    {"CPN-3", "In the end a coupon is used exactly if one completed order used it."},
    {"CPN-4", "In the end a completed order holds its coupon, or had no discount."},
    {"PAY-3", "In the end an order is completed exactly if its payment is."},
    {"PAY-4", "In the end the gateway keeps an order's total exactly if it completed."},
    {"PAY-8", "In the end no payment is under way and no capture is left without one."},
    {"CMP-1", "In the end a canceled order has left nothing behind anywhere."},
    {"ORP-1", "In the end nothing is reserved for an order that did not complete."},
    {"OUT-1", "In the end a completed order is completed everywhere."},
    {"IDM-2", "Delivering old events once more changes nothing."},
    {"EVT-2", "Every committed change that others must hear of reaches the log."},
    {"OUT-3", "Without faults and with enough of everything, every order completes."},
    {"LIV-1", "Every order comes to an end."},
    {"LIV-2", "Everything that was to be said is said, and heard by everyone concerned."},
};
const unsigned kPropertyCount = sizeof(kPropertyCatalog) / sizeof(kPropertyCatalog[0]);

static_assert(sizeof(kPropertyCatalog) / sizeof(kPropertyCatalog[0]) ==
              static_cast<unsigned>(PropertyId::kLiv2) + 1);

}  // namespace sagasim::domain
