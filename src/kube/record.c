#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client_internal.h"
#include "config_internal.h"
#include "doc/json.h"
#include "kube/recording.h"
#include "redact.h"
#include "stream.h"

/*
 * Writes a recording. The first line says whose it is; then come lines of exchanges (x: which one,
 * t: milliseconds since the beginning):
 *
 *   {"x":3,"t":12,"get":"/api/v1/pods"}
 *   {"x":3,"t":40,"status":200,"headers":"Content-Type: application/json\r\n"}
 *   {"x":3,"t":41,"columns":[...]}   {"x":3,"t":41,"row":{...}}   {"x":3,"t":41,"item":{...}}
 *   {"x":3,"t":90,"list":{"kind":"PodList","metadata":{...}}}
 *   {"x":4,"t":95,"frame":{"type":"ADDED","object":{...}}}
 *   {"x":5,"t":20,"object":{...}}    {"x":5,"t":20,"text":"..."}
 *   {"x":3,"t":90,"end":""}          {"x":4,"t":99,"end":"connection lost","kind":"unavailable"}
 *
 * An exchange without an end was still going on, or nobody wanted the rest.
 */
enum { FILE_LIMIT = 256 * 1024 * 1024, BODY_LIMIT = 16 * 1024 * 1024 };

struct kube_recording {
    int fd;
    char *path;
    struct redact *redact;
    int64_t began_ms; /* monotonic */
    int exchanges;
    int64_t written;
    bool full;
    bool headed;
};

enum body { BODY_WHOLE, BODY_LIST, BODY_FRAMES };

struct take {
    struct kube_recording *recording;
    int number;
    bool secret; /* it is about Secrets */
    enum body expected;
    enum body body;
    bool broken;
    struct stream stream;
    struct buffer whole;
};

struct kube_recording *kube_recording_open(const char *path, bool hash_names, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        error_set(err, ERROR_CONFIG, "--record %s: %s", path, strerror(errno));
        return NULL;
    }
    struct kube_recording *recording = xcalloc(1, sizeof(*recording));
    recording->fd = fd;
    recording->path = xstrdup(path);
    recording->redact = redact_new(hash_names);
    recording->began_ms = clock_monotonic_ms();
    return recording;
}

void kube_recording_close(struct kube_recording *recording)
{
    if (recording == NULL) {
        return;
    }
    if (close(recording->fd) != 0) {
        log_message(LOG_WARNING, "%s: %s", recording->path, strerror(errno));
    }
    redact_free(recording->redact);
    free(recording->path);
    free(recording);
}

/* --- Lines -------------------------------------------------------------------------------------
 */

/* Takes over line. */
static void put_line(struct kube_recording *recording, cJSON *line)
{
    struct buffer text;
    buffer_init_secret(&text, FILE_LIMIT);
    if (!recording->full && json_write(&text, line) && buffer_append_char(&text, '\n')) {
        recording->written += (int64_t)text.length;
        recording->full = recording->written > FILE_LIMIT;
        if (recording->full) {
            log_message(LOG_WARNING, "%s: the recording ends here, it would be larger than %d MiB",
                        recording->path, FILE_LIMIT / 1024 / 1024);
        } else if (!file_write_all(recording->fd, text.data, text.length)) {
            recording->full = true;
            log_message(LOG_WARNING, "%s: %s; the recording ends here", recording->path,
                        strerror(errno));
        }
    }
    buffer_free(&text);
    json_delete_secret(line);
}

static cJSON *new_line(const struct take *take)
{
    cJSON *line = cJSON_CreateObject();
    cJSON_AddNumberToObject(line, "x", take->number);
    cJSON_AddNumberToObject(line, "t", (double)(clock_monotonic_ms() - take->recording->began_ms));
    return line;
}

/* Takes over value, which is cleaned first. */
static void put_value(struct take *take, const char *member, cJSON *value)
{
    cJSON *line = new_line(take);
    redact_tree(take->recording->redact, value, take->secret);
    cJSON_AddItemToObject(line, member, value);
    put_line(take->recording, line);
}

static bool on_part(void *context, enum stream_part part, const char *bytes, size_t length)
{
    static const char *const members[] = {
        [STREAM_ITEM] = "item", [STREAM_ROW] = "row", [STREAM_COLUMNS] = "columns"};
    struct take *take = context;
    cJSON *value = json_parse(bytes, length, "", NULL);
    if (value == NULL) {
        return false;
    }
    put_value(take, take->body == BODY_FRAMES ? "frame" : members[part], value);
    return true;
}

/* --- What the transport tells ------------------------------------------------------------------
 */

/* Behind the group and version: "pods", "namespaces/x/pods", and not "pods/name". */
static bool is_list_path(const char *path)
{
    const char *at = text_starts_with(path, "/api/")    ? path + strlen("/api/")
                     : text_starts_with(path, "/apis/") ? strchr(path + strlen("/apis/"), '/')
                                                        : NULL;
    at = at == NULL ? NULL : strchr(at + (*at == '/' ? 1 : 0), '/');
    int segments = 0;
    for (const char *c = at; c != NULL && *c != '\0' && *c != '?'; c++) {
        segments += *c == '/' ? 1 : 0;
    }
    return segments == 1 || (segments == 3 && text_starts_with(at + 1, "namespaces/"));
}

