/* SPDX-License-Identifier: Apache-2.0 */
#include "datetime.h"

#define DAY_S  86400
#define MAX_MS (INT64_C(253402300800) * 1000) /* the first moment of the year 10000 */

static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char WEEKDAYS[] = "ThuFriSatSunMonTueWed"; /* from 1 January 1970 on */

struct civil {
    int year, month, day; /* month and day from 1 */
    int hour, minute, second;
};

/* Eats from the front; `bad` is sticky. */
struct scan {
    const char *at;
    const char *end;
    bool bad;
};

static struct scan scan_over(struct cw_bytes text)
{
    const char *const base = text.len == 0 ? "" : text.base;

    return (struct scan){base, base + text.len, false};
}

static int number(struct scan *s, int digits)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        if (s->bad || s->at == s->end || *s->at < '0' || *s->at > '9') {
            s->bad = true;
            return 0;
        }
        value = value * 10 + (*s->at++ - '0');
    }
    return value;
}

static void expect(struct scan *s, const char *text)
{
    const size_t len = strlen(text);

    if (s->bad || (size_t)(s->end - s->at) < len || memcmp(s->at, text, len) != 0) {
        s->bad = true;
        return;
    }
    s->at += len;
}

static bool next_is(const struct scan *s, char c)
{
    return !s->bad && s->at < s->end && *s->at == c;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return DAYS[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

static bool is_possible(const struct civil *t)
{
    return t->year >= 1970 && t->month >= 1 && t->month <= 12 && t->day >= 1 &&
           t->day <= days_of_month(t->year, t->month) && t->hour <= 23 && t->minute <= 59 &&
           t->second <= 60;
}

/* Leap years before `year`, from the year 1 on. */
static int64_t leaps_before(int year)
{
    const int y = year - 1;

    return y / 4 - y / 100 + y / 400;
}

static int64_t to_unix_s(const struct civil *t)
{
    int64_t days =
        INT64_C(365) * (t->year - 1970) + leaps_before(t->year) - leaps_before(1970) + t->day - 1;

    for (int month = 1; month < t->month; month++) {
        days += days_of_month(t->year, month);
    }
    return days * DAY_S + t->hour * INT64_C(3600) + t->minute * INT64_C(60) + t->second;
}

static struct civil from_unix_s(int64_t s)
{
    const int64_t days = s / DAY_S;
    const int left = (int)(s % DAY_S);
    struct civil t = {
        .month = 1, .hour = left / 3600, .minute = left / 60 % 60, .second = left % 60};

    t.year = 1970 + (int)(days / 366); /* never too late; at most a few years early */
    while (to_unix_s(&(struct civil){.year = t.year + 1, .month = 1, .day = 1}) <= s) {
        t.year++;
    }

    int day =
        (int)(days - to_unix_s(&(struct civil){.year = t.year, .month = 1, .day = 1}) / DAY_S);

    while (day >= days_of_month(t.year, t.month)) {
        day -= days_of_month(t.year, t.month);
        t.month++;
    }
    t.day = day + 1;
    return t;
}

static int fraction_ms(struct scan *s)
{
    int ms = 0;
    int unit = 100;

    if (!next_is(s, '.')) {
        return 0;
    }
    s->at++;
    ms += number(s, 1) * unit;
    while (!s->bad && s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        unit /= 10;
        ms += (*s->at++ - '0') * unit;
    }
    return ms;
}

static int64_t zone_s(struct scan *s)
{
    if (next_is(s, 'Z')) {
        s->at++;
        return 0;
    }

    const int sign = next_is(s, '-') ? -1 : 1;

    expect(s, sign < 0 ? "-" : "+");

    const int hours = number(s, 2);

    expect(s, ":");

    const int minutes = number(s, 2);

    s->bad = s->bad || hours > 23 || minutes > 59;
    return sign * (hours * INT64_C(3600) + minutes * INT64_C(60));
}

static enum cw_err finish(const struct scan *s, const struct civil *t, int64_t shift_ms,
                          int64_t *unix_ms)
{
    if (s->bad || s->at != s->end || !is_possible(t)) {
        return CW_ERR_MALFORMED;
    }

    const int64_t ms = to_unix_s(t) * 1000 + shift_ms;

    if (ms < 0 || ms >= MAX_MS) {
        return CW_ERR_MALFORMED;
    }
    *unix_ms = ms;
    return CW_OK;
}

enum cw_err cw_datetime_read_3339(struct cw_bytes text, int64_t *unix_ms)
{
    struct scan s = scan_over(text);
    struct civil t;

    t.year = number(&s, 4);
    expect(&s, "-");
    t.month = number(&s, 2);
    expect(&s, "-");
    t.day = number(&s, 2);
    expect(&s, "T");
    t.hour = number(&s, 2);
    expect(&s, ":");
    t.minute = number(&s, 2);
    expect(&s, ":");
    t.second = number(&s, 2);

    const int ms = fraction_ms(&s);
    const int64_t zone = zone_s(&s);

    return finish(&s, &t, ms - zone * 1000, unix_ms);
}

static int month_by_name(struct scan *s)
{
    for (int month = 1; month <= 12; month++) {
        if (!s->bad && s->end - s->at >= 3 &&
            memcmp(s->at, MONTHS + 3 * ((size_t)month - 1), 3) == 0) {
            s->at += 3;
            return month;
        }
    }
    s->bad = true;
    return 0;
}

static void weekday_name(struct scan *s)
{
    for (size_t day = 0; day < 7; day++) {
        if (s->end - s->at >= 3 && memcmp(s->at, WEEKDAYS + 3 * day, 3) == 0) {
            s->at += 3;
            return;
        }
    }
    s->bad = true;
}

enum cw_err cw_datetime_read_1123(struct cw_bytes text, int64_t *unix_ms)
{
    struct scan s = scan_over(text);
    struct civil t;

    weekday_name(&s);
    expect(&s, ", ");
    t.day = number(&s, 2);
    expect(&s, " ");
    t.month = month_by_name(&s);
    expect(&s, " ");
    t.year = number(&s, 4);
    expect(&s, " ");
    t.hour = number(&s, 2);
    expect(&s, ":");
    t.minute = number(&s, 2);
    expect(&s, ":");
    t.second = number(&s, 2);
    expect(&s, " GMT");
    return finish(&s, &t, 0, unix_ms);
}

static char *put_number(char *to, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return to + digits;
}

static char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

static char *put_clock(char *to, const struct civil *t)
{
    to = put_number(to, t->hour, 2);
    to = put(to, ":", 1);
    to = put_number(to, t->minute, 2);
    to = put(to, ":", 1);
    return put_number(to, t->second, 2);
}

static int64_t seconds_in_range(int64_t unix_ms)
{
    return unix_ms < 0 ? 0 : (unix_ms >= MAX_MS ? MAX_MS - 1 : unix_ms) / 1000;
}

enum cw_err cw_datetime_write_3339(int64_t unix_ms, struct cw_arena *arena, struct cw_bytes *out)
{
    const struct civil t = from_unix_s(seconds_in_range(unix_ms));
    char *const base = cw_arena_alloc(arena, 20);
    char *to = base;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    to = put_number(to, t.year, 4);
    to = put(to, "-", 1);
    to = put_number(to, t.month, 2);
    to = put(to, "-", 1);
    to = put_number(to, t.day, 2);
    to = put(to, "T", 1);
    to = put_clock(to, &t);
    to = put(to, "Z", 1);
    *out = (struct cw_bytes){base, (size_t)(to - base)};
    return CW_OK;
}

enum cw_err cw_datetime_write_1123(int64_t unix_ms, struct cw_arena *arena, struct cw_bytes *out)
{
    const int64_t unix_s = seconds_in_range(unix_ms);
    const struct civil t = from_unix_s(unix_s);
    char *const base = cw_arena_alloc(arena, 29);
    char *to = base;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    to = put(to, WEEKDAYS + 3 * (unix_s / DAY_S % 7), 3);
    to = put(to, ", ", 2);
    to = put_number(to, t.day, 2);
    to = put(to, " ", 1);
    to = put(to, MONTHS + 3 * ((size_t)t.month - 1), 3);
    to = put(to, " ", 1);
    to = put_number(to, t.year, 4);
    to = put(to, " ", 1);
    to = put_clock(to, &t);
    to = put(to, " GMT", 4);
    *out = (struct cw_bytes){base, (size_t)(to - base)};
    return CW_OK;
}
