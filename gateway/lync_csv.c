/* SPDX-License-Identifier: Apache-2.0 */
#include "lync_format.h"

#define MAX_COLUMNS 128u

struct csv {
    struct cw_lync_reading *reading;
    struct cw_bytes text;
    size_t at;   /* next octet */
    size_t line; /* of it, from 1 */
    char delimiter;
    bool broken; /* the grammar: read no further */
    struct cw_bytes type;
    struct cw_bytes names[MAX_COLUMNS];
    size_t name_count;
};

struct row {
    size_t line; /* where it begins */
    struct cw_bytes fields[MAX_COLUMNS];
    size_t count; /* counts on beyond MAX_COLUMNS */
};

static bool at_end(const struct csv *csv)
{
    return csv->at == csv->text.len;
}

static char peek(const struct csv *csv)
{
    return (char)(at_end(csv) ? '\n' : csv->text.base[csv->at]);
}

static void found(struct csv *csv, enum cw_lync_finding_kind kind, size_t line,
                  struct cw_bytes excerpt)
{
    const struct cw_lync_spot spot = {csv->reading->record, line, NULL, excerpt};

    cw_lync_found(&csv->reading->findings, kind, &spot);
}

static void fail(struct csv *csv, size_t line, struct cw_bytes excerpt)
{
    found(csv, CW_LYNC_FINDING_CSV, line, excerpt);
    csv->broken = true;
}

/* Takes the line break, if there is one: LF or CRLF. */
static bool take_line_end(struct csv *csv)
{
    const bool crlf =
        peek(csv) == '\r' && csv->text.len - csv->at > 1 && csv->text.base[csv->at + 1] == '\n';

    if (at_end(csv)) {
        return true;
    }
    if (!crlf && peek(csv) != '\n') {
        return false;
    }
    csv->at += crlf ? 2 : 1;
    csv->line++;
    return true;
}

static struct cw_bytes plain_field(struct csv *csv)
{
    const size_t from = csv->at;

    while (!at_end(csv) && peek(csv) != csv->delimiter && peek(csv) != '\n' && peek(csv) != '\r' &&
           peek(csv) != '"') {
        csv->at++;
    }
    return (struct cw_bytes){csv->text.base + from, csv->at - from};
}

/* A field whose quotes are off already, two inside made one. */
static struct cw_bytes undouble(struct csv *csv, struct cw_bytes raw)
{
    char *const to = cw_lync_take(csv->reading, raw.len);
    size_t len = 0;

    if (to == NULL) {
        csv->broken = true;
        return (struct cw_bytes){0};
    }
    for (size_t i = 0; i < raw.len; i++) {
        to[len++] = raw.base[i];
        i += raw.base[i] == '"';
    }
    return (struct cw_bytes){to, len};
}

/* Without the quotes around. */
static struct cw_bytes quoted_field(struct csv *csv)
{
    const size_t line = csv->line;
    const size_t from = ++csv->at;
    bool doubled = false;

    for (; !at_end(csv); csv->at++) {
        csv->line += peek(csv) == '\n';
        if (peek(csv) != '"') {
            continue;
        }
        csv->at++;
        if (peek(csv) != '"') {
            const struct cw_bytes raw = {csv->text.base + from, csv->at - 1 - from};

            return doubled ? undouble(csv, raw) : raw;
        }
        doubled = true;
    }
    fail(csv, line, (struct cw_bytes){csv->text.base + from, csv->text.len - from});
    return (struct cw_bytes){0};
}

static bool take_delimiter(struct csv *csv)
{
    if (peek(csv) != csv->delimiter) {
        return false;
    }
    csv->at++;
    return true;
}

static void read_field(struct csv *csv, struct row *row)
{
    const struct cw_bytes field = peek(csv) == '"' ? quoted_field(csv) : plain_field(csv);

    if (row->count < MAX_COLUMNS) {
        row->fields[row->count] = field;
    }
    row->count++;
}

static void read_row(struct csv *csv, struct row *row)
{
    row->line = csv->line;
    row->count = 0;
    do {
        read_field(csv, row);
        if (csv->broken || take_line_end(csv)) {
            return;
        }
    } while (take_delimiter(csv));
    fail(csv, csv->line, (struct cw_bytes){csv->text.base + csv->at, csv->text.len - csv->at});
}

