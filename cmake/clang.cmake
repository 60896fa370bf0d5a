# The reference compiler is clang 19. Where a distribution no longer has it, the next newer one
# that is installed serves: results do not depend on the compiler, and the golden tests check it.
find_program(SAGASIM_CLANG NAMES clang++-19 clang++-20 clang++-21 clang++-22 REQUIRED)
set(CMAKE_CXX_COMPILER "${SAGASIM_CLANG}")
