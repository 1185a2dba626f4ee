/*
 * replay FOLDER FILE: serves recorded answers over HTTP on loopback, so that what a client costs is
 * seen without what its server costs. /api/v1/pods is FOLDER/_api_v1_pods, compressed with gzip as
 * it was recorded; anything else is not found. Writes its port to FILE; ends with SIGTERM.
 */
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

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
    char path[PATH_SIZE];
    int length = snprintf(path, sizeof(path), "%s/%s", (const char *)context, url);
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
    MHD_stop_daemon(daemon);
    return 0;
}
