#include "domain/properties/dead_letters.h"

namespace sagasim::domain {

void DeadLetterProperties::on_handled() { reporter_.check(PropertyId::kDlq1, true); }

void DeadLetterProperties::parked_at_end(const sim::DeadLetter& letter) {
  given_up(letter, "event/parked", " is a dead letter of consumer group ");
}

void DeadLetterProperties::skipped_at_end(const sim::DeadLetter& letter) {
  given_up(letter, "event/skipped", " was skipped by consumer group ");
}

void DeadLetterProperties::given_up(const sim::DeadLetter& letter, const char* kind,
                                    const char* how) {
  const sim::Record& record = letter.record;
  expect(PropertyId::kDlq1, record.corrupt, kind, record.subject, letter.at, [&] {
    return std::string(record.type.text()) + " of " + order_text(record.subject) + how +
           letter.group.text() + " after " + std::to_string(letter.attempts) + " attempts";
  });
}

}  // namespace sagasim::domain
