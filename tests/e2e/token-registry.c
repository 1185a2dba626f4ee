/*
 * A registry that asks for tokens, and the server that gives them, for the tests: two TLS servers
 * on loopback, so that there is a second origin to lead a client astray to.
 *
 *     token-registry CERTIFICATE KEY USER PASSWORD <pipe
 *
 * Prints both ports, then a line a request: server, method, path, kind of Authorization. Ends when
 * its standard input does. What a repository is called says how it behaves.
 */
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "doc/json.h"

enum { REGISTRY, ELSEWHERE, SERVERS };

static struct MHD_Daemon *daemons[SERVERS];
static unsigned ports[SERVERS];
static char *basic; /* the one Authorization that is right */

struct answer {
    unsigned status;
    char *body;
    const char *type;
    char *headers[4][2];
    size_t header_count;
    bool endless;
};

static void add_header(struct answer *answer, const char *name, const char *format, ...)
    ATTR_FORMAT(3, 4);

static void add_header(struct answer *answer, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    answer->headers[answer->header_count][0] = xstrdup(name);
    answer->headers[answer->header_count][1] = xvasprintf(format, args);
    answer->header_count++;
    va_end(args);
}

static void say(struct answer *answer, unsigned status, const char *type, const char *body)
{
    answer->status = status;
    answer->type = type;
    free(answer->body);
    answer->body = xstrdup(body);
}

static void say_error(struct answer *answer, unsigned status, const char *code)
{
    char *body = xasprintf("{\"errors\":[{\"code\":\"%s\",\"message\":\"x\"}]}", code);
    say(answer, status, "application/json", body);
    free(body);
}

static void say_manifest(struct answer *answer)
{
    say(answer, 200, "application/vnd.oci.image.manifest.v1+json", "{\"schemaVersion\":2}");
    add_header(answer, "Docker-Content-Digest", "sha256:%064d", 7);
}

static void challenge(struct answer *answer, const char *repository)
{
    say_error(answer, 401, "UNAUTHORIZED");
    if (strcmp(repository, "silent") == 0) {
        return;
    }
    if (strcmp(repository, "plainrealm") == 0) {
        add_header(answer, "WWW-Authenticate", "Bearer realm=\"http://tokens.invalid/token\"");
        return;
    }
    if (strcmp(repository, "norealm") == 0) {
        add_header(answer, "WWW-Authenticate", "Bearer service=\"suite\"");
        return;
    }
    if (strcmp(repository, "two") == 0) {
        add_header(answer, "WWW-Authenticate", "Basic realm=\"suite\"");
    }
    bool elsewhere = strcmp(repository, "farrealm") == 0;
    bool scoped = strcmp(repository, "noscope") != 0;
    add_header(answer, "WWW-Authenticate",
               "Bearer realm=\"https://127.0.0.1:%u/token%s\",service=\"su ite\"%s%s%s",
               ports[elsewhere ? ELSEWHERE : REGISTRY],
               strcmp(repository, "rubbish") == 0 ? "-rubbish" : "",
               scoped ? ",scope=\"repository:" : "", scoped ? repository : "",
               scoped ? "/app:pull\"" : "");
}

/* The token says which repository it is for and whether somebody is behind it. */
static void say_token(struct answer *answer, const char *scope, const char *authorization)
{
    bool known = authorization != NULL && strcmp(authorization, basic) == 0;
    if (authorization != NULL && !known) {
        say_error(answer, 401, "UNAUTHORIZED");
        return;
    }
    const char *repository =
        scope != NULL && strncmp(scope, "repository:", 11) == 0 ? scope + 11 : "";
    if (!known && strncmp(repository, "strict/", 7) == 0) {
        say_error(answer, 401, "UNAUTHORIZED");
        return;
    }
    char *body =
        xasprintf("{\"%s\":\"%.*s.%s\",\"expires_in\":60}", known ? "token" : "access_token",
                  (int)strcspn(repository, "/"), repository, known ? "known" : "anonymous");
    say(answer, 200, "application/json", body);
    free(body);
}

/* Answers that need no token. False if the repository is none of these. */
static bool say_oddly(struct answer *answer, const char *repository, const char *method,
                      const char *path)
{
    if (strcmp(repository, "open") == 0) {
        say_manifest(answer);
    } else if (strcmp(repository, "html") == 0) {
        say(answer, 200, "text/html", "<html>welcome</html>");
    } else if (strcmp(repository, "site") == 0) {
        say(answer, 404, "text/html", "<html>not here</html>");
    } else if (strcmp(repository, "broken") == 0) {
        say(answer, 503, "text/plain", "busy");
    } else if (strcmp(repository, "limited") == 0) {
        say_error(answer, 429, "TOOMANYREQUESTS");
        add_header(answer, "Retry-After", "30");
        add_header(answer, "ratelimit-limit", "100;w=21600");
        add_header(answer, "ratelimit-remaining", "0;w=21600");
    } else if (strcmp(repository, "loop") == 0) {
        say(answer, 302, "text/plain", "");
        add_header(answer, "Location", "%s", path);
    } else if (strcmp(repository, "astray") == 0) {
        say(answer, 307, "text/plain", "");
        add_header(answer, "Location", "https://127.0.0.1:%u%s", ports[ELSEWHERE], path);
    } else if (strcmp(repository, "downgrade") == 0) {
        say(answer, 307, "text/plain", "");
        add_header(answer, "Location", "http://127.0.0.1:%u%s", ports[ELSEWHERE], path);
    } else if (strcmp(repository, "endless") == 0) {
        say_error(answer, 404, "MANIFEST_UNKNOWN");
        answer->endless = strcmp(method, "GET") == 0;
    } else if (strcmp(repository, "closed") == 0) {
        say_error(answer, 403, "DENIED");
    } else {
        return false;
    }
    return true;
}

