#include <string.h>

#include "base/text.h"
#include "gourl.h"

/* A position in a pattern or a text. */
struct view {
    const char *at;
    const char *end;
};

/* One character as Go's utf8.DecodeRune gives it: a bad byte is U+FFFD. */
static unsigned next_rune(struct view *view)
{
    unsigned rune = 0xfffd;
    size_t length = text_decode_utf8(view->at, (size_t)(view->end - view->at), &rune);
    if (length == 0) {
        rune = 0xfffd;
        length = 1;
    }
    view->at += length;
    return rune;
}

/* filepath.getEsc(): one bound of a class; false for a malformed class. */
static bool class_bound(struct view *pattern, unsigned *rune)
{
    if (pattern->at == pattern->end || *pattern->at == '-' || *pattern->at == ']') {
        return false;
    }
    if (*pattern->at == '\\') {
        pattern->at++;
        if (pattern->at == pattern->end) {
            return false;
        }
    }
    *rune = next_rune(pattern);
    return pattern->at < pattern->end;
}

/* A class, with pattern behind its '['; -1 malformed, 0 no, 1 yes. */
static int match_class(struct view *pattern, unsigned rune)
{
    bool negated = pattern->at < pattern->end && *pattern->at == '^';
    pattern->at += negated ? 1 : 0;
    bool matched = false;
    for (int ranges = 0;; ranges++) {
        if (pattern->at < pattern->end && *pattern->at == ']' && ranges > 0) {
            pattern->at++;
            return matched != negated;
        }
        unsigned low = 0;
        if (!class_bound(pattern, &low)) {
            return -1;
        }
        unsigned high = low;
        if (*pattern->at == '-') {
            pattern->at++;
            if (!class_bound(pattern, &high)) {
                return -1;
            }
        }
        matched = matched || (low <= rune && rune <= high);
    }
}

/* A chunk without stars against the start of text; -1 malformed, 0 no, 1 yes with text behind it.
 * A malformed pattern is noticed also behind a mismatch, as in Go. */
static int match_chunk(struct view chunk, struct view *text)
{
    bool failed = false;
    while (chunk.at < chunk.end) {
        failed = failed || text->at == text->end;
        unsigned rune = 0;
        switch (*chunk.at) {
        case '[': {
            rune = failed ? 0 : next_rune(text);
            chunk.at++;
            int in_class = match_class(&chunk, rune);
            if (in_class < 0) {
                return -1;
            }
            failed = failed || in_class == 0;
            break;
        }
        case '?':
            failed = failed || *text->at == '/';
            if (!failed) {
                next_rune(text);
            }
            chunk.at++;
            break;
        case '\\':
            chunk.at++;
            if (chunk.at == chunk.end) {
                return -1;
            }
            /* fall through */
        default:
            failed = failed || *chunk.at != *text->at;
            text->at += failed ? 0 : 1;
            chunk.at++;
        }
    }
    return failed ? 0 : 1;
}

/* The chunk up to the next star that is not inside a class. */
static struct view take_chunk(struct view *pattern)
{
    struct view chunk = *pattern;
    bool in_class = false;
    const char *at = pattern->at;
    for (; at < pattern->end; at++) {
        if (*at == '\\') {
            at += at + 1 < pattern->end ? 1 : 0;
        } else if (*at == '[') {
            in_class = true;
        } else if (*at == ']') {
            in_class = false;
        } else if (*at == '*' && !in_class) {
            break;
        }
    }
    chunk.end = at;
    pattern->at = at;
    return chunk;
}

/* After a star: the chunk may begin anywhere before the next slash. */
static int match_behind_star(struct view chunk, bool last, struct view *text)
{
    for (const char *start = text->at; start < text->end && *start != '/'; start++) {
        struct view rest = {start + 1, text->end};
        int matched = match_chunk(chunk, &rest);
        if (matched < 0) {
            return -1;
        }
        if (matched == 1 && !(last && rest.at < rest.end)) {
            text->at = rest.at;
            return 1;
        }
    }
    return 0;
}

bool goglob_match(const char *pattern, size_t pattern_length, const char *text, size_t text_length)
{
    struct view rest = {pattern, pattern + pattern_length};
    struct view target = {text, text + text_length};
    while (rest.at < rest.end) {
        bool star = false;
        while (rest.at < rest.end && *rest.at == '*') {
            star = true;
            rest.at++;
        }
        struct view chunk = take_chunk(&rest);
        if (star && chunk.at == chunk.end) {
            return memchr(target.at, '/', (size_t)(target.end - target.at)) == NULL;
        }
        struct view behind = target;
        int matched = match_chunk(chunk, &behind);
        bool last = rest.at == rest.end;
        if (matched == 1 && (behind.at == behind.end || !last)) {
            target = behind;
            continue;
        }
        if (matched < 0 || !star || match_behind_star(chunk, last, &target) != 1) {
            return false;
        }
    }
    return target.at == target.end;
}
