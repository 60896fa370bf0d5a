#include "scenarios/shop_story.h"

namespace sagasim::scenarios {

domain::Money gross_of(const domain::Workload& workload, const domain::Command& order) {
  domain::Money gross = 0;
  for (const domain::CommandLine& line : order.lines) {
    for (const domain::InitialProduct& product : workload.products) {
      if (product.product == line.product) {
        gross += product.price * line.quantity;
      }
    }
  }
  return gross;
}

std::string tell_story(const domain::Workload&, const Happening&) { return ""; }

}  // namespace sagasim::scenarios