static void say_for_token(struct answer *answer, const char *repository, const char *token,
                          const char *method)
{
    bool known = strcmp(token, "known") == 0;
    if (strcmp(repository, "hidden") == 0 || (!known && strcmp(repository, "public") != 0)) {
        challenge(answer, repository);
    } else if (strcmp(repository, "noright") == 0) {
        say_error(answer, 403, "DENIED");
    } else if (strcmp(repository, "gone") == 0) {
        say_error(answer, 404, "MANIFEST_UNKNOWN");
    } else if (strcmp(repository, "noname") == 0) {
        say_error(answer, 404, "NAME_UNKNOWN");
    } else if (strcmp(repository, "nohead") == 0 && strcmp(method, "HEAD") == 0) {
        say_error(answer, 405, "UNSUPPORTED");
    } else if (strcmp(repository, "moved") == 0) {
        say(answer, 307, "text/plain", "");
        add_header(answer, "Location", "https://127.0.0.1:%u/v2/open/app/manifests/1",
                   ports[ELSEWHERE]);
    } else {
        say_manifest(answer);
        answer->endless = strcmp(repository, "nohead") == 0;
    }
}

static void say_manifest_of(struct answer *answer, int server, const char *path,
                            const char *authorization, const char *method)
{
    char repository[64] = "";
    size_t length = strcspn(path + 4, "/");
    if (length < sizeof(repository)) {
        memcpy(repository, path + 4, length);
    }
    const char *dot = authorization != NULL ? strchr(authorization, '.') : NULL;
    if (server == ELSEWHERE && strcmp(repository, "astray") == 0) {
        say_error(answer, 401, "UNAUTHORIZED");
        add_header(answer, "WWW-Authenticate", "Bearer realm=\"https://127.0.0.1:%u/token\"",
                   ports[ELSEWHERE]);
    } else if (repository[0] == '\0') {
        challenge(answer, "any");
    } else if (!say_oddly(answer, repository, method, path)) {
        bool bearer = dot != NULL && strncmp(authorization, "Bearer ", 7) == 0 &&
                      strncmp(authorization + 7, repository, length) == 0;
        bool any = dot != NULL && strcmp(repository, "silent") == 0;
        if (bearer || any) {
            say_for_token(answer, repository, dot + 1, method);
        } else {
            challenge(answer, repository);
        }
    }
}

static ssize_t more(void *context, uint64_t position, char *buffer, size_t max)
{
    (void)context;
    (void)position;
    memset(buffer, ' ', max);
    return (ssize_t)max;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct answer *answer)
{
    struct MHD_Response *response =
        answer->endless
            ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, more, NULL, NULL)
            : MHD_create_response_from_buffer(strlen(answer->body), answer->body,
                                              MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", answer->type);
    for (size_t i = 0; i < answer->header_count; i++) {
        MHD_add_response_header(response, answer->headers[i][0], answer->headers[i][1]);
        free(answer->headers[i][0]);
        free(answer->headers[i][1]);
    }
    free(answer->body);
    enum MHD_Result result = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **state)
{
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    int server = *(const int *)context;
    const char *authorization =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
    const char *scope = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "scope");
    printf("%s %s %s %.*s scope=%s\n", server == REGISTRY ? "registry" : "elsewhere", method, path,
           authorization != NULL ? (int)strcspn(authorization, " ") : 4,
           authorization != NULL ? authorization : "none", scope != NULL ? scope : "");
    fflush(stdout);
    struct answer answer = {.type = "text/plain"};
    if (strcmp(path, "/token") == 0) {
        say_token(&answer, scope, authorization);
    } else if (strcmp(path, "/token-rubbish") == 0) {
        say(&answer, 200, "text/html", "<html>sign in</html>");
    } else if (strncmp(path, "/v2/", 4) == 0) {
        say_manifest_of(&answer, server, path, authorization, method);
    } else {
        say(&answer, 404, "text/plain", "no such page");
    }
    return send_answer(connection, &answer);
}

static char *read_text(const char *path)
{
    struct buffer text;
    struct error err = ERROR_INIT;
    buffer_init(&text, 1 << 16);
    if (!file_read(path, &text, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    return buffer_take(&text);
}

static void start_server(int *server, const char *certificate, const char *key)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    daemons[*server] =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL, on_request,
                         server, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_HTTPS_MEM_CERT,
                         certificate, MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        daemons[*server] != NULL ? MHD_get_daemon_info(daemons[*server], MHD_DAEMON_INFO_BIND_PORT)
                                 : NULL;
    if (info == NULL) {
        fprintf(stderr, "the server does not start\n");
        exit(1);
    }
    ports[*server] = info->port;
}

int main(int argc, char **argv)
{
    static int servers[SERVERS] = {REGISTRY, ELSEWHERE};
    if (argc != 5) {
        return 2;
    }
    char *certificate = read_text(argv[1]);
    char *key = read_text(argv[2]);
    char *plain = xasprintf("%s:%s", argv[3], argv[4]);
    struct buffer right;
    buffer_init(&right, 4096);
    buffer_append_string(&right, "Basic ");
    base64_encode(&right, plain, strlen(plain));
    basic = buffer_take(&right);
    for (int i = 0; i < SERVERS; i++) {
        start_server(&servers[i], certificate, key);
    }
    printf("ports %u %u\n", ports[REGISTRY], ports[ELSEWHERE]);
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    for (int i = 0; i < SERVERS; i++) {
        MHD_stop_daemon(daemons[i]);
    }
    free(certificate);
    free(key);
    free(plain);
    free(basic);
    return 0;
}
