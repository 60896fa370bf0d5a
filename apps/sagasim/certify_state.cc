#include "apps/sagasim/certify_state.h"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "scenarios/document.h"
#include "scenarios/files.h"
#include "scenarios/object_reader.h"
#include "scenarios/repro.h"
#include "sim/hash.h"

namespace sagasim::apps {
namespace {

constexpr scenarios::IntegerRange kCount{0, INT64_MAX};

void read_number(scenarios::ObjectReader& reader, const char* key, std::uint64_t& target) {
  reader.require(key, "a number that an earlier search wrote");
  reader.integer(key, target, kCount);
}

// Of everything in the file but its version: whoever changes a number has to know this one.
std::uint64_t checksum_of(std::uint64_t search, const search::CertifyState& state) {
  std::uint64_t sum = search;
  for (const std::uint64_t number :
       {state.fingerprint, std::uint64_t{state.size}, state.branches, state.counts.combinations,
        state.counts.runs, state.counts.pruned, state.counts.inconclusive,
        state.counts.operations_max}) {
    sum = sim::combine(sum, number);
  }
  for (const auto& [signature, count] : state.counts.outcomes) {
    sum = sim::combine(sim::combine(sum, sim::hash_text(signature)), count);
  }
  return sum;
}

std::string read_hash(scenarios::ObjectReader& reader, const char* key) {
  std::string text;
  reader.require(key, "16 hexadecimal digits that an earlier search wrote");
  reader.text(key, text, "16 hexadecimal digits");
  return text;
}

}  // namespace

void write_certify_state(const std::string& path, std::uint64_t search,
                         const search::CertifyState& state) {
  nlohmann::ordered_json json;
  json["sagasim"] = scenarios::kVersion;
  json["search"] = scenarios::fingerprint_text(search);
  json["fingerprint"] = scenarios::fingerprint_text(state.fingerprint);
  json["size"] = state.size;
  json["branches"] = state.branches;
  json["combinations"] = state.counts.combinations;
  json["runs"] = state.counts.runs;
  json["pruned"] = state.counts.pruned;
  json["inconclusive"] = state.counts.inconclusive;
  json["operations_max"] = state.counts.operations_max;
  json["outcomes"] = nlohmann::ordered_json::object();
  for (const auto& [signature, count] : state.counts.outcomes) {
    json["outcomes"][signature] = count;
  }
  json["checksum"] = scenarios::fingerprint_text(checksum_of(search, state));
  scenarios::write_file_atomically(path, json.dump(2) + "\n");
}

search::CertifyState read_certify_state(const std::string& path, std::uint64_t search) {
  const std::string text = scenarios::read_file(path);
  const scenarios::Document document(text, path);
  scenarios::ObjectReader reader(document, document.root(), "the state of a search");
  std::string version;
  reader.text("sagasim", version, "the version that wrote it");
  search::CertifyState state;
  const std::string wanted = scenarios::fingerprint_text(search);
  if (read_hash(reader, "search") != wanted || version != scenarios::kVersion) {
    document.fail(document.root(),
                  "belongs to another search or version (expected the same scenario, settings, "
                  "seed and numbers of faults; or another file)");
  }
  state.fingerprint = std::strtoull(read_hash(reader, "fingerprint").c_str(), nullptr, 16);
  reader.require("size", "a number that an earlier search wrote");
  reader.integer("size", state.size, {1, UINT32_MAX});
  read_number(reader, "branches", state.branches);
  read_number(reader, "combinations", state.counts.combinations);
  read_number(reader, "runs", state.counts.runs);
  read_number(reader, "pruned", state.counts.pruned);
  read_number(reader, "inconclusive", state.counts.inconclusive);
  read_number(reader, "operations_max", state.counts.operations_max);
  const scenarios::Json& outcomes = reader.require("outcomes", "an object of counts");
  if (!outcomes.is_object()) {
    document.fail(outcomes, "is no object (expected an object of counts)");
  }
  for (const auto& [signature, count] : outcomes.items()) {
    state.counts.outcomes[signature] =
        static_cast<std::uint64_t>(scenarios::read_integer(document, count, kCount));
  }
  const std::string checksum = read_hash(reader, "checksum");
  reader.finish();
  if (!adds_up(state.counts) ||
      checksum != scenarios::fingerprint_text(checksum_of(search, state))) {
    document.fail(
        document.root(),
        adds_up(state.counts)
            ? "is damaged: its checksum is another one (expected the file as certify left "
              "it; without it the search begins anew)"
            : "is damaged: its sums do not add up (expected runs and pruned to be the "
              "combinations, and so the outcomes; without it the search begins anew)");
  }
  return state;
}

}  // namespace sagasim::apps
