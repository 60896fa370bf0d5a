#include "apps/sagasim/report.h"

#include <functional>
#include <map>
#include <sstream>
#include <string>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/campaign.h"
#include "apps/sagasim/causes.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/verdict.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/text.h"
#include "scenarios/files.h"
#include "scenarios/repro.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shop_system.h"
#include "search/store.h"

namespace sagasim::apps {
namespace {

class ReportVerb : public Verb {
 public:
  explicit ReportVerb(CLI::App& app)
      : command_(*app.add_subcommand("report", "what a stored campaign says: a page, JUnit, ...")) {
    command_.add_option("CAMPAIGN", campaign_, "a file of sweep --campaign")->required();
    command_.add_option("--format", format_, "text (default), md, json, junit or html")
        ->type_name("FORMAT");
    command_.add_option("--color", color_, "auto (default), always or never")->type_name("WHEN");
    command_.add_option("--out", out_, "write it there, not to standard output")->type_name("FILE");
    command_
        .add_option("--repros", repros_,
                    "also write the reproduction files of its causes into this folder")
        ->type_name("DIR");
    command_.footer("Example: sagasim report night.sagasim.db --format html --out night.html");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    check_choice("--format", format_, {"text", "md", "json", "junit", "html"});
    check_choice("--color", color_, {"auto", "always", "never"});
    check_writable_file(out_);
    if (!repros_.empty()) {
      check_writable_folder(repros_);
    }
    const auto store = search::Store::read(campaign_);
    reports::SweepReport report = report_of(*store);
    tell(*store, report);
    std::ostringstream text;
    write(text, report);
    if (out_.empty()) {
      write_output(text.str());
    } else {
      scenarios::write_file_atomically(out_, text.str());
    }
    return report.result.runs == 0 ? kNothingSelected
                                   : exit_code_of(reports::verdict_of(report.result));
  }

 private:
  // The causes are told by running their first seeds again, if this program still can.
  void tell(search::Store& store, reports::SweepReport& report) {
    const search::CampaignIdentity identity = store.identity();
    if (identity.version == scenarios::kVersion) {
      const scenarios::Scenario scenario = scenarios::parse_scenario(identity.text, campaign_);
      const auto system = scenarios::make_shop(scenario);
      tell_causes(*system, scenario, identity.word, identity.settings, repros_, report);
    } else {
      write_diagnostic(command_name() + ": " + campaign_ + " is of version " + identity.version +
                       ", this is " + scenarios::kVersion + "; its causes are told in short\n");
      for (const search::Cause& cause : report.result.causes) {
        report.failures.push_back(reports::failure_of(report.target, cause));
      }
    }
    if (!repros_.empty()) {
      return;
    }
    std::map<std::string, std::string> paths;
    for (const search::KeptFile& file : store.files()) {
      paths[file.signature] = file.path;
    }
    for (reports::Failure& failure : report.failures) {
      failure.repro = paths[failure.cause];
    }
  }

  void write(std::ostream& out, const reports::SweepReport& report) const {
    if (format_ == "json") {
      reports::write_json(out, report);
    } else if (format_ == "junit") {
      reports::write_junit(out, report);
    } else if (format_ == "md") {
      reports::write_markdown(out, report);
    } else if (format_ == "html") {
      reports::write_html(out, report);
    } else {
      OutputArguments colors;
      colors.color = color_;
      reports::write_text(out, report,
                          out_.empty() ? output_style(colors.color_when()) : reports::Style{});
    }
  }

  CLI::App& command_;
  std::string campaign_;
  std::string format_ = "text";
  std::string color_ = "auto";
  std::string out_;
  std::string repros_;
};

}  // namespace

std::unique_ptr<Verb> make_report_verb(CLI::App& app) { return std::make_unique<ReportVerb>(app); }

}  // namespace sagasim::apps
