/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/permit.h>
#include <causeway/wire.h>

#define FORMAT 1u /* of the document; another number is another protocol */

#define FLAG_TLS_REQUIRED 1u
#define FLAG_TLS_OFFERED  2u
#define FLAG_KEEP_ALIVE   4u
#define FLAGS             7u

/* Smallest permit on the wire: two names of one octet, methods, flags, limit, no proxy, no pin. */
#define PERMIT_MIN_LEN ((size_t)12)

#define METHOD_BITS                                                                                \
    ((1u << CW_METHOD_SASL_TLS) | (1u << CW_METHOD_TLS_DIALBACK) | (1u << CW_METHOD_TCP_DIALBACK))

const char *cw_method_name(enum cw_method method)
{
    static const char *const NAMES[CW_METHODS] = {"none", "sasl_tls", "tls_dialback",
                                                  "tcp_dialback"};

    return (unsigned)method < CW_METHODS ? NAMES[method] : NAMES[CW_METHOD_NONE];
}

static void put_permit(struct cw_wire_out *wire, const struct cw_permit *permit)
{
    const unsigned flags = (permit->tls_required ? FLAG_TLS_REQUIRED : 0u) |
                           (permit->tls_offered ? FLAG_TLS_OFFERED : 0u) |
                           (permit->keep_alive ? FLAG_KEEP_ALIVE : 0u);

    cw_wire_put_run(wire, permit->domain, 1);
    cw_wire_put_run(wire, permit->partner, 1);
    cw_wire_put_number(wire, permit->methods, 1);
    cw_wire_put_number(wire, flags, 1);
    cw_wire_put_number(wire, permit->connection_limit, 4);
    cw_wire_put_run(wire, permit->proxy, 1);
    cw_wire_put_number(wire, permit->pin_count, 1);
    for (size_t i = 0; i < permit->pin_count && i < CW_PERMIT_MAX_PINS; i++) {
        cw_wire_put_fixed(wire, permit->pins[i], sizeof(permit->pins[i]));
    }
}

static void put_all(struct cw_wire_out *wire, const struct cw_permits *permits)
{
    cw_wire_put_number(wire, FORMAT, 1);
    cw_wire_put_number(wire, permits->revision, 8);
    cw_wire_put_number(wire, permits->connection_limit, 4);
    cw_wire_put_number(wire, permits->stream_establishment_timeout_s, 4);
    cw_wire_put_number(wire, permits->stream_inactivity_timeout_s, 4);
    cw_wire_put_number(wire, permits->keep_alive_interval_s, 4);
    cw_wire_put_number(wire, permits->lease_s, 4);
    cw_wire_put_number(wire, permits->own_count, 4);
    for (size_t i = 0; i < permits->own_count; i++) {
        cw_wire_put_run(wire, permits->own_domains[i], 1);
    }
    cw_wire_put_number(wire, permits->count, 4);
    for (size_t i = 0; i < permits->count; i++) {
        put_permit(wire, &permits->permits[i]);
    }
}

/* Shared by writer and reader, so that nothing is sent that would be refused. */
static bool permit_is_sound(const struct cw_permit *permit)
{
    return permit->domain.len > 0 && permit->partner.len > 0 &&
           permit->pin_count <= CW_PERMIT_MAX_PINS && (permit->methods & ~METHOD_BITS) == 0;
}

enum cw_err cw_permits_write(const struct cw_permits *permits, struct cw_arena *arena,
                             struct cw_bytes *out)
{
    for (size_t i = 0; i < permits->count; i++) {
        if (!permit_is_sound(&permits->permits[i])) {
            return CW_ERR_LIMIT;
        }
    }

    struct cw_wire_out measure = cw_wire_into(NULL, 0);

    put_all(&measure, permits);
    if (measure.broken || measure.len > CW_PERMITS_MAX_LEN) {
        return CW_ERR_LIMIT;
    }

    uint8_t *const octets = cw_arena_alloc(arena, measure.len);

    if (octets == NULL) {
        return CW_ERR_LIMIT;
    }

