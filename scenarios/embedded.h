// Embedded files: the scenario library and the schema as they were at build time, so that the
// executable works alone. The build generates the definitions from scenarios/library and
// scenarios/schema; the files to embed are listed in scenarios/CMakeLists.txt.

#pragma once

namespace sagasim::scenarios {

struct EmbeddedFile {
  const char* name;  // The file's name without its ending: "checkout".
  const char* text;  // The whole file.
};

// In the order of the list in scenarios/CMakeLists.txt.
extern const EmbeddedFile kEmbeddedScenarios[];
extern const unsigned kEmbeddedScenarioCount;

// scenarios/schema/scenario.schema.json; empty where the build had none.
extern const char* const kEmbeddedSchema;

}  // namespace sagasim::scenarios
