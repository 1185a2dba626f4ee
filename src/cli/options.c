#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

const struct cli_option cli_options[CLI_OPTION_COUNT] = {
#define X(id, name, letter, type, groups, value, help) {name, letter, type, groups, value, help},
    CLI_OPTIONS(X)
#undef X
};

void cli_values_init(struct cli_values *values)
{
    memset(values, 0, sizeof(*values));
}

void cli_values_free(struct cli_values *values)
{
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        for (size_t i = 0; i < values->of[id].count; i++) {
            free(values->of[id].items[i]);
        }
        free(values->of[id].items);
    }
    for (size_t i = 0; i < values->argument_count; i++) {
        free(values->arguments[i]);
    }
    free(values->arguments);
    cli_values_init(values);
}

bool cli_is_set(const struct cli_values *values, enum cli_option_id id)
{
    return values->of[id].count > 0;
}

const char *cli_text(const struct cli_values *values, enum cli_option_id id)
{
    size_t count = values->of[id].count;
    return count == 0 ? NULL : values->of[id].items[count - 1];
}

bool cli_flag(const struct cli_values *values, enum cli_option_id id)
{
    const char *text = cli_text(values, id);
    return text != NULL && strcmp(text, "true") == 0;
}

const char *const *cli_list(const struct cli_values *values, enum cli_option_id id)
{
    return values->of[id].count == 0 ? NULL : (const char *const *)values->of[id].items;
}

bool cli_duration(const struct cli_values *values, enum cli_option_id id, int64_t fallback,
                  int64_t *ms, struct error *err)
{
    const char *text = cli_text(values, id);
    *ms = fallback;
    if (text == NULL || clock_parse_duration(text, ms)) {
        return true;
    }
    return error_set(err, ERROR_USAGE, "--%s %s: not a duration; write one as 90s, 5m or 1h30m",
                     cli_options[id].name, text);
}
