# The reference compiler at its best: with the profile of earlier runs (tools/profile makes it) it
# knows what is hot, and a link that sees all modules at once inlines across them. Needs lld and
# llvm-ar of the compiler's version, and mimalloc; tools/fast installs them. A function that has
# changed since the profile was made is compiled without one; what is computed is the same.
include("${CMAKE_CURRENT_LIST_DIR}/clang.cmake")
string(REGEX MATCH "[0-9]+$" SAGASIM_LLVM "${SAGASIM_CLANG}")
find_program(SAGASIM_AR NAMES "llvm-ar-${SAGASIM_LLVM}" REQUIRED)
find_program(SAGASIM_LLD NAMES "ld.lld-${SAGASIM_LLVM}" REQUIRED)
set(CMAKE_AR "${SAGASIM_AR}")
find_program(SAGASIM_RANLIB NAMES "llvm-ranlib-${SAGASIM_LLVM}" REQUIRED)
set(CMAKE_RANLIB "${SAGASIM_RANLIB}")
string(JOIN " " CMAKE_CXX_FLAGS_INIT
  -flto=thin
  -fno-pie
  "-fprofile-use=${CMAKE_CURRENT_LIST_DIR}/fast.profdata"
  -mllvm -static-func-full-module-prefix=false
  -Wno-profile-instr-missing -Wno-profile-instr-out-of-date -Wno-profile-instr-unprofiled
  -Wno-backend-plugin
)
# A world allocates from its pool, but to put one together takes a thousand calls of malloc, and to
# tear it down as many of free: with mimalloc they cost a quarter.
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-no-pie --ld-path=${SAGASIM_LLD} -Wl,--push-state,--no-as-needed -lmimalloc -Wl,--pop-state")
