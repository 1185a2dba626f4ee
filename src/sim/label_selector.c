#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "names.h"
#include "selectors_inside.h"

/* The grammar and the words of apimachinery/pkg/labels/selector.go. */
enum token {
    TOKEN_END,
    TOKEN_IDENTIFIER,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_NOT,
    TOKEN_EQUALS,
    TOKEN_DOUBLE_EQUALS,
    TOKEN_NOT_EQUALS,
    TOKEN_GREATER,
    TOKEN_LESS,
    TOKEN_IN,
    TOKEN_NOT_IN,
    TOKEN_ERROR,
};

struct lexer {
    const char *at;
    char literal[512];
};

struct sim_requirement *sim_requirements_add(struct sim_requirements *requirements, const char *key,
                                             enum sim_operator op)
{
    requirements->list = xgrow(requirements->list, requirements->count, &requirements->capacity,
                               sizeof(*requirements->list));
    struct sim_requirement *one = &requirements->list[requirements->count++];
    *one = (struct sim_requirement){.key = xstrdup(key), .op = op};
    return one;
}

void sim_requirement_add_value(struct sim_requirement *requirement, const char *value)
{
    requirement->values = xreallocarray(requirement->values, requirement->value_count + 1,
                                        sizeof(*requirement->values));
    requirement->values[requirement->value_count++] = xstrdup(value);
}

void sim_requirements_free(struct sim_requirements *requirements)
{
    for (size_t i = 0; i < requirements->count; i++) {
        struct sim_requirement *one = &requirements->list[i];
        for (size_t j = 0; j < one->value_count; j++) {
            free(one->values[j]);
        }
        free(one->values);
        free(one->key);
    }
    free(requirements->list);
    *requirements = (struct sim_requirements){NULL, 0, 0};
}

static enum token symbol(struct lexer *lexer)
{
    static const struct {
        const char *text;
        enum token token;
    } symbols[] = {{"==", TOKEN_DOUBLE_EQUALS},
                   {"!=", TOKEN_NOT_EQUALS},
                   {"=", TOKEN_EQUALS},
                   {"!", TOKEN_NOT},
                   {"(", TOKEN_OPEN},
                   {")", TOKEN_CLOSE},
                   {",", TOKEN_COMMA},
                   {">", TOKEN_GREATER},
                   {"<", TOKEN_LESS}};
    for (size_t i = 0; i < ARRAY_LENGTH(symbols); i++) {
        size_t length = strlen(symbols[i].text);
        if (strncmp(lexer->at, symbols[i].text, length) == 0) {
            snprintf(lexer->literal, sizeof(lexer->literal), "%s", symbols[i].text);
            lexer->at += length;
            return symbols[i].token;
        }
    }
    return TOKEN_ERROR;
}

/* keys: "in" and "notin" are operators, not values. */
static enum token next(struct lexer *lexer, bool operators)
{
    while (*lexer->at == ' ' || *lexer->at == '\t' || *lexer->at == '\n' || *lexer->at == '\r') {
        lexer->at++;
    }
    lexer->literal[0] = '\0';
    if (*lexer->at == '\0') {
        return TOKEN_END;
    }
    if (strchr("=!(),<>", *lexer->at) != NULL) {
        return symbol(lexer);
    }
    size_t length = strcspn(lexer->at, "=!(),<> \t\r\n");
    snprintf(lexer->literal, sizeof(lexer->literal), "%.*s", (int)length, lexer->at);
    lexer->at += length;
    if (operators && strcmp(lexer->literal, "in") == 0) {
        return TOKEN_IN;
    }
    if (operators && strcmp(lexer->literal, "notin") == 0) {
        return TOKEN_NOT_IN;
    }
    return TOKEN_IDENTIFIER;
}

static enum token peek(struct lexer *lexer, bool operators)
{
    const char *at = lexer->at;
    enum token token = next(lexer, operators);
    lexer->at = at;
    return token;
}

static bool expected(struct lexer *lexer, const char *what, struct sim_status *status)
{
    return sim_status_bad_request(status, "unable to parse requirement: found '%s', expected: %s",
                                  lexer->literal, what);
}

static bool read_list(struct lexer *lexer, struct sim_requirement *requirement,
                      struct sim_status *status)
{
    if (next(lexer, false) != TOKEN_OPEN) {
        return sim_status_bad_request(status,
                                      "unable to parse requirement: found '%s' expected: "
                                      "'('",
                                      lexer->literal);
    }
    bool wants_value = true;
    for (;;) {
        enum token token = next(lexer, false);
        if (token == TOKEN_IDENTIFIER && wants_value) {
            sim_requirement_add_value(requirement, lexer->literal);
            wants_value = false;
        } else if (token == TOKEN_COMMA) {
            if (wants_value) {
                sim_requirement_add_value(requirement, "");
            }
            wants_value = true;
        } else if (token == TOKEN_CLOSE) {
            if (wants_value) {
                sim_requirement_add_value(requirement, "");
            }
            return true;
        } else {
            return expected(lexer, wants_value ? "',', ')' or identifier" : "',' or ')'", status);
        }
    }
}