static void *begin(void *context, enum http_method method, const char *url)
{
    struct kube_recording *recording = context;
    if (method != HTTP_GET) {
        return NULL; /* a replay writes nothing */
    }
    const char *host = strstr(url, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    struct take *take = xcalloc(1, sizeof(*take));
    take->recording = recording;
    take->number = ++recording->exchanges;
    path = path == NULL ? "/" : path;
    take->secret = strstr(path, "/secrets") != NULL;
    take->expected = strstr(path, "watch=true") != NULL ? BODY_FRAMES
                     : is_list_path(path)               ? BODY_LIST
                                                        : BODY_WHOLE;
    buffer_init_secret(&take->whole, BODY_LIMIT);
    stream_init(&take->stream, take->expected == BODY_FRAMES ? STREAM_FRAMES : STREAM_LIST,
                KUBE_ITEM_LIMIT, take->secret, on_part, take);
    cJSON *line = new_line(take);
    char *clean = redact_path(recording->redact, path);
    json_set_string(line, "get", clean);
    free(clean);
    put_line(recording, line);
    return take;
}

static void head(void *context, const struct http_response *response)
{
    static const char *const kept[] = {"Content-Type", "Retry-After", "Warning"};
    struct take *take = context;
    struct buffer headers;
    buffer_init(&headers, 64 * 1024);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const char *value = http_response_header(response, kept[i], 0);
        if (value != NULL && (i < 2 || !take->secret)) {
            buffer_printf(&headers, "%s: %s\r\n", kept[i], value);
        }
    }
    bool good = response->status >= 200 && response->status < 300;
    take->body = good ? take->expected : BODY_WHOLE;
    buffer_clear(&take->whole);
    stream_reset(&take->stream);
    cJSON *line = new_line(take);
    cJSON_AddNumberToObject(line, "status", response->status);
    json_set_string(line, "headers", headers.data);
    put_line(take->recording, line);
    buffer_free(&headers);
}

static void on_bytes(void *context, const char *bytes, size_t length)
{
    struct take *take = context;
    struct error ignored = ERROR_INIT;
    if (take->body == BODY_WHOLE) {
        buffer_append(&take->whole, bytes, length);
    } else if (!take->broken && !stream_feed(&take->stream, bytes, length, &ignored)) {
        take->broken = true; /* its end will say so */
    }
}

static void put_list(struct take *take)
{
    const struct stream *stream = &take->stream;
    cJSON *list = cJSON_CreateObject();
    json_set_string(list, "kind", stream->list_kind == NULL ? "" : stream->list_kind);
    cJSON *metadata = cJSON_AddObjectToObject(list, "metadata");
    if (stream->resource_version != NULL) {
        json_set_string(metadata, "resourceVersion", stream->resource_version);
    }
    if (stream->continue_token != NULL) {
        json_set_string(metadata, "continue", stream->continue_token);
    }
    cJSON *line = new_line(take);
    cJSON_AddItemToObject(line, "list", list);
    put_line(take->recording, line);
}

/* A body that is one value, or none that can be read. Words of a refusal may quote a Secret. */
static void put_whole(struct take *take)
{
    const struct buffer *whole = &take->whole;
    cJSON *value = json_parse(whole->data, whole->length, "", NULL);
    if (value != NULL) {
        if (take->secret && strcmp(json_string_or(value, "kind", ""), "Status") == 0) {
            json_remove(value, "message");
        }
        put_value(take, "object", value);
    } else if (whole->length > 0 && !take->secret) {
        cJSON *line = new_line(take);
        char *text = xstrndup(whole->data, whole->length > 4096 ? 4096 : whole->length);
        char *safe = redact_text(take->recording->redact, text);
        json_set_string(line, "text", safe);
        put_line(take->recording, line);
        free(safe);
        free(text);
    }
}

static void end(void *context, const struct http_response *response, const struct error *err)
{
    struct take *take = context;
    struct error ignored = ERROR_INIT;
    if (response != NULL) {
        if (err == NULL && take->body == BODY_LIST && stream_finish(&take->stream, &ignored)) {
            put_list(take);
        } else if (take->body == BODY_WHOLE) {
            put_whole(take);
        }
        cJSON *line = new_line(take);
        char *words = redact_text(take->recording->redact, err == NULL ? "" : err->message);
        json_set_string(line, "end", words);
        if (err != NULL) {
            json_set_string(line, "kind", error_kind_name(err->kind));
        }
        free(words);
        put_line(take->recording, line);
    }
    stream_free(&take->stream);
    buffer_free(&take->whole);
    free(take);
}

/* Whose recording it is, once it is known. */
static void put_first(struct kube_recording *recording, const struct kube_config *config)
{
    bool named = !redact_hides_names(recording->redact);
    char at[32];
    clock_format_rfc3339(clock_wall_ms(), at);
    cJSON *line = cJSON_CreateObject();
    json_set_string(line, "pullmend", "recording");
    cJSON_AddNumberToObject(line, "version", 1);
    json_set_string(line, "at", at);
    json_set_string(line, "context", named ? config->context : "recording");
    json_set_string(line, "server", named ? config->server : "https://recording");
    json_set_string(line, "user", named ? config->user : "");
    json_set_string(line, "namespace", named ? config->ns : "default");
    put_line(recording, line);
    recording->headed = true;
}

void kube_client_record(struct kube_client *client, struct kube_recording *recording)
{
    static const struct http_tap tap = {begin, head, on_bytes, end};
    if (!recording->headed) {
        put_first(recording, client->config);
    }
    http_set_tap(client->http, &tap, recording);
}
