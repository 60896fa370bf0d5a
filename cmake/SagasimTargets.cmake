# The three kinds of targets, so that a folder's CMakeLists.txt is little more than its list of
# sources and adding a file is one line.

# Less to compile: the sources of a library ten at a time. Off in the reference build, where each file
# must include what it needs and a changed file is compiled alone; on where the point is another
# compiler or a sanitizer, and two thirds of the time would go into reading the same headers again.
option(SAGASIM_MERGE_SOURCES "Compile libraries in few pieces" OFF)
function(sagasim_merge_sources target)
  if(SAGASIM_MERGE_SOURCES)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
  endif()
endfunction()

# sagasim_library(sim SOURCES network.cc broker.cc [LINKS sagasim::x …] [PRIVATE_LINKS y …])
# The static library of a folder, known to the others as sagasim::sim. Includes are rooted at the
# top of the checkout: #include "sim/network.h". Without sources it is a library of headers.
function(sagasim_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;PRIVATE_LINKS")
  set(target sagasim_${name})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_LINKS} sagasim_warnings)
    sagasim_merge_sources(${target})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(sagasim::${name} ALIAS ${target})
  target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} ${scope} ${arg_LINKS})
endfunction()

# sagasim_executable(sagasim SOURCES main.cc [LINKS …])
function(sagasim_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINKS} sagasim_warnings)
endfunction()

# What every test includes, compiled once for all of them: two seconds of the five that a file of
# tests takes on average. Libraries go without, see above.
function(sagasim_precompiled_test_headers target)
  set(headers sagasim_test_headers)
  if(NOT TARGET ${headers})
    file(CONFIGURE OUTPUT test_headers.cc CONTENT "")
    add_library(${headers} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/test_headers.cc")
    target_link_libraries(${headers} PRIVATE
      GTest::gtest nlohmann_json::nlohmann_json sagasim_warnings)
    target_precompile_headers(${headers} PRIVATE
      <algorithm> <array> <chrono> <coroutine> <cstdint> <functional> <map> <memory> <optional>
      <string> <string_view> <utility> <vector> <gtest/gtest.h> <nlohmann/json.hpp>)
    # Without a time in it the same headers make the same file again.
    target_compile_options(${headers} PRIVATE
      $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()

# sagasim_precompile(sagasim <CLI/CLI.hpp>): headers of others that most files of a target include
# and that take longer to read than the file itself. Where sources are merged they are read a few
# times only.
function(sagasim_precompile target)
  if(NOT SAGASIM_MERGE_SOURCES)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
  endif()
endfunction()

# sagasim_test(sim LABEL unit SOURCES sim/broker_test.cc [LINKS …] [TIMEOUT seconds])
# The executable sim_test; ctest knows each of its cases by name, `sim/Broker.Redelivers`, under
# the label. Suites whose name ends in Slow go under the label `slow` instead, which ./test leaves
# out. What every compiler and sanitizer must agree on (the labels golden and conformance) also
# joins the target portability_tests.
function(sagasim_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;LINKS")
  if(NOT arg_SOURCES)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(target ${name}_test)
  sagasim_executable(${target} SOURCES ${arg_SOURCES} LINKS ${arg_LINKS}
    sagasim::testing_main GTest::gtest)
  target_compile_definitions(${target} PRIVATE SAGASIM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  sagasim_precompiled_test_headers(${target})
  if(NOT arg_LABEL MATCHES "^(golden|conformance)$")
    # What they test is optimised; these files run once.
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()

  # The list of cases is asked of the executable when ctest runs, not after every link.
  set(common DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 TEST_PREFIX "${name}/" NO_PRETTY_VALUES
    WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${target} ${common} TEST_FILTER "-*Slow.*"
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
  gtest_discover_tests(${target} ${common} TEST_FILTER "*Slow.*"
    PROPERTIES LABELS slow TIMEOUT 3600)

  if(arg_LABEL MATCHES "^(golden|conformance)$")
    add_dependencies(portability_tests ${target})
  endif()
endfunction()
