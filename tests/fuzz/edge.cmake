# SPDX-License-Identifier: Apache-2.0
include(${CMAKE_CURRENT_LIST_DIR}/edge_stream.cmake OPTIONAL)
include(${CMAKE_CURRENT_LIST_DIR}/edge_shell.cmake OPTIONAL)
