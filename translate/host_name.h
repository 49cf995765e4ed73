/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Syntax of host names of letters, digits and hyphens (RFC 1123, RFC 5890 section 2.3.1).
 */

#include <causeway/bytes.h>

enum cw_host_tag {
    CW_HOST_NO_TAG,  /**< no label may have hyphens where "xn--" has them */
    CW_HOST_A_LABELS /**< only "xn--" may stand there */
};

/** Is `name` a host name, in any case, without trailing dot? */
bool cw_host_name(struct cw_bytes name, enum cw_host_tag tag);

/** Is `host` an IPv6 address in brackets, or all digits and dots? */
bool cw_host_is_ip(struct cw_bytes host);
