#include "challenge.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buffer.h"

enum { VALUE_LIMIT = 8192 };

void challenge_free(struct challenge *challenge)
{
    free(challenge->realm);
    free(challenge->service);
    free(challenge->scope);
    memset(challenge, 0, sizeof(*challenge));
}

static const char *skip_blank(const char *at)
{
    return at + strspn(at, " \t");
}

/* token of RFC 9110, and the / = + of token68 as far as a name may hold them. */
static size_t token_length(const char *at)
{
    size_t length = 0;
    while (at[length] > 0x20 && at[length] < 0x7f &&
           strchr("\"(),;:<>@[\\]{}=", at[length]) == NULL) {
        length++;
    }
    return length;
}

/* A value, quoted or bare; returns what is behind it. */
static const char *read_value(struct buffer *out, const char *at)
{
    buffer_clear(out);
    if (*at != '"') {
        size_t length = strcspn(at, ", \t");
        buffer_append(out, at, length);
        return at + length;
    }
    for (at++; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') {
            at++;
        }
        buffer_append_char(out, *at);
    }
    return *at == '"' ? at + 1 : at;
}

static void set_parameter(struct challenge *challenge, const char *name, size_t length,
                          const char *value)
{
    static const char *const names[] = {"realm", "service", "scope"};
    char **const places[] = {&challenge->realm, &challenge->service, &challenge->scope};
    for (size_t i = 0; i < 3; i++) {
        if (strlen(names[i]) == length && strncasecmp(names[i], name, length) == 0) {
            free(*places[i]);
            *places[i] = xstrdup(value);
        }
    }
}

static void keep_better(struct challenge *best, struct challenge *one)
{
    if (one->scheme > best->scheme) {
        challenge_free(best);
        *best = *one;
    } else {
        challenge_free(one);
    }
    memset(one, 0, sizeof(*one));
}

static enum challenge_scheme scheme_of(const char *name, size_t length)
{
    if (length == 6 && strncasecmp(name, "bearer", 6) == 0) {
        return CHALLENGE_BEARER;
    }
    return length == 5 && strncasecmp(name, "basic", 5) == 0 ? CHALLENGE_BASIC : CHALLENGE_NONE;
}

void challenge_parse(struct challenge *best, const char *value)
{
    struct challenge one = {CHALLENGE_NONE, NULL, NULL, NULL};
    struct buffer text;
    buffer_init(&text, VALUE_LIMIT);
    for (const char *at = value;;) {
        at += strspn(at, ", \t");
        size_t length = token_length(at);
        if (length == 0) {
            break;
        }
        const char *behind = skip_blank(at + length);
        if (*behind == '=') {
            behind = read_value(&text, skip_blank(behind + 1));
            set_parameter(&one, at, length, text.data);
        } else {
            /* A name without '=' begins the next challenge. */
            keep_better(best, &one);
            one.scheme = scheme_of(at, length);
        }
        at = behind;
    }
    keep_better(best, &one);
    buffer_free(&text);
}
