/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Partners as a file of partners.d has them.
 */

struct json_t;

/** Prints the records as a YAML document "partners:"; settings that have their default are left out
 * unless they are what negotiation is about. */
void ctl_print_yaml(const struct json_t *partners);
