# What every file of ours is compiled with: the INTERFACE library wb_flags.
add_library(wb_flags INTERFACE)
target_compile_options(
  wb_flags
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
            -Wconversion -Wno-sign-conversion -Wvla -Wwrite-strings -Wpointer-arith
            -fstack-protector-strong)
target_link_options(wb_flags INTERFACE -Wl,--as-needed)

if(WB_WERROR)
  target_compile_options(wb_flags INTERFACE -Werror)
endif()
if(WB_SANITIZE)
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(wb_flags INTERFACE -O1 ${sanitize})
  target_link_options(wb_flags INTERFACE ${sanitize})
else()
  target_link_options(wb_flags INTERFACE -Wl,-z,relro -Wl,-z,now)
endif()
if(WB_COVERAGE)
  target_compile_options(wb_flags INTERFACE -O0 --coverage)
  target_link_options(wb_flags INTERFACE --coverage)
endif()
if(NOT WB_SANITIZE AND NOT WB_COVERAGE)
  target_compile_options(wb_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(WB_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "WB_FUZZ needs clang: configure with CC=clang")
  endif()
  target_compile_options(wb_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
