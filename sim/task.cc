#include "sim/task.h"

#include "sim/activity.h"
#include "sim/node.h"
#include "sim/world.h"

namespace sagasim::sim {

Promise::~Promise() {
  if (ready_) {
    activity_->world().scheduler().forget(*this);
  }
  if (parked_) {
    activity_->node().unpark(*this);
  }
}

void Promise::start(Activity& activity, Promise* continuation) {
  SAGASIM_CHECK(activity_ == nullptr, "task awaited twice");
  activity_ = &activity;
  continuation_ = continuation;
  activity.world().scheduler().make_ready(*this);
}

void Promise::on_finished() noexcept {
  Scheduler& scheduler = activity_->world().scheduler();
  if (continuation_ != nullptr) {
    scheduler.make_ready(*continuation_);
  } else {
    scheduler.finished(*activity_, error_);
  }
}

}  // namespace sagasim::sim
