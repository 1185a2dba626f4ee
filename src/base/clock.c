#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall_offset_ms;

int64_t clock_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + wall_offset_ms;
}

void clock_set_wall_ms(int64_t wall_ms)
{
    wall_offset_ms += wall_ms - clock_wall_ms();
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* Exactly count digits. */
static bool read_digits(const char **text, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (!isdigit((unsigned char)(*text)[i])) {
            return false;
        }
        *value = *value * 10 + ((*text)[i] - '0');
    }
    *text += count;
    return true;
}

static bool read_char(const char **text, char c)
{
    if (**text != c) {
        return false;
    }
    (*text)++;
    return true;
}

static bool read_offset(const char **text, int *minutes)
{
    if (read_char(text, 'Z') || read_char(text, 'z')) {
        *minutes = 0;
        return true;
    }
    int sign = **text == '-' ? -1 : 1;
    int hour;
    int minute;
    if (**text != '+' && **text != '-') {
        return false;
    }
    (*text)++;
    if (!read_digits(text, 2, &hour) || !read_char(text, ':') || !read_digits(text, 2, &minute) ||
        hour > 23 || minute > 59) {
        return false;
    }
    *minutes = sign * (hour * 60 + minute);
    return true;
}

static bool read_fraction(const char **text, int *ms)
{
    *ms = 0;
    if (**text != '.') {
        return true;
    }
    (*text)++;
    int digits = 0;
    for (; isdigit((unsigned char)**text); (*text)++, digits++) {
        if (digits < 3) {
            *ms = *ms * 10 + (**text - '0');
        }
    }
    for (int i = digits; i < 3; i++) {
        *ms *= 10;
    }
    return digits > 0;
}

bool clock_parse_rfc3339(const char *text, int64_t *wall_ms)
{
    int year, month, day, hour, minute, second, ms, offset;
    if (text == NULL || !read_digits(&text, 4, &year) || !read_char(&text, '-') ||
        !read_digits(&text, 2, &month) || !read_char(&text, '-') || !read_digits(&text, 2, &day) ||
        !(read_char(&text, 'T') || read_char(&text, 't')) || !read_digits(&text, 2, &hour) ||
        !read_char(&text, ':') || !read_digits(&text, 2, &minute) || !read_char(&text, ':') ||
        !read_digits(&text, 2, &second) || !read_fraction(&text, &ms) ||
        !read_offset(&text, &offset) || *text != '\0') {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 +
                      second - (int64_t)offset * 60;
    *wall_ms = seconds * 1000 + ms;
    return true;
}

void clock_format_rfc3339(int64_t wall_ms, char out[32])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        snprintf(out, 32, "1970-01-01T00:00:00Z");
    }
}

static bool duration_unit(const char **text, double *factor)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ns", 1e-6}, {"us", 1e-3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].name);
        if (strncmp(*text, units[i].name, length) == 0) {
            *factor = units[i].ms;
            *text += length;
            return true;
        }
    }
    return false;
}

bool clock_parse_duration(const char *text, int64_t *ms)
{
    if (strcmp(text, "0") == 0) {
        *ms = 0;
        return true;
    }
    double total = 0;
    if (*text == '\0') {
        return false;
    }
    while (*text != '\0') {
        double value = 0;
        double place = 1;
        bool digits = false;
        for (; isdigit((unsigned char)*text); text++, digits = true) {
            value = value * 10 + (*text - '0');
        }
        if (*text == '.') {
            for (text++; isdigit((unsigned char)*text); text++, digits = true) {
                place /= 10;
                value += (*text - '0') * place;
            }
        }
        double factor;
        if (!digits || !duration_unit(&text, &factor)) {
            return false;
        }
        total += value * factor;
        if (total > 9e15) {
            return false;
        }
    }
    *ms = (int64_t)(total + 0.5);
    return true;
}

/* The steps are those of apimachinery's duration.HumanDuration. */
void clock_format_age(int64_t ms, char out[32])
{
    long long seconds = ms < 0 ? 0 : (long long)(ms / 1000);
    long long minutes = seconds / 60;
    long long hours = minutes / 60;
    long long days = hours / 24;
    if (seconds < 120) {
        snprintf(out, 32, "%llds", seconds);
    } else if (minutes < 10 && seconds % 60 != 0) {
        snprintf(out, 32, "%lldm%llds", minutes, seconds % 60);
    } else if (minutes < 180) {
        snprintf(out, 32, "%lldm", minutes);
    } else if (hours < 8 && minutes % 60 != 0) {
        snprintf(out, 32, "%lldh%lldm", hours, minutes % 60);
    } else if (hours < 48) {
        snprintf(out, 32, "%lldh", hours);
    } else if (hours < 192 && hours % 24 != 0) {
        snprintf(out, 32, "%lldd%lldh", days, hours % 24);
    } else if (days < 730) {
        snprintf(out, 32, "%lldd", days);
    } else {
        snprintf(out, 32, "%lldy", days / 365);
    }
}
