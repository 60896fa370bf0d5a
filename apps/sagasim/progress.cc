#include "apps/sagasim/progress.h"

#include <algorithm>
#include <utility>

#include "apps/sagasim/terminal.h"
#include "reports/format.h"

namespace sagasim::apps {
namespace {

constexpr double kLineInterval = 10;  // seconds
constexpr std::size_t kBarCells = 20;

}  // namespace

ProgressDisplay::ProgressDisplay(std::string what, bool redraws)
    : what_(std::move(what)), redraws_(redraws) {}

ProgressDisplay::~ProgressDisplay() {
  if (drawn_) {
    write_diagnostic("\r\x1b[K");
  }
}

void ProgressDisplay::show(const search::SweepProgress& progress) {
  if (progress.runs > 0) {
    show(progress.seconds, progress_share(progress), progress_text(progress));
  }
}

void ProgressDisplay::show(const search::MinimizeProgress& progress) {
  const auto share = [](double done, double limit) { return limit > 0 ? done / limit : 0; };
  const double runs =
      share(static_cast<double>(progress.runs), static_cast<double>(progress.runs_limit));
  const double time = share(progress.seconds, progress.seconds_limit);
  show(progress.seconds, std::min(1.0, std::max(runs, time)), progress_text(progress));
}

void ProgressDisplay::show(const search::CertifyProgress& progress) {
  const auto share = [](double done, double limit) { return limit > 0 ? done / limit : 0; };
  const double branches =
      share(static_cast<double>(progress.branches), static_cast<double>(progress.branches_total));
  const double time = share(progress.seconds, progress.seconds_limit);
  show(progress.seconds, std::min(1.0, std::max(branches, time)), progress_text(progress));
}

void ProgressDisplay::show(double seconds, double share, const std::string& text) {
  if (!redraws_) {
    if (seconds - last_line_ >= kLineInterval) {
      last_line_ = seconds;
      write_diagnostic(what_ + ": " + text + "\n");
    }
    return;
  }
  const auto cells = static_cast<std::size_t>(share * kBarCells);
  const std::string bar = std::string(cells, '#') + std::string(kBarCells - cells, '.');
  write_diagnostic("\r\x1b[K" + what_ + " [" + bar + "] " + text);
  drawn_ = true;
}

double progress_share(const search::SweepProgress& progress) {
  double share = 0;
  if (progress.seeds > 0) {
    share =
        static_cast<double>(progress.runs + progress.skipped) / static_cast<double>(progress.seeds);
  }
  if (progress.seconds_limit > 0) {
    share = std::max(share, progress.seconds / progress.seconds_limit);
  }
  return std::min(1.0, share);
}

std::string progress_text(const search::SweepProgress& progress) {
  std::string text = reports::grouped(progress.runs);
  if (progress.seeds > 0 && progress.skipped == 0) {
    text += " of " + reports::grouped(progress.seeds);
  }
  text += " runs";
  if (progress.seeds > 0 && progress.skipped > 0) {
    text += " · " + reports::grouped(progress.runs + progress.skipped) + " of " +
            reports::grouped(progress.seeds) + " seeds";
  }
  if (progress.seconds > 0) {
    text += " · " + reports::rounded(static_cast<double>(progress.runs) / progress.seconds, 0) +
            " runs/s";
  }
  text += " · " + reports::grouped(progress.failed) + " failed";
  const double share = progress_share(progress);
  if (share > 0 && progress.seconds > 0) {
    text += " · " + reports::rounded(progress.seconds * (1 - share) / share, 0) + " s left";
  }
  return text;
}

std::string progress_text(const search::CertifyProgress& progress) {
  std::string text = reports::plural(progress.combinations, "combination");
  if (progress.seconds > 0) {
    text += " · " +
            reports::rounded(static_cast<double>(progress.combinations) / progress.seconds, 0) +
            "/s";
  }
  return text + " · sets of " + std::to_string(progress.size) + ": " +
         reports::grouped(progress.branches) + " of " + reports::grouped(progress.branches_total) +
         " branches";
}

std::string progress_text(const search::MinimizeProgress& progress) {
  std::string text =
      reports::plural(progress.runs, "run") + " · " + reports::plural(progress.faults, "fault");
  for (const auto& [name, count] : progress.counts) {
    text += " · " + reports::counted(count, name);
  }
  return text + " left · trying " + progress.pass;
}

}  // namespace sagasim::apps
