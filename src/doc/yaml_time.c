#include <string.h>

#include "yaml_types.h"

/* How two readers tell dates from other texts. */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads least to most digits into value and moves on; false if fewer stand there. */
static bool take_number(const char **at, int least, int most, int *value)
{
    int count = 0;
    *value = 0;
    while (count < most && is_digit((*at)[count])) {
        *value = *value * 10 + ((*at)[count] - '0');
        count++;
    }
    *at += count;
    return count >= least;
}

static bool take(const char **at, const char *choices)
{
    if (**at == '\0' || strchr(choices, **at) == NULL) {
        return false;
    }
    (*at)++;
    return true;
}

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \t");
}

static bool take_python_clock(const char **at)
{
    int part;
    return take_number(at, 1, 2, &part) && take(at, ":") && take_number(at, 2, 2, &part) &&
           take(at, ":") && take_number(at, 2, 2, &part);
}

/* "Z", "+2", "-02:30" after blanks, or nothing at all. */
static bool is_python_zone(const char *at)
{
    int part;
    if (*at == '\0') {
        return true;
    }
    skip_blanks(&at);
    if (take(&at, "Z")) {
        return *at == '\0';
    }
    if (!take(&at, "-+") || !take_number(&at, 1, 2, &part)) {
        return false;
    }
    return *at == '\0' || (take(&at, ":") && take_number(&at, 2, 2, &part) && *at == '\0');
}

bool yaml_is_python_date(const char *text)
{
    int part;
    const char *at = text;
    if (!take_number(&at, 4, 4, &part) || !take(&at, "-") || !take_number(&at, 1, 2, &part) ||
        !take(&at, "-") || !take_number(&at, 1, 2, &part)) {
        return false;
    }
    if (*at == '\0') {
        return at - text == 10; /* 2020-01-01: alone it takes two digits each */
    }
    if (!take(&at, "Tt")) {
        if (!take(&at, " \t")) {
            return false;
        }
        skip_blanks(&at);
    }
    if (!take_python_clock(&at)) {
        return false;
    }
    if (take(&at, ".")) {
        at += strspn(at, "0123456789");
    }
    return is_python_zone(at);
}

static bool exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1) {
        return false;
    }
    return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool take_go_clock(const char **at)
{
    int hour, minute, second;
    if (!take_number(at, 1, 2, &hour) || !take(at, ":") || !take_number(at, 1, 2, &minute) ||
        !take(at, ":") || !take_number(at, 1, 2, &second)) {
        return false;
    }
    if ((**at == '.' || **at == ',') && is_digit((*at)[1])) {
        (*at)++;
        *at += strspn(*at, "0123456789");
    }
    return hour < 24 && minute < 60 && second < 60;
}

/* Go's Z07:00; up to 24 hours and 60 minutes. */
static bool is_go_zone(const char *at)
{
    int hours, minutes;
    if (take(&at, "Z")) {
        return *at == '\0';
    }
    return take(&at, "-+") && take_number(&at, 2, 2, &hours) && take(&at, ":") &&
           take_number(&at, 2, 2, &minutes) && *at == '\0' && hours <= 24 && minutes <= 60;
}

bool yaml_is_go_time(const char *text)
{
    int year, month, day;
    const char *at = text;
    if (!take_number(&at, 4, 4, &year) || !take(&at, "-") || !take_number(&at, 1, 2, &month) ||
        !take(&at, "-") || !take_number(&at, 1, 2, &day) || !exists(year, month, day)) {
        return false;
    }
    if (*at == '\0') {
        return true;
    }
    if (take(&at, "Tt")) {
        return take_go_clock(&at) && is_go_zone(at);
    }
    return take(&at, " ") && take_go_clock(&at) && *at == '\0';
}
