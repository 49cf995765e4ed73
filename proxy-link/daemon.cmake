# SPDX-License-Identifier: Apache-2.0
target_sources(proxy-link PRIVATE daemon.c)
