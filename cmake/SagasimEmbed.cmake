# sagasim_embed(OUTPUT file.cc SCENARIOS a.json b.json [SCHEMA s.json])
# Makes, at build time, the source that defines what scenarios/embedded.h declares, so that the
# executable needs no files beside it. Run as a script (cmake -P) this file is the generator too.

# Appends `text` to the variable named by `out` as adjacent raw string literals, each of whole
# lines and under 16 KiB, which is as much as every compiler takes in one.
function(_sagasim_raw_string out text)
  set(literals "")
  string(LENGTH "${text}" left)
  while(left GREATER 0)
    set(size ${left})
    if(size GREATER 12000)
      string(SUBSTRING "${text}" 0 12000 piece)
      string(FIND "${piece}" "\n" last_newline REVERSE)
      math(EXPR size "${last_newline} + 1")
      if(size EQUAL 0)
        message(FATAL_ERROR "a line of more than 12000 characters cannot be embedded")
      endif()
    endif()
    string(SUBSTRING "${text}" 0 ${size} piece)
    string(SUBSTRING "${text}" ${size} -1 text)
    string(LENGTH "${text}" left)
    string(APPEND literals "R\"embedded(${piece})embedded\"\n")
  endwhile()
  if(literals STREQUAL "")
    set(literals "\"\"")
  endif()
  set(${out} "${literals}" PARENT_SCOPE)
endfunction()

function(_sagasim_write_embedded output scenarios schema)
  set(entries "")
  set(count 0)
  foreach(path IN LISTS scenarios)
    get_filename_component(name "${path}" NAME_WE)
    file(READ "${path}" text)
    _sagasim_raw_string(literal "${text}")
    string(APPEND entries "    {\"${name}\",\n${literal}},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  set(text "")
  if(schema)
    file(READ "${schema}" text)
  endif()
  _sagasim_raw_string(schema_literal "${text}")
  file(WRITE "${output}" "// Generated from scenarios/library and scenarios/schema.

#include \"scenarios/embedded.h\"

namespace sagasim::scenarios {

const EmbeddedFile kEmbeddedScenarios[] = {
${entries}    {nullptr, nullptr},
};

const unsigned kEmbeddedScenarioCount = ${count};

const char* const kEmbeddedSchema =
${schema_literal};

}  // namespace sagasim::scenarios
")
endfunction()

function(sagasim_embed)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUTPUT;SCHEMA" "SCENARIOS")
  list(TRANSFORM arg_SCENARIOS PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  if(arg_SCHEMA)
    set(arg_SCHEMA "${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCHEMA}")
  endif()
  add_custom_command(OUTPUT "${arg_OUTPUT}"
    COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${arg_OUTPUT}" "-DSCENARIOS=${arg_SCENARIOS}"
      "-DSCHEMA=${arg_SCHEMA}" -P "${PROJECT_SOURCE_DIR}/cmake/SagasimEmbed.cmake"
    DEPENDS ${arg_SCENARIOS} ${arg_SCHEMA} "${PROJECT_SOURCE_DIR}/cmake/SagasimEmbed.cmake"
    COMMENT "Embedding the scenario library" VERBATIM)
  # Some files pass the length of string that the standard obliges compilers to take; ours do.
  set_source_files_properties("${arg_OUTPUT}" PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  _sagasim_write_embedded("${OUTPUT}" "${SCENARIOS}" "${SCHEMA}")
endif()
