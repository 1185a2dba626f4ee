#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "client_internal.h"
#include "config_internal.h"
#include "doc/json.h"
#include "kube/recording.h"

/*
 * Answers from a recording (record.c says what its lines are). A request gets the next recorded
 * answer to it, after the last one that one again; lists come at once, the events of a watch at
 * their hour, and a watch whose events are told stays silent.
 */
enum { FILE_LIMIT = 300 * 1024 * 1024, AT_ONCE = 200 };

static const int64_t LONGEST_MS = (int64_t)1000 * 3600 * 24 * 365;

struct exchange {
    int number;
    char *path; /* without what differs from run to run */
    bool watch;
    bool used;
    int64_t asked_ms;
    cJSON **lines; /* what came of it */
    size_t count, capacity;
};

struct kube_replay {
    struct loop *loop;
    char *path;
    cJSON *first;
    struct exchange *exchanges;
    size_t count, capacity;
};

/* One answer that is being told. */
struct play {
    struct kube_replay *replay;
    struct http_exchange *to;
    struct exchange *exchange; /* NULL: there is no answer */
    char *asked;
    size_t next;
    bool head;
    bool busy; /* the asker's callbacks are on the stack */
    bool cancelled;
    bool in_list;
    bool as_list; /* a list was asked for, and recorded is a watch that began with one */
    bool columns;
    int64_t began_ms;
    struct loop_timer *timer;
};

/* --- The file ----------------------------------------------------------------------------------
 */

/* How alike a recorded request must be. */
enum likeness {
    LIKE_SAME,    /* but for the time that a watch may last, which is drawn by lot */
    LIKE_VERSION, /* of another version: who asks anew asks with another one */
    LIKE_LABELS,  /* also by other values of the same labels, for names may have become digests */
};

/* Appends a parameter without the values in its parentheses, which are encoded. */
static void append_keys(struct buffer *out, const char *at, size_t length)
{
    bool values = false;
    for (size_t i = 0; i < length; i++) {
        values = values && strncmp(at + i, "%29", 3) != 0;
        if (!values) {
            buffer_append_char(out, at[i]);
        }
        values = values || (i >= 2 && strncmp(at + i - 2, "%28", 3) == 0);
    }
}

static char *key_of(const char *path, enum likeness likeness)
{
    static const char *const strict_ones[] = {"timeoutSeconds", NULL};
    static const char *const loose_ones[] = {
        "timeoutSeconds", "resourceVersion",     "resourceVersionMatch", "limit", "continue",
        "watch",          "allowWatchBookmarks", "sendInitialEvents",    NULL};
    const char *const *left_out = likeness == LIKE_SAME ? strict_ones : loose_ones;
    struct buffer out;
    buffer_init(&out, 1024 * 1024);
    size_t length = strcspn(path, "?");
    buffer_append(&out, path, length);
    const char *at = path + length;
    while (*at != '\0') {
        size_t part = strcspn(++at, "&");
        bool keep = true;
        for (size_t i = 0; left_out[i] != NULL; i++) {
            size_t name = strlen(left_out[i]);
            keep = keep && !(strncmp(at, left_out[i], name) == 0 && at[name] == '=');
        }
        if (keep) {
            buffer_append_char(&out, '&');
            if (likeness == LIKE_LABELS) {
                append_keys(&out, at, part);
            } else {
                buffer_append(&out, at, part);
            }
        }
        at += part;
    }
    return buffer_take(&out);
}

static struct exchange *find_number(struct kube_replay *replay, int number)
{
    for (size_t i = replay->count; i > 0; i--) {
        if (replay->exchanges[i - 1].number == number) {
            return &replay->exchanges[i - 1];
        }
    }
    return NULL;
}

/* When a line was written, in milliseconds since the beginning. */
static int64_t time_of(const cJSON *line)
{
    int64_t ms = json_int(line, "t", 0);
    return ms < 0 ? 0 : ms > LONGEST_MS ? LONGEST_MS : ms;
}

static bool read_line(struct kube_replay *replay, cJSON *line, bool *kept)
{
    int number = (int)json_int(line, "x", 0);
    const char *get = json_string(line, "get");
    struct exchange *exchange = find_number(replay, number);
    if (get != NULL && exchange == NULL) {
        replay->exchanges =
            xgrow(replay->exchanges, replay->count, &replay->capacity, sizeof(*replay->exchanges));
        replay->exchanges[replay->count++] =
            (struct exchange){.number = number,
                              .path = xstrdup(get),
                              .watch = strstr(get, "watch=true") != NULL,
                              .asked_ms = time_of(line)};
        return true;
    }
    if (exchange == NULL || get != NULL) {
        return false;
    }
    exchange->lines =
        xgrow(exchange->lines, exchange->count, &exchange->capacity, sizeof(*exchange->lines));
    exchange->lines[exchange->count++] = line;
    *kept = true;
    return true;
}

