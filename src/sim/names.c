#include "names.h"

#include <ctype.h>
#include <string.h>

#define LABEL_TEXT                                                                                 \
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "   \
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "     \
    "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
#define SUBDOMAIN_TEXT                                                                             \
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "   \
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "  \
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define QUALIFIED_TEXT                                                                             \
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "  \
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " \
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define VALUE_TEXT                                                                                 \
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "    \
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value', " \
    " or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
#define KEY_TEXT                                                                                   \
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "           \
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool fits_label(const char *text, size_t length)
{
    if (length == 0 || !is_lower(text[0]) || !is_lower(text[length - 1])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_lower(text[i]) && text[i] != '-') {
            return false;
        }
    }
    return true;
}

static bool fits_subdomain(const char *text, size_t length)
{
    for (size_t start = 0; start <= length;) {
        size_t end = start;
        while (end < length && text[end] != '.') {
            end++;
        }
        if (!fits_label(text + start, end - start)) {
            return false;
        }
        start = end + 1;
    }
    return true;
}

const char *sim_name_label(const char *text)
{
    if (strlen(text) > 63) {
        return "must be no more than 63 characters";
    }
    return fits_label(text, strlen(text)) ? NULL : LABEL_TEXT;
}

const char *sim_name_subdomain(const char *text)
{
    if (strlen(text) > 253) {
        return "must be no more than 253 characters";
    }
    return fits_subdomain(text, strlen(text)) ? NULL : SUBDOMAIN_TEXT;
}

static bool fits_qualified(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || !is_alnum(text[0]) || !is_alnum(text[length - 1])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_alnum(text[i]) && strchr("-_.", text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

const char *sim_name_label_key(const char *text)
{
    const char *name = text;
    const char *slash = strchr(text, '/');
    if (slash != NULL) {
        if (strchr(slash + 1, '/') != NULL) {
            return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and "
                   "must start and end with an alphanumeric character (e.g. 'MyName',  or "
                   "'my.name',  or '123-abc', regex used for validation is "
                   "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain "
                   "prefix and '/' (e.g. 'example.com/MyName')";
        }
        if (slash == text) {
            return "prefix part must be non-empty";
        }
        if (!fits_subdomain(text, (size_t)(slash - text))) {
            return "prefix part " SUBDOMAIN_TEXT;
        }
        name = slash + 1;
    }
    if (name[0] == '\0') {
        return "name part must be non-empty";
    }
    if (strlen(name) > 63) {
        return "name part must be no more than 63 characters";
    }
    return fits_qualified(name) ? NULL : QUALIFIED_TEXT;
}

const char *sim_name_label_value(const char *text)
{
    if (strlen(text) > 63) {
        return "must be no more than 63 characters";
    }
    return text[0] == '\0' || fits_qualified(text) ? NULL : VALUE_TEXT;
}

const char *sim_name_config_key(const char *text)
{
    if (strlen(text) > 253) {
        return "must be no more than 253 characters";
    }
    if (text[0] == '\0') {
        return KEY_TEXT;
    }
    for (const char *at = text; *at != '\0'; at++) {
        if (!is_alnum(*at) && strchr("-_.", *at) == NULL) {
            return KEY_TEXT;
        }
    }
    if (strcmp(text, ".") == 0) {
        return "must not be '.'";
    }
    if (strcmp(text, "..") == 0) {
        return "must not be '..'";
    }
    return strncmp(text, "..", 2) == 0 ? "must not start with '..'" : NULL;
}

const char *sim_name_path_segment(const char *text)
{
    if (strcmp(text, ".") == 0) {
        return "may not be '.'";
    }
    if (strcmp(text, "..") == 0) {
        return "may not be '..'";
    }
    if (strchr(text, '/') != NULL) {
        return "may not contain '/'";
    }
    return strchr(text, '%') != NULL ? "may not contain '%'" : NULL;
}
