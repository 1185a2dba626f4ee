/*
 * replay FOLDER FILE: serves recorded answers over HTTP on loopback, so that what a client costs is
 * seen without what its server costs. /api/v1/pods is FOLDER/_api_v1_pods, compressed with gzip as
 * it was recorded (of the items that lack a label, FOLDER/_api_v1_pods_others); anything else is
 * not found. Writes its port to FILE; ends with SIGTERM.
 *
 * A watch of events brings 100 updates a second, one after the other for the events that the lines
 * of FOLDER/updates name ("NAME POD UID", in kube-system); all other watches are silent.
 */
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 1024, FRAME_SIZE = 4096, UPDATES_MAX = 8192, A_SECOND = 100 };

struct update {
    char name[256], pod[256], uid[64];
};

static struct update updates[UPDATES_MAX];
static size_t update_count;

static void read_updates(const char *folder)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/updates", folder);
    FILE *file = fopen(path, "r");
    struct update *at = updates;
    while (file != NULL && update_count < UPDATES_MAX &&
           fscanf(file, "%255s %255s %63s", at->name, at->pod, at->uid) == 3) {
        update_count++;
        at++;
    }
    if (file != NULL) {
        fclose(file);
    }
}

/* --- Watches ------------------------------------------------------------------------------------
 */

struct watch {
    bool events;
    struct timespec due;
    long sent;
    size_t length, given; /* of the frame at hand */
    char frame[FRAME_SIZE];
};

static void wait_until_due(struct watch *watch)
{
    watch->due.tv_nsec += 1000000000 / A_SECOND;
    watch->due.tv_sec += watch->due.tv_nsec / 1000000000;
    watch->due.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &watch->due, NULL);
}

/* As a kubelet's patch of its event comes out of a real server, managed fields included. */
static void write_frame(struct watch *watch)
{
    const struct update *update = &updates[(size_t)watch->sent % update_count];
    char now[32];
    time_t seconds = time(NULL);
    struct tm parts;
    strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &parts));
    int length = snprintf(
        watch->frame, sizeof(watch->frame),
        "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Event\",\"apiVersion\":\"v1\",\"metadata\":{"
        "\"name\":\"%s\",\"namespace\":\"kube-system\",\"uid\":\"%s\",\"resourceVersion\":\"%ld\","
        "\"creationTimestamp\":\"%s\",\"managedFields\":[{\"manager\":\"kubelet\",\"operation\":"
        "\"Update\",\"apiVersion\":\"v1\",\"time\":\"%s\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":"
        "{"
        "\"f:count\":{},\"f:firstTimestamp\":{},\"f:involvedObject\":{},\"f:lastTimestamp\":{},"
        "\"f:message\":{},\"f:reason\":{},\"f:reportingComponent\":{},\"f:reportingInstance\":{},"
        "\"f:source\":{\"f:component\":{},\"f:host\":{}},\"f:type\":{}}}]},\"involvedObject\":{"
        "\"kind\":"
        "\"Pod\",\"namespace\":\"kube-system\",\"name\":\"%s\",\"uid\":\"%s\",\"apiVersion\":"
        "\"v1\"},"
        "\"reason\":\"FailedToRetrieveImagePullSecret\",\"message\":\"Unable to retrieve some "
        "image "
        "pull secrets (regcred); attempting to pull the image may not succeed.\",\"source\":{"
        "\"component\":\"kubelet\",\"host\":\"n\"},\"firstTimestamp\":\"%s\",\"lastTimestamp\":\"%"
        "s\","
        "\"count\":%ld,\"type\":\"Warning\",\"eventTime\":null,\"reportingComponent\":\"kubelet\","
        "\"reportingInstance\":\"n\"}}\n",
        update->name, update->uid, 1000000 + watch->sent, now, now, update->pod, update->uid, now,
        now, 1000 + watch->sent);
    watch->length = length < 0 ? 0 : (size_t)length;
    watch->given = 0;
    watch->sent++;
}

/* Each connection has a thread of its own, which may sleep. */
static ssize_t read_watch(void *context, uint64_t position, char *out, size_t size)
{
    struct watch *watch = context;
    (void)position;
    if (watch->given == watch->length) {
        while (!watch->events || update_count == 0) {
            pause();
        }
        wait_until_due(watch);
        write_frame(watch);
    }
    size_t left = watch->length - watch->given;
    size_t taken = left < size ? left : size;
    memcpy(out, watch->frame + watch->given, taken);
    watch->given += taken;
    return (ssize_t)taken;
}

static enum MHD_Result stream(struct MHD_Connection *connection, bool events)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL) {
        return MHD_NO;
    }
    watch->events = events;
    clock_gettime(CLOCK_MONOTONIC, &watch->due);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, FRAME_SIZE, read_watch, watch, free);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result not_found(struct MHD_Connection *connection)
{
    static char body[] = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                         "\"Failure\",\"message\":\"not recorded\",\"reason\":\"NotFound\","
                         "\"code\":404}\n";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_NOT_FOUND, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    static char marker;
    (void)method, (void)version, (void)upload, (void)upload_size;
    if (*state == NULL) {
        *state = &marker;
        return MHD_YES;
    }
    if (MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "watch") != NULL) {
        bool listing = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND,
                                                   "sendInitialEvents") != NULL;
        return listing ? not_found(connection) : stream(connection, strstr(url, "/events") != NULL);
    }
    char path[PATH_SIZE];
    const char *selector =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "labelSelector");
    const char *tail = selector != NULL && *selector == '!' ? "_others" : "";
    int length = snprintf(path, sizeof(path), "%s/%s%s", (const char *)context, url, tail);
    if (length < 0 || length >= PATH_SIZE) {
        return not_found(connection);
    }
    for (char *c = path + strlen(context) + 1; *c != '\0'; c++) {
        *c = *c == '/' ? '_' : *c;
    }
    int fd = open(path, O_RDONLY);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0) {
        return not_found(connection);
    }
    struct MHD_Response *response = MHD_create_response_from_fd((size_t)about.st_size, fd);
    MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "Content-Encoding", "gzip");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

int main(int argc, char **argv)
{
    sigset_t ends;
    int got;
    if (argc != 3) {
        fprintf(stderr, "usage: replay FOLDER FILE\n");
        return 2;
    }
    read_updates(argv[1]);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL,
                         NULL, answer, argv[1], MHD_OPTION_END);
    FILE *file = daemon == NULL ? NULL : fopen(argv[2], "w");
    if (file == NULL) {
        fprintf(stderr, "replay: cannot serve\n");
        return 1;
    }
    fprintf(file, "%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fclose(file);
    sigwait(&ends, &got);
    _exit(0); /* threads of watches sleep */
}
