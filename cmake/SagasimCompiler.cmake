# How every file of sagasim is compiled: warnings, sanitizers, and what determinism asks for.

# Contracting a*b+c into one rounding is the compiler's choice by default, so it would change
# results from one compiler, level or processor to the next.
add_compile_options(-ffp-contract=off)

add_library(sagasim_warnings INTERFACE)
target_compile_options(sagasim_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${SAGASIM_WERROR}>:-Werror>)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wshadow: g++ also reports a constructor's parameter named like the member it sets, and scoped
  #   enumerators, which hide nothing. clang watches the members.
  # -Wmismatched-new-delete: g++ 12 takes the frame's pooled operator new and the sized delete of
  #   a coroutine promise for a mismatched pair.
  # -Wsubobject-linkage: where sources are compiled several at a time, each is included and g++
  #   takes what is local to one for something that several share.
  # The others follow values through inlined and coroutine code and, in g++ 12, report paths that
  #   cannot be taken (libstdc++'s own strings and vectors among them); sanitizers change inlining
  #   and bring more of it. clang and the sanitizers watch the real thing.
  target_compile_options(sagasim_warnings INTERFACE
    -Wshadow=local -Wno-mismatched-new-delete -Wno-missing-field-initializers
    -Wno-subobject-linkage
    -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-restrict -Wno-dangling-pointer -Wno-free-nonheap-object -Wno-use-after-free)
else()
  # -Wdeprecated-declarations: clang reports libstdc++ 12's own use of a deprecated buffer inside
  #   std::stable_sort, at the place of its use.
  # -Wmissing-designated-field-initializers: options have defaults, and what is written shows what
  #   matters.
  target_compile_options(sagasim_warnings INTERFACE -Wshadow -Wno-deprecated-declarations
    -Wno-missing-designated-field-initializers)
endif()

if(SAGASIM_SANITIZE)
  add_compile_options(
    -fsanitize=${SAGASIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SAGASIM_SANITIZE})
endif()

# A rebuild of what was built before costs nothing where ccache is installed; nothing needs it.
find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # It would not look at anything that uses a precompiled header, were it not told so.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE_PROGRAM}")
endif()