    struct cw_wire_out wire = cw_wire_into(octets, measure.len);

    put_all(&wire, permits);
    *out = (struct cw_bytes){(const char *)octets, measure.len};
    return CW_OK;
}

static enum cw_err read_permit(struct cw_wire *wire, struct cw_permit *out)
{
    out->domain = cw_wire_run(wire, 1);
    out->partner = cw_wire_run(wire, 1);
    out->methods = (uint8_t)cw_wire_number(wire, 1);

    const uint64_t flags = cw_wire_number(wire, 1);

    out->connection_limit = (uint32_t)cw_wire_number(wire, 4);
    out->proxy = cw_wire_run(wire, 1);
    if (out->proxy.len == 0) {
        out->proxy = (struct cw_bytes){NULL, 0};
    }
    out->pin_count = (uint8_t)cw_wire_number(wire, 1);
    if (wire->broken || flags > FLAGS || !permit_is_sound(out)) {
        return CW_ERR_MALFORMED;
    }
    for (size_t i = 0; i < out->pin_count; i++) {
        cw_wire_fixed(wire, out->pins[i], sizeof(out->pins[i]));
    }
    out->tls_required = (flags & FLAG_TLS_REQUIRED) != 0;
    out->tls_offered = (flags & FLAG_TLS_OFFERED) != 0;
    out->keep_alive = (flags & FLAG_KEEP_ALIVE) != 0;
    return CW_OK;
}

/* A count is believed only as far as the octets that are left could hold so many. */
static enum cw_err read_count(struct cw_wire *wire, size_t least_len, size_t *out)
{
    const uint64_t count = cw_wire_number(wire, 4);

    if (wire->broken || count > (uint64_t)(wire->end - wire->at) / least_len) {
        return CW_ERR_MALFORMED;
    }
    *out = (size_t)count;
    return CW_OK;
}

static enum cw_err read_own(struct cw_wire *wire, struct cw_arena *arena, struct cw_permits *out)
{
    size_t count;

    CW_TRY(read_count(wire, 2, &count));

    struct cw_bytes *const domains = cw_arena_alloc(arena, (count + 1) * sizeof(*domains));

    if (domains == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        domains[i] = cw_wire_run(wire, 1);
        if (domains[i].len == 0) {
            return CW_ERR_MALFORMED;
        }
    }
    out->own_domains = domains;
    out->own_count = count;
    return CW_OK;
}

static enum cw_err read_permits(struct cw_wire *wire, struct cw_arena *arena,
                                struct cw_permits *out)
{
    size_t count;

    CW_TRY(read_count(wire, PERMIT_MIN_LEN, &count));

    struct cw_permit *const permits = cw_arena_alloc(arena, (count + 1) * sizeof(*permits));

    if (permits == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        CW_TRY(read_permit(wire, &permits[i]));
    }
    out->permits = permits;
    out->count = count;
    return CW_OK;
}

enum cw_err cw_permits_read(struct cw_bytes payload, struct cw_arena *arena, struct cw_permits *out)
{
    struct cw_wire wire = cw_wire_over((const uint8_t *)payload.base, payload.len);
    struct cw_permits permits = {0};

    if (cw_wire_number(&wire, 1) != FORMAT) {
        return CW_ERR_MALFORMED;
    }
    permits.revision = cw_wire_number(&wire, 8);
    permits.connection_limit = (uint32_t)cw_wire_number(&wire, 4);
    permits.stream_establishment_timeout_s = (uint32_t)cw_wire_number(&wire, 4);
    permits.stream_inactivity_timeout_s = (uint32_t)cw_wire_number(&wire, 4);
    permits.keep_alive_interval_s = (uint32_t)cw_wire_number(&wire, 4);
    permits.lease_s = (uint32_t)cw_wire_number(&wire, 4);
    CW_TRY(read_own(&wire, arena, &permits));
    CW_TRY(read_permits(&wire, arena, &permits));
    CW_TRY(cw_wire_end(&wire));
    *out = permits;
    return CW_OK;
}
