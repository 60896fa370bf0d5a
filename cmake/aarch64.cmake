# A foreign processor: Debian's cross compiler, run by qemu's user mode.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)
# Headers without a compiled part, such as nlohmann_json, are the same for every processor.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
