# A foreign machine of 32-bit addresses: Debian's emscripten 3.1.6 (clang 14, libc++ 13), run by node.
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
# Headers without a compiled part, such as nlohmann_json, are the same for every machine.
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
# wasm/coroutine: this libc++ has no <coroutine>. SINGLE_FILE and NODERAWFS: node 20 neither loads the
# other form nor feeds it its standard input.
# -w: what is worth a warning the other compilers say; here each index of 64 bits would be one.
add_compile_options(-isystem "${CMAKE_CURRENT_LIST_DIR}/wasm" -fwasm-exceptions -w)
add_link_options(-fwasm-exceptions -sALLOW_MEMORY_GROWTH=1 -sSINGLE_FILE=1 -sNODERAWFS=1
  -sTOTAL_STACK=1048576)
