# SPDX-License-Identifier: GPL-3.0-or-later
# Every target of the house links tidemark_options: warnings, hardening, sanitizers and Qt's strict mode in one place.

add_library(tidemark_options INTERFACE)

target_compile_options(tidemark_options INTERFACE
    -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wformat=2 -Wundef
    $<$<BOOL:${TIDEMARK_WERROR}>:-Werror>
    # GCC 12 warns falsely about std::stop_source; the warning stays visible, it does not break a build.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized>
    -fstack-protector-strong -fstack-clash-protection
    # Precompiled headers and ccache need the preprocessed text to name the header it came from.
    $<$<AND:$<BOOL:${TIDEMARK_PCH}>,$<CXX_COMPILER_ID:GNU>>:-fpch-preprocess>)
target_compile_definitions(tidemark_options INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH QT_NO_KEYWORDS
    QT_DISABLE_DEPRECATED_BEFORE=0x060400
    $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
target_link_options(tidemark_options INTERFACE -Wl,-z,relro,-z,now)
target_include_directories(tidemark_options INTERFACE ${CMAKE_SOURCE_DIR})

if(TIDEMARK_SANITIZE)
    target_compile_options(tidemark_options INTERFACE -fsanitize=${TIDEMARK_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(tidemark_options INTERFACE -fsanitize=${TIDEMARK_SANITIZE})
endif()

find_program(TIDEMARK_CCACHE ccache)
if(TIDEMARK_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${TIDEMARK_CCACHE})
endif()
find_program(TIDEMARK_MOLD mold)
if(TIDEMARK_MOLD)
    target_link_options(tidemark_options INTERFACE -fuse-ld=mold)
endif()
