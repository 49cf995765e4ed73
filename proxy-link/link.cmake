# SPDX-License-Identifier: Apache-2.0
# The link and its frames.
target_sources(proxy-link-core PRIVATE
  ack_in.c
  ack_out.c
  credit.c
  frame.c
  frame_knock.c
  frame_split.c
  frame_write.c
  permit.c
  session.c)
target_sources(proxy-link PRIVATE
  link_address.c
  link_calls.c
  link_config.c
  link_connection.c
  link_dial.c
  link_frames.c
  link_listen.c
  link_session.c)
