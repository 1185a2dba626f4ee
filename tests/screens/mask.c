/* What varies on a screen gets a name before screens are compared. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/text.h"
#include "script_parts.h"

void script_mask(struct script *script, const char *text, bool right)
{
    const char *arrow = strstr(text, " => ");
    char *pattern = arrow == NULL ? xstrdup(text) : xstrndup(text, (size_t)(arrow - text));
    if (script->mask_count < MASK_LIMIT &&
        regcomp(&script->masks[script->mask_count].pattern, pattern, REG_EXTENDED) == 0) {
        script->masks[script->mask_count].right = right;
        script->masks[script->mask_count++].replacement = xstrdup(arrow == NULL ? "" : arrow + 4);
    } else {
        script_fail(script, "not a mask: %s", text);
    }
    free(pattern);
}

static void append_replacement(struct buffer *out, const struct mask *mask, const char *text,
                               size_t length)
{
    if (mask->right) {
        char *old = xstrndup(text, length);
        for (int i = text_width(mask->replacement); i < text_width(old); i++) {
            buffer_append_char(out, ' ');
        }
        free(old);
    }
    buffer_append_string(out, mask->replacement);
}

char *script_mask_row(const struct script *script, char *row)
{
    for (int i = 0; i < script->mask_count; i++) {
        struct buffer out;
        regmatch_t match;
        const char *rest = row;
        buffer_init(&out, TEXT_LIMIT);
        while (*rest != '\0' && regexec(&script->masks[i].pattern, rest, 1, &match,
                                        rest == row ? 0 : REG_NOTBOL) == 0) {
            if (match.rm_eo == match.rm_so) {
                break;
            }
            buffer_append(&out, rest, (size_t)match.rm_so);
            append_replacement(&out, &script->masks[i], rest + match.rm_so,
                               (size_t)(match.rm_eo - match.rm_so));
            rest += match.rm_eo;
        }
        buffer_append_string(&out, rest);
        free(row);
        row = buffer_take(&out);
    }
    size_t length = strlen(row);
    while (length > 0 && row[length - 1] == ' ') {
        row[--length] = '\0';
    }
    return row;
}