static bool read_value(struct lexer *lexer, struct sim_requirement *requirement,
                       struct sim_status *status)
{
    enum token ahead = peek(lexer, false);
    if (ahead == TOKEN_END || ahead == TOKEN_COMMA) {
        lexer->literal[0] = '\0';
        sim_requirement_add_value(requirement, "");
        return true;
    }
    if (next(lexer, false) != TOKEN_IDENTIFIER) {
        return expected(lexer, "identifier", status);
    }
    sim_requirement_add_value(requirement, lexer->literal);
    return true;
}

static bool check_values(const struct sim_requirement *requirement, struct sim_status *status)
{
    for (size_t i = 0; i < requirement->value_count; i++) {
        const char *why = sim_name_label_value(requirement->values[i]);
        if (why != NULL && requirement->op <= SIM_NOT_IN) {
            return sim_status_bad_request(status,
                                          "unable to parse requirement: values[%zu][%s]: Invalid "
                                          "value: \"%s\": %s",
                                          i, requirement->key, requirement->values[i], why);
        }
    }
    return true;
}

static bool read_requirement(struct lexer *lexer, bool old, struct sim_requirements *requirements,
                             struct sim_status *status)
{
    enum token token = next(lexer, false);
    bool absent = token == TOKEN_NOT;
    if (absent) {
        token = next(lexer, false);
    }
    if (token != TOKEN_IDENTIFIER) {
        return expected(lexer, "identifier", status);
    }
    const char *why = sim_name_label_key(lexer->literal);
    if (why != NULL) {
        return sim_status_bad_request(
            status,
            old ? "unable to parse requirement: invalid label key \"%s\": %s"
                : "unable to parse requirement: <nil>: Invalid value: "
                  "\"%s\": %s",
            lexer->literal, why);
    }
    struct sim_requirement *one =
        sim_requirements_add(requirements, lexer->literal, absent ? SIM_NOT_EXISTS : SIM_EXISTS);
    enum token ahead = peek(lexer, true);
    if (absent || ahead == TOKEN_END || ahead == TOKEN_COMMA) {
        return true;
    }
    bool ok;
    switch (next(lexer, true)) {
    case TOKEN_IN:
    case TOKEN_NOT_IN:
        one->op = strcmp(lexer->literal, "in") == 0 ? SIM_IN : SIM_NOT_IN;
        ok = read_list(lexer, one, status);
        break;
    case TOKEN_EQUALS:
    case TOKEN_DOUBLE_EQUALS:
        one->op = SIM_IN;
        ok = read_value(lexer, one, status);
        break;
    case TOKEN_NOT_EQUALS:
        one->op = SIM_NOT_IN;
        ok = read_value(lexer, one, status);
        break;
    case TOKEN_GREATER:
    case TOKEN_LESS:
        one->op = lexer->literal[0] == '>' ? SIM_GREATER : SIM_LESS;
        ok = read_value(lexer, one, status);
        break;
    default:
        return expected(lexer, "in, notin, =, ==, !=, gt, lt", status);
    }
    return ok && check_values(one, status);
}

bool sim_label_selector_parse(const char *text, bool old, struct sim_requirements *requirements,
                              struct sim_status *status)
{
    struct lexer lexer = {text, ""};
    for (;;) {
        enum token ahead = peek(&lexer, false);
        if (ahead == TOKEN_END) {
            return true;
        }
        if (ahead != TOKEN_IDENTIFIER && ahead != TOKEN_NOT) {
            next(&lexer, false);
            return sim_status_bad_request(
                status, "found '%s', expected: !, identifier, or 'end of string'", lexer.literal);
        }
        if (!read_requirement(&lexer, old, requirements, status)) {
            return false;
        }
        enum token after = next(&lexer, false);
        if (after == TOKEN_END) {
            return true;
        }
        if (after != TOKEN_COMMA) {
            return sim_status_bad_request(status, "found '%s', expected: ',' or 'end of string'",
                                          lexer.literal);
        }
        ahead = peek(&lexer, false);
        if (ahead != TOKEN_IDENTIFIER && ahead != TOKEN_NOT) {
            next(&lexer, false);
            return sim_status_bad_request(status, "found '%s', expected: identifier after ','",
                                          lexer.literal);
        }
    }
}

static bool among(const struct sim_requirement *requirement, const char *value)
{
    for (size_t i = 0; i < requirement->value_count; i++) {
        if (strcmp(requirement->values[i], value) == 0) {
            return true;
        }
    }
    return false;
}

bool sim_requirement_holds(const struct sim_requirement *requirement, const char *value)
{
    switch (requirement->op) {
    case SIM_IN:
        return value != NULL && among(requirement, value);
    case SIM_NOT_IN:
        return value == NULL || !among(requirement, value);
    case SIM_EXISTS:
        return value != NULL;
    case SIM_NOT_EXISTS:
        return value == NULL;
    case SIM_GREATER:
        return value != NULL &&
               strtoll(value, NULL, 10) > strtoll(requirement->values[0], NULL, 10);
    case SIM_LESS:
        return value != NULL &&
               strtoll(value, NULL, 10) < strtoll(requirement->values[0], NULL, 10);
    }
    return false;
}
