/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Writes frames of the link (causeway/frame.h). Each function writes one whole frame, header
 * included, to `out` and returns its size in octets: 0 when a field breaks the limits of the
 * format, more than `room` when `out` is too small (then its content is of no use).
 */

#include <causeway/frame.h>

/** @param type CW_FRAME_HELLO or CW_FRAME_WELCOME */
CW_MUST_USE size_t cw_frame_write_hello(enum cw_frame_type type, const struct cw_frame_hello *hello,
                                        uint8_t *out, size_t room);

/** Stanza with the sequence number that it bears. */
CW_MUST_USE size_t cw_frame_write_stanza(const struct cw_frame_stanza *stanza, uint8_t *out,
                                         size_t room);

/** Numbers a written stanza frame anew. */
void cw_frame_number_stanza(uint8_t *frame, uint64_t seq);

/** Fate of stanzas. */
CW_MUST_USE size_t cw_frame_write_ack(const struct cw_frame_ack *ack, uint8_t *out, size_t room);

/** Credit for a partner. */
CW_MUST_USE size_t cw_frame_write_credit(const struct cw_frame_credit *credit, uint8_t *out,
                                         size_t room);

/** The last word before no new stanzas. */
CW_MUST_USE size_t cw_frame_write_goaway(const struct cw_frame_goaway *goaway, uint8_t *out,
                                         size_t room);

/** A stream's coming or going; the frame is marked optional. */
CW_MUST_USE size_t cw_frame_write_report(const struct cw_frame_report *report, uint8_t *out,
                                         size_t room);

/** @param type CW_FRAME_APPLIED, CW_FRAME_PING or CW_FRAME_PONG */
CW_MUST_USE size_t cw_frame_write_number(enum cw_frame_type type, uint64_t number, uint8_t *out,
                                         size_t room);

/** Header alone: for PERMITS, whose payload cw_permits_write() made. */
void cw_frame_write_header(enum cw_frame_type type, uint32_t payload_len,
                           uint8_t out[CW_FRAME_HEADER_LEN]);