/* Rest of the line, which is taken too. */
static struct cw_bytes take_line(struct csv *csv)
{
    const size_t from = csv->at;

    while (!at_end(csv) && peek(csv) != '\n' && peek(csv) != '\r') {
        csv->at++;
    }

    const struct cw_bytes line = {csv->text.base + from, csv->at - from};

    if (!take_line_end(csv)) {
        fail(csv, csv->line, line);
    }
    return line;
}

/* The first line of Windows PowerShell, quoted or not: #TYPE Microsoft.Rtc. ... #Decorated */
static void read_type(struct csv *csv)
{
    static const struct cw_bytes MARK = {"#TYPE ", 6};
    struct cw_bytes line;

    csv->at +=
        peek(csv) == '"' && csv->text.len - csv->at > 1 && csv->text.base[csv->at + 1] == '#';
    if (peek(csv) != '#') {
        return;
    }
    line = take_line(csv);
    if (line.len < MARK.len || !cw_lync_same((struct cw_bytes){line.base, MARK.len}, MARK)) {
        fail(csv, 1, line);
        return;
    }
    csv->type = (struct cw_bytes){line.base + MARK.len, line.len - MARK.len};
}

/* The one of the three that the first row has most of; quotes hide none in names of properties. */
static char find_delimiter(const struct csv *csv)
{
    size_t commas = 0, semicolons = 0, tabs = 0;

    for (size_t i = csv->at; i < csv->text.len && csv->text.base[i] != '\n'; i++) {
        commas += csv->text.base[i] == ',';
        semicolons += csv->text.base[i] == ';';
        tabs += csv->text.base[i] == '\t';
    }
    if (commas >= semicolons && commas >= tabs) {
        return ',';
    }
    return semicolons >= tabs ? ';' : '\t';
}

static bool is_twice(const struct row *header, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (cw_lync_same(header->fields[i], header->fields[at])) {
            return true;
        }
    }
    return false;
}

/* A text without a column that we know is no table of partners, whatever else it is. */
static void check_header(struct csv *csv, const struct row *header)
{
    bool known = false;

    if (header->count > MAX_COLUMNS) {
        found(csv, CW_LYNC_FINDING_SIZE, header->line, (struct cw_bytes){0});
        csv->broken = true;
        return;
    }
    for (size_t i = 0; i < header->count; i++) {
        known = known || cw_lync_is_property(header->fields[i]);
        if (is_twice(header, i)) {
            fail(csv, header->line, header->fields[i]);
            return;
        }
    }
    if (!known) {
        found(csv, CW_LYNC_FINDING_FORMAT, header->line, header->fields[0]);
        csv->broken = true;
    }
}

static void read_header(struct csv *csv)
{
    struct row header;

    csv->delimiter = find_delimiter(csv);
    read_row(csv, &header);
    if (csv->broken) {
        return;
    }
    check_header(csv, &header);
    csv->name_count = header.count;
    for (size_t i = 0; i < header.count && !csv->broken; i++) {
        csv->names[i] = header.fields[i];
    }
}

static void read_record(struct csv *csv)
{
    struct row row;

    read_row(csv, &row);
    if (csv->broken) {
        return;
    }
    cw_lync_begin(csv->reading, row.line, csv->type);
    if (row.count != csv->name_count) {
        found(csv, CW_LYNC_FINDING_COLUMNS, row.line, row.fields[0]);
        return;
    }
    for (size_t i = 0; i < row.count; i++) {
        const struct cw_lync_value value = cw_lync_text(row.fields[i]);

        cw_lync_set(csv->reading, csv->names[i], &value);
    }
    cw_lync_end(csv->reading);
}

static bool skip_blank_lines(struct csv *csv)
{
    while (!at_end(csv) && take_line_end(csv)) {
    }
    return !at_end(csv);
}

void cw_lync_csv(struct cw_lync_reading *reading, struct cw_bytes text)
{
    struct csv csv = {.reading = reading, .text = text, .line = 1};

    (void)skip_blank_lines(&csv);
    read_type(&csv);
    if (!csv.broken) {
        read_header(&csv);
    }
    while (!csv.broken && !reading->full && skip_blank_lines(&csv)) {
        read_record(&csv);
    }
}
