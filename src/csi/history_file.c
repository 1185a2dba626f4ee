#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "csi/history.h"
#include "doc/json.h"
#include "rows.h"

/*
 * {"views": [{"key": ..., "hour": ..., "hours": [...]}, ...]}, the newest first. Two monitors that
 * write at once take turns by the rename; the one that loses writes again a few minutes later.
 */
enum { VIEWS_MAX = 32, FILE_LIMIT = 64 * 1024, HOUR_MS = 3600 * 1000 };

static cJSON *read_views(const char *path, struct error *err)
{
    struct buffer text;
    buffer_init(&text, FILE_LIMIT);
    cJSON *document = NULL;
    if (file_read(path, &text, err)) {
        document = json_parse(text.data, text.length, path, err);
        if (document != NULL && json_list(document, "views") == NULL) {
            error_set(err, ERROR_CONFIG, "%s: it does not hold the hours of a monitor", path);
            cJSON_Delete(document);
            document = NULL;
        }
    }
    buffer_free(&text);
    return document;
}

static bool is_of(const cJSON *view, const char *key)
{
    return strcmp(json_string_or(view, "key", ""), key) == 0;
}

bool csi_history_read_file(struct csi_census *census, const char *path, const char *key,
                           int64_t now_ms, struct error *err)
{
    struct error why = ERROR_INIT;
    cJSON *document = read_views(path, &why);
    bool done = document != NULL || why.kind == ERROR_NOT_FOUND;
    const cJSON *view;
    cJSON_ArrayForEach(view, json_list(document, "views"))
    {
        if (is_of(view, key)) {
            done = history_restore(census, view, now_ms, &why);
            if (!done) {
                error_wrap(&why, "%s", path);
            }
            break;
        }
    }
    cJSON_Delete(document);
    if (!done && err != NULL) {
        *err = why;
    }
    return done;
}

/* The views of others that still matter. */
static void keep_others(cJSON *views, const cJSON *old, const char *key, int64_t now_ms)
{
    const cJSON *view;
    cJSON_ArrayForEach(view, old)
    {
        int64_t hour = json_int(view, "hour", 0);
        bool matters = hour > now_ms / HOUR_MS - CSI_HISTORY_HOURS && hour <= now_ms / HOUR_MS;
        if (matters && !is_of(view, key) && cJSON_GetArraySize(views) < VIEWS_MAX) {
            cJSON_AddItemToArray(views, cJSON_Duplicate(view, true));
        }
    }
}

bool csi_history_write_file(const struct csi_census *census, const char *path, const char *key,
                            int64_t now_ms, struct error *err)
{
    struct csi_history history;
    csi_census_history(census, NULL, NULL, now_ms, &history);
    cJSON *old = read_views(path, NULL);
    cJSON *document = cJSON_CreateObject();
    cJSON *views = cJSON_AddArrayToObject(document, "views");
    cJSON *mine = history_save(&history, now_ms);
    json_set_string(mine, "key", key);
    cJSON_AddItemToArray(views, mine);
    keep_others(views, json_list(old, "views"), key, now_ms);
    struct buffer out;
    buffer_init(&out, FILE_LIMIT);
    char *folder = file_folder(path);
    bool done = (json_write(&out, document) && buffer_append_char(&out, '\n')) ||
                error_set(err, ERROR_INTERNAL, "%s: more than fits is to be kept", path);
    done = done && file_make_folder(folder, 0700, err) &&
           file_write_atomic(path, out.data, out.length, 0600, err);
    free(folder);
    buffer_free(&out);
    cJSON_Delete(document);
    cJSON_Delete(old);
    return done;
}
