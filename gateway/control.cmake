# SPDX-License-Identifier: Apache-2.0
target_sources(gateway-core PRIVATE negotiation.c partners.c policy.c)