static bool read_first(struct kube_replay *replay, const cJSON *line)
{
    int64_t at = 0;
    if (strcmp(json_string_or(line, "pullmend", ""), "recording") != 0 ||
        json_int(line, "version", 0) != 1 ||
        !clock_parse_rfc3339(json_string_or(line, "at", ""), &at)) {
        return false;
    }
    clock_set_wall_ms(at);
    replay->first = cJSON_Duplicate(line, true);
    return true;
}

static bool read_lines(struct kube_replay *replay, const char *text, struct error *err)
{
    for (int number = 1; *text != '\0'; number++) {
        size_t length = strcspn(text, "\n");
        cJSON *line = json_parse(text, length, "", NULL);
        bool kept = false;
        bool good = cJSON_IsObject(line) &&
                    (number == 1 ? read_first(replay, line) : read_line(replay, line, &kept));
        bool last = text[length] == '\0'; /* cut off when the program was killed */
        if (!kept) {
            cJSON_Delete(line);
        }
        if (!good && !(last && number > 1)) {
            return number == 1 ? error_set(err, ERROR_CONFIG,
                                           "%s:1: not a recording of pullmend (or of a newer one)",
                                           replay->path)
                               : error_set(err, ERROR_CONFIG, "%s:%d: not a line of a recording",
                                           replay->path, number);
        }
        text += length + (last ? 0 : 1);
    }
    return replay->first != NULL ||
           error_set(err, ERROR_CONFIG, "%s: empty, no recording of pullmend", replay->path);
}

struct kube_replay *kube_replay_open(struct loop *loop, const char *path, struct error *err)
{
    struct buffer text;
    buffer_init(&text, FILE_LIMIT);
    struct kube_replay *replay = xcalloc(1, sizeof(*replay));
    replay->loop = loop;
    replay->path = xstrdup(path);
    bool good = file_read(path, &text, err) && read_lines(replay, text.data, err);
    buffer_free(&text);
    if (!good) {
        if (err != NULL) {
            err->kind = ERROR_CONFIG;
        }
        kube_replay_close(replay);
        return NULL;
    }
    http_stay_offline();
    return replay;
}

void kube_replay_close(struct kube_replay *replay)
{
    if (replay == NULL) {
        return;
    }
    for (size_t i = 0; i < replay->count; i++) {
        for (size_t k = 0; k < replay->exchanges[i].count; k++) {
            cJSON_Delete(replay->exchanges[i].lines[k]);
        }
        free(replay->exchanges[i].lines);
        free(replay->exchanges[i].path);
    }
    free(replay->exchanges);
    cJSON_Delete(replay->first);
    free(replay->path);
    free(replay);
}

struct kube_config *kube_replay_config(const struct kube_replay *replay)
{
    const char *context = json_string_or(replay->first, "context", "recording");
    struct kube_config *config = xcalloc(1, sizeof(*config));
    config->context = xstrdup(context);
    config->cluster = xstrdup(context);
    config->user = xstrdup(json_string_or(replay->first, "user", ""));
    config->ns = xstrdup(json_string_or(replay->first, "namespace", "default"));
    config->server = xstrdup(json_string_or(replay->first, "server", "https://recording"));
    config->contexts = xcalloc(2, sizeof(*config->contexts));
    config->contexts[0] = xstrdup(context);
    return config;
}

/* --- Answers -----------------------------------------------------------------------------------
 */

/* The first that was not told yet, else the last one again. */
static struct exchange *find(struct kube_replay *replay, const char *path, enum likeness likeness)
{
    struct exchange *found = NULL;
    char *wanted = key_of(path, likeness);
    bool watch = strstr(path, "watch=true") != NULL;
    for (size_t i = 0; i < replay->count && (found == NULL || found->used); i++) {
        struct exchange *one = &replay->exchanges[i];
        char *key = key_of(one->path, likeness);
        if (one->watch == watch && one->count > 0 && strcmp(key, wanted) == 0) {
            found = one;
        }
        free(key);
    }
    free(wanted);
    return found;
}

/* A watch of what is asked for that began with the list. */
static struct exchange *find_initial(struct kube_replay *replay, const char *path)
{
    char *wanted = key_of(path, LIKE_LABELS);
    struct exchange *found = NULL;
    for (size_t i = 0; i < replay->count && found == NULL; i++) {
        struct exchange *one = &replay->exchanges[i];
        char *key = key_of(one->path, LIKE_LABELS);
        if (strstr(one->path, "sendInitialEvents=true") != NULL && strcmp(key, wanted) == 0) {
            found = one;
        }
        free(key);
    }
    free(wanted);
    return found;
}

