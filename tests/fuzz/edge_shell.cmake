# SPDX-License-Identifier: Apache-2.0
cw_fuzz(srv edge-core)
cw_fuzz(bounce edge-core)
