# SPDX-License-Identifier: Apache-2.0
cw_fuzz(frame proxy-link-core)
cw_fuzz(permit proxy-link-core)
cw_fuzz(session proxy-link-core proxy-link)