static void free_play(struct play *play)
{
    if (play->timer != NULL) {
        loop_cancel_timer(play->replay->loop, play->timer);
    }
    free(play->asked);
    free(play);
}

static void cancel(void *context)
{
    struct play *play = context;
    play->cancelled = true;
    if (!play->busy) {
        free_play(play);
    }
}

static bool feed(struct play *play, const char *text, size_t length)
{
    return http_feed_bytes(play->to, text, length);
}

static bool feed_json(struct play *play, const char *before, const cJSON *value, const char *after)
{
    struct buffer text;
    buffer_init(&text, FILE_LIMIT);
    buffer_append_string(&text, before);
    json_write(&text, value);
    buffer_append_string(&text, after);
    bool good = feed(play, text.data, text.length);
    buffer_free(&text);
    return good;
}

/* An item or row of a list whose text is put together again. */
static bool feed_item(struct play *play, const char *list, const cJSON *value)
{
    char *before = play->in_list ? xstrdup(",") : xasprintf("\"%s\":[", list);
    play->in_list = true;
    bool good = feed_json(play, before, value, "");
    free(before);
    return good;
}

static bool feed_list_end(struct play *play, const cJSON *list)
{
    struct buffer text;
    buffer_init(&text, FILE_LIMIT);
    const char *kind = json_string_or(list, "kind", "List");
    buffer_printf(&text, "%s,\"kind\":\"%s\",\"metadata\":",
                  play->in_list                ? "]"
                  : strcmp(kind, "Table") == 0 ? "\"rows\":[]"
                                               : "\"items\":[]",
                  kind);
    json_write(&text, json_object(list, "metadata"));
    buffer_append_char(&text, '}');
    bool good = feed(play, text.data, text.length);
    buffer_free(&text);
    return good;
}

static bool feed_rows(struct play *play, const cJSON *table)
{
    const cJSON *columns = json_list(table, "columnDefinitions");
    if (columns != NULL && !play->columns) {
        play->columns = true;
        if (!feed_json(play, "\"columnDefinitions\":", columns, ",")) {
            return false;
        }
    }
    const cJSON *row;
    cJSON_ArrayForEach(row, json_list(table, "rows"))
    {
        if (!feed_item(play, "rows", row)) {
            return false;
        }
    }
    return true;
}

/* An event of a watch that began with the list, told as its item; the end mark ends it. */
static bool feed_initial(struct play *play, const cJSON *frame)
{
    const cJSON *object = json_object(frame, "object");
    bool table = strcmp(json_string_or(object, "kind", ""), "Table") == 0;
    if (strcmp(json_string_or(frame, "type", ""), "BOOKMARK") != 0) {
        return table ? feed_rows(play, object) : feed_item(play, "items", object);
    }
    cJSON *list = cJSON_CreateObject();
    json_set_string(list, "kind", table ? "Table" : "ItemList");
    json_set(list, "metadata", cJSON_Duplicate(json_object(object, "metadata"), true));
    bool good = feed_list_end(play, list);
    cJSON_Delete(list);
    if (good) {
        http_feed_end(play->to, NULL);
    }
    return false;
}

static bool is_listed(const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->count; i++) {
        const cJSON *line = exchange->lines[i];
        if (json_member(line, "item") != NULL || json_member(line, "row") != NULL ||
            json_member(line, "list") != NULL || json_member(line, "columns") != NULL) {
            return true;
        }
    }
    return false;
}

static bool feed_head(struct play *play, const cJSON *line)
{
    play->head = true;
    play->in_list = false;
    return http_feed_head(play->to, (int)json_int(line, "status", 200),
                          json_string_or(line, "headers", "")) &&
           (!(play->as_list || is_listed(play->exchange)) || feed(play, "{", 1));
}

static enum error_kind kind_of(const char *name)
{
    for (int kind = ERROR_USAGE; kind <= ERROR_INTERNAL; kind++) {
        if (strcmp(error_kind_name((enum error_kind)kind), name) == 0) {
            return (enum error_kind)kind;
        }
    }
    return ERROR_UNAVAILABLE;
}

