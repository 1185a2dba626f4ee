#include "ui/filter.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

enum field { FIELD_ANY, FIELD_STATE, FIELD_NODE, FIELD_DRIVER, FIELD_NS, FIELD_SECRET, FIELD_PULL };

struct word {
    enum field field;
    bool negative;
    bool is_regex;
    bool whole; /* the value as it is, not a part of it */
    regex_t regex;
    char *text;
    char *bad; /* the word as written, if it means nothing */
};

struct filter {
    struct word *words;
    size_t count;
};

static const char *const prefixes[] = {"", "state:", "node:", "driver:", "ns:", "secret:", "pull:"};

/* "broken" or its beginning: any state that is a fault. */
static bool means_broken(const char *text)
{
    return strlen(text) >= 3 && text_starts_with("broken", text);
}

static bool is_state_word(const char *text)
{
    if (means_broken(text)) {
        return true;
    }
    for (int state = CSI_SECRET_REJECTED; state <= CSI_SECRET_NONE; state++) {
        if (text_find(csi_secret_state_name((enum csi_secret_state)state), text) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_pull_word(const char *text)
{
    for (int pull = CSI_PULLING_OK; pull <= CSI_PULLING_FAILING; pull++) {
        if (text_find(csi_pulling_name((enum csi_pulling)pull), text) != NULL) {
            return true;
        }
    }
    return false;
}

static void read_word(struct word *word, const char *written)
{
    const char *rest = written;
    word->negative = *rest == '!';
    rest += word->negative ? 1 : 0;
    for (size_t i = 1; i < ARRAY_LENGTH(prefixes); i++) {
        if (text_starts_with(rest, prefixes[i])) {
            word->field = (enum field)i;
            rest += strlen(prefixes[i]);
        }
    }
    bool good = true;
    if (word->field != FIELD_ANY && *rest == '=') {
        rest++;
        word->whole = true;
    }
    if (*rest == '~' && !word->whole) {
        rest++;
        word->is_regex = regcomp(&word->regex, rest, REG_EXTENDED | REG_NOSUB | REG_ICASE) == 0;
        good = word->is_regex;
    } else if (word->field == FIELD_STATE) {
        good = is_state_word(rest);
    } else if (word->field == FIELD_PULL) {
        good = is_pull_word(rest);
    }
    word->text = xstrdup(rest);
    word->bad = good ? NULL : xstrdup(written);
}

struct filter *filter_compile(const char *text)
{
    text += strspn(text, " ");
    if (*text == '\0') {
        return NULL;
    }
    struct filter *filter = xcalloc(1, sizeof(*filter));
    filter->words = xcalloc(strlen(text) / 2 + 1, sizeof(struct word));
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        char *written = xstrndup(text, length);
        read_word(&filter->words[filter->count++], written);
        free(written);
        text += length;
        text += strspn(text, " ");
    }
    return filter;
}

void filter_free(struct filter *filter)
{
    if (filter == NULL) {
        return;
    }
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->words[i].is_regex) {
            regfree(&filter->words[i].regex);
        }
        free(filter->words[i].text);
        free(filter->words[i].bad);
    }
    free(filter->words);
    free(filter);
}

static bool holds_in(const struct word *word, const char *value)
{
    return word->is_regex ? regexec(&word->regex, value, 0, NULL, 0) == 0
           : word->whole  ? strcmp(value, word->text) == 0
                          : text_find(value, word->text) != NULL;
}

static bool holds_in_secrets(const struct word *word, const struct csi_pod *pod)
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        if (holds_in(word, pod->references[i].name)) {
            return true;
        }
    }
    return false;
}

static bool holds_in_state(const struct word *word, const struct csi_pod *pod)
{
    return holds_in(word, csi_secret_state_name(pod->state)) ||
           (csi_secret_state_is_broken(pod->state) && means_broken(word->text));
}

static bool word_holds(const struct word *word, const struct csi_pod *pod)
{
    const struct csi_driver *driver = pod->workload->driver;
    const char *driver_name = driver == NULL ? "" : driver->name;
    switch (word->field) {
    case FIELD_STATE:
        return holds_in_state(word, pod);
    case FIELD_NODE:
        return holds_in(word, pod->node);
    case FIELD_DRIVER:
        return holds_in(word, driver_name) ||
               (driver != NULL && driver->kubespray != NULL && holds_in(word, driver->kubespray));
    case FIELD_NS:
        return holds_in(word, pod->ns);
    case FIELD_SECRET:
        return holds_in_secrets(word, pod);
    case FIELD_PULL:
        return holds_in(word, csi_pulling_name(pod->pulling));
    case FIELD_ANY:
        break;
    }
    return holds_in(word, pod->name) || holds_in(word, pod->node) ||
           holds_in(word, pod->workload->name) || holds_in(word, driver_name) ||
           holds_in_state(word, pod) || holds_in_secrets(word, pod);
}

bool filter_passes(const struct filter *filter, const struct csi_pod *pod)
{
    for (size_t i = 0; filter != NULL && i < filter->count; i++) {
        const struct word *word = &filter->words[i];
        if (word->bad == NULL && word_holds(word, pod) == word->negative) {
            return false;
        }
    }
    return true;
}

const char *filter_bad_word(const struct filter *filter)
{
    for (size_t i = 0; filter != NULL && i < filter->count; i++) {
        if (filter->words[i].bad != NULL) {
            return filter->words[i].bad;
        }
    }
    return NULL;
}
