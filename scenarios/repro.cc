#include "scenarios/repro.h"

#include <array>
#include <charconv>
#include <vector>

#include "scenarios/nearest.h"
#include "scenarios/object_reader.h"
#include "scenarios/plan_json.h"
#include "scenarios/scenario_json.h"
#include "scenarios/seed.h"
#include "scenarios/shop_vocabulary.h"
#include "scenarios/workload_json.h"

namespace sagasim::scenarios {
namespace {

using VersionNumbers = std::array<std::uint32_t, 3>;

constexpr const char* kVersionForm = "the version that wrote it, such as \"0.1.0\"";
constexpr const char* kFingerprintForm = "16 hexadecimal digits, or no fingerprint";
constexpr std::string::size_type kFingerprintDigits = 16;

std::optional<VersionNumbers> parse_version(std::string_view text) {
  VersionNumbers numbers{};
  for (VersionNumbers::size_type i = 0; i < numbers.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) {
        return std::nullopt;
      }
      text.remove_prefix(1);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
    if (error != std::errc{}) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<std::string_view::size_type>(end - text.data()));
  }
  return text.empty() ? std::optional(numbers) : std::nullopt;
}

std::string read_version(const Document& document, const Json& value) {
  const std::string& text = read_text(document, value, kVersionForm);
  const auto version = parse_version(text);
  if (!version) {
    document.fail(value, quote(text) + " is no version (expected " + kVersionForm + ')');
  }
  if (*version > parse_version(kVersion)) {
    document.fail(value, "was written by sagasim " + text + ", and this is " + kVersion +
                             " (expected at most " + kVersion + "; use a newer sagasim)");
  }
  return text;
}

std::uint64_t read_seed(const Document& document, const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>();
  }
  const std::string& text = read_text(document, value, kSeedForms);
  const auto seed = find_seed(text);
  if (!seed) {
    document.fail(value, quote(text) + " is no seed (expected " + kSeedForms + ')');
  }
  return *seed;
}

std::uint64_t read_fingerprint(const Document& document, const Json& value) {
  const std::string& text = read_text(document, value, kFingerprintForm);
  std::uint64_t fingerprint = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, fingerprint, 16);
  if (error != std::errc{} || end != last || text.size() != kFingerprintDigits) {
    document.fail(value, quote(text) + " is no fingerprint (expected " + kFingerprintForm + ')');
  }
  return fingerprint;
}

Expectation read_expectation(const Document& document, const Json& value) {
  constexpr std::array<Verdict, 3> kVerdicts = {Verdict::kPass, Verdict::kFail,
                                                Verdict::kInconclusive};
  std::vector<std::string> names;
  for (const Verdict verdict : kVerdicts) {
    names.emplace_back(to_text(verdict));
  }
  ObjectReader reader(document, value, R"(such as {"verdict": "fail", "property": "MON-4"})");
  Expectation expect;
  const Json& verdict = reader.require("verdict", "pass, fail or inconclusive");
  expect.verdict = kVerdicts[read_choice(document, verdict, "verdict", names)];
  if (expect.verdict == Verdict::kFail) {
    expect.property = read_property(document, reader.require("property", "what is violated"));
  }
  reader.text("message", expect.message, "a sentence");
  if (const Json* fingerprint = reader.find("fingerprint"); fingerprint != nullptr) {
    expect.fingerprint = read_fingerprint(document, *fingerprint);
  }
  reader.finish();
  return expect;
}

OrderedJson to_json(const Expectation& expect) {
  OrderedJson out = {{"verdict", to_text(expect.verdict)}};
  if (expect.verdict == Verdict::kFail) {
    out["property"] = expect.property;
  }
  if (!expect.message.empty()) {
    out["message"] = expect.message;
  }
  if (expect.fingerprint) {
    out["fingerprint"] = fingerprint_text(*expect.fingerprint);
  }
  return out;
}

}  // namespace

const char* to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kInconclusive:
      return "inconclusive";
  }
  return "?";
}

std::string fingerprint_text(std::uint64_t fingerprint) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[fingerprint >> shift & 0xf];
  }
  return text;
}

Repro parse_repro(std::string_view text, const std::string& file) {
  const Document document(text, file);
  ObjectReader reader(document, document.root(), "a reproduction");
  Repro repro;
  // First of all: a newer version may have keys that this one does not know.
  repro.version = read_version(document, reader.require("sagasim", kVersionForm));
  reader.text("description", repro.description, "what the run is about");
  const char* const kCommands = "the users, products, coupons and commands";
  repro.scenario = read_scenario(document, reader.require("scenario", "a scenario"));
  repro.seed = read_seed(document, reader.require("seed", kSeedForms));
  repro.workload = read_workload(document, reader.require("workload", kCommands));
  repro.plan = read_plan(document, reader.require("plan", "a list of faults, or an empty one"),
                         shop_vocabulary());
  if (const Json* expect = reader.find("expect"); expect != nullptr) {
    repro.expect = read_expectation(document, *expect);
  }
  reader.finish();
  return repro;
}

std::string write_repro(const Repro& repro) {
  OrderedJson out;
  out["sagasim"] = repro.version;
  if (!repro.description.empty()) {
    out["description"] = repro.description;
  }
  if (repro.expect) {
    out["expect"] = to_json(*repro.expect);
  }
  out["seed"] = std::to_string(repro.seed);
  out["plan"] = plan_to_json(repro.plan);
  out["workload"] = workload_to_json(repro.workload);
  out["scenario"] = scenario_to_json(repro.scenario);
  return to_text(out);
}

}  // namespace sagasim::scenarios