/* Tells one line; false if that was the last that is wanted. */
static bool tell(struct play *play, const cJSON *line)
{
    const cJSON *value;
    if (json_member(line, "status") != NULL) {
        return feed_head(play, line);
    }
    if ((value = json_member(line, "frame")) != NULL) {
        return play->as_list ? feed_initial(play, value) : feed_json(play, "", value, "\n");
    }
    if ((value = json_member(line, "object")) != NULL) {
        return feed_json(play, "", value, "");
    }
    if ((value = json_member(line, "columns")) != NULL) {
        return feed_json(play, "\"columnDefinitions\":", value, ",");
    }
    if ((value = json_member(line, "item")) != NULL) {
        return feed_item(play, "items", value);
    }
    if ((value = json_member(line, "row")) != NULL) {
        return feed_item(play, "rows", value);
    }
    if ((value = json_member(line, "list")) != NULL) {
        return feed_list_end(play, value);
    }
    const char *text = json_string(line, "text");
    if (text != NULL) {
        return feed(play, text, strlen(text));
    }
    const char *words = json_string_or(line, "end", "");
    struct error err = ERROR_INIT;
    if (*words != '\0') {
        error_set(&err, kind_of(json_string_or(line, "kind", "")), "%s", words);
    }
    http_feed_end(play->to, *words == '\0' ? NULL : &err);
    return false;
}

/* Nothing more was recorded: a watch is silent from now on, anything else is over. */
static bool run_dry(struct play *play)
{
    struct error err = ERROR_INIT;
    bool watch = strstr(play->asked, "watch=true") != NULL;
    if (watch && play->exchange == NULL && strstr(play->asked, "sendInitialEvents=true") != NULL) {
        /* It will ask for a list then. */
        if (http_feed_head(play->to, 422, "")) {
            http_feed_end(play->to, NULL);
        }
        return false;
    }
    if (watch) {
        return play->head || http_feed_head(play->to, 200, "Content-Type: application/json\r\n");
    }
    if (play->exchange == NULL) {
        error_set(&err, ERROR_CONFIG, "the recording holds no answer to GET %.500s", play->asked);
    } else {
        error_set(&err, ERROR_CONFIG, "the recording ends in the middle of GET %.500s",
                  play->asked);
    }
    http_feed_end(play->to, &err);
    return false;
}

static void go_on(void *context)
{
    struct play *play = context;
    const struct exchange *exchange = play->exchange;
    bool more = true;
    play->timer = NULL;
    play->busy = true;
    for (int told = 0; more && told < AT_ONCE; told++) {
        if (exchange == NULL || play->next == exchange->count) {
            more = run_dry(play);
            break;
        }
        const cJSON *line = exchange->lines[play->next];
        bool timed = exchange->watch && !play->as_list;
        int64_t due = timed ? time_of(line) - exchange->asked_ms : 0;
        if (due > clock_monotonic_ms() - play->began_ms) {
            break;
        }
        play->next++;
        more = tell(play, line);
    }
    play->busy = false;
    if (!more || play->cancelled) {
        free_play(play);
        return;
    }
    bool timed = exchange != NULL && exchange->watch && !play->as_list;
    if (exchange != NULL && play->next < exchange->count) {
        int64_t due = time_of(exchange->lines[play->next]) - exchange->asked_ms;
        int64_t wait = timed ? due - (clock_monotonic_ms() - play->began_ms) : 0;
        play->timer = loop_after(play->replay->loop, wait < 0 ? 0 : wait, go_on, play);
    } else if (exchange != NULL && !timed) {
        play->timer = loop_after(play->replay->loop, 0, go_on, play);
    }
}

static void *begin(void *context, struct http_exchange *to, enum http_method method,
                   const char *url)
{
    struct kube_replay *replay = context;
    struct play *play = xcalloc(1, sizeof(*play));
    const char *host = strstr(url, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    (void)method; /* the client reads only */
    play->replay = replay;
    play->to = to;
    play->asked = xstrdup(path == NULL ? "/" : path);
    for (int like = LIKE_SAME; play->exchange == NULL && like <= LIKE_LABELS; like++) {
        struct exchange *found = find(replay, play->asked, (enum likeness)like);
        play->exchange = found != NULL && !(found->used && found->watch) ? found : NULL;
    }
    if (play->exchange == NULL && strstr(play->asked, "watch=true") == NULL) {
        play->exchange = find_initial(replay, play->asked);
        play->as_list = play->exchange != NULL;
    }
    if (play->exchange != NULL && !play->as_list) {
        play->exchange->used = true;
    }
    play->began_ms = clock_monotonic_ms();
    play->timer = loop_after(replay->loop, 0, go_on, play);
    return play;
}

struct kube_client *kube_replay_client(struct kube_replay *replay, const struct kube_config *config)
{
    static const struct http_source source = {begin, cancel};
    struct kube_client *client = kube_client_new(replay->loop, config, true, NULL);
    http_set_source(client->http, &source, replay);
    return client;
}
