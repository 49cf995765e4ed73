/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Namespaces of presence documents, for their reader and their writer alike.
 */

#define CW_NS_PIDF     "urn:ietf:params:xml:ns:pidf"
#define CW_NS_CLIENT   "jabber:client"
#define CW_NS_PERSON   "urn:ietf:params:xml:ns:pidf:data-model"
#define CW_NS_RPID     "urn:ietf:params:xml:ns:pidf:rpid"
#define CW_NS_SERVCAPS "urn:ietf:params:xml:ns:pidf:caps"
