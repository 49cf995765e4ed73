# SPDX-License-Identifier: Apache-2.0
# The link and its frames.
target_sources(proxy-link-core PRIVATE
  frame.c
  frame_write.c
  permit.c)
