# SPDX-License-Identifier: Apache-2.0
# The edge's cases.
add_executable(vectors_edge
  ${CMAKE_CURRENT_LIST_DIR}/edge_connect.c
  ${CMAKE_CURRENT_LIST_DIR}/edge_script.c
  ${CMAKE_CURRENT_LIST_DIR}/edge_tables.c
  ${CMAKE_CURRENT_LIST_DIR}/edge_vectors.c
  ${CMAKE_CURRENT_LIST_DIR}/name_server.c
  ${CMAKE_CURRENT_LIST_DIR}/xml_meaning.c
  ${CMAKE_CURRENT_LIST_DIR}/xml_piece.c)
target_include_directories(vectors_edge PRIVATE ${PROJECT_SOURCE_DIR}/translate)
target_link_libraries(vectors_edge PRIVATE edge-world edge-shell translate vector-file
  PkgConfig::XML causeway-warnings)

foreach(area IN ITEMS certificates component streams)
  cw_vectors(${area} vectors_edge ${area} "")
endforeach()
