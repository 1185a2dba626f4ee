#include "registry_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "daemon.h"

enum { TOKENS = 256, CONNECTION_LIMIT = 100, IDLE_S = 60 };

struct grant {
    char token[33];
    char *repository;
    bool known;
};

struct sim_registry_server {
    struct sim *sim;
    struct sim_daemon daemon;
    char address[32];
    struct grant grants[TOKENS]; /* a ring: the oldest token goes first */
    size_t next;
    struct sim_registry_server *other; /* the host that was started after this one; NULL: none */
};

const char *sim_registry_address_at(const struct sim *sim, size_t index)
{
    const struct sim_registry_server *server = sim->registry;
    for (; server != NULL && index > 0; index--) {
        server = server->other;
    }
    return server == NULL ? NULL : server->address;
}

const char *sim_registry_address(const struct sim *sim)
{
    return sim_registry_address_at(sim, 0);
}

static struct sim_registry_server *server_at(const struct sim *sim, const char *address)
{
    struct sim_registry_server *server = sim->registry;
    while (server->other != NULL && strcmp(server->address, address) != 0) {
        server = server->other;
    }
    return server;
}

void sim_registry_grant(struct sim *sim, const char *address, const char *repository, bool known,
                        char token[33])
{
    struct sim_registry_server *server = server_at(sim, address);
    struct grant *grant = &server->grants[server->next];
    server->next = (server->next + 1) % TOKENS;
    free(grant->repository);
    snprintf(grant->token, sizeof(grant->token), "%016llx%016llx",
             (unsigned long long)sim_random(sim), (unsigned long long)sim_random(sim));
    grant->repository = xstrdup(repository);
    grant->known = known;
    memcpy(token, grant->token, sizeof(grant->token));
}

const char *sim_registry_granted(const struct sim *sim, const char *address, const char *token,
                                 bool *known)
{
    const struct sim_registry_server *server = server_at(sim, address);
    for (size_t i = 0; i < TOKENS; i++) {
        const struct grant *grant = &server->grants[i];
        if (grant->repository != NULL &&
            secret_equal(grant->token, strlen(grant->token), token, strlen(token))) {
            *known = grant->known;
            return grant->repository;
        }
    }
    return NULL;
}

static struct MHD_Response *response_of(const struct sim_registry_answer *answer)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.length, answer->body.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return NULL;
    }
    MHD_add_response_header(response, "Content-Type", answer->type);
    MHD_add_response_header(response, "Docker-Distribution-Api-Version", "registry/2.0");
    if (answer->challenge != NULL) {
        MHD_add_response_header(response, "WWW-Authenticate", answer->challenge);
    }
    if (answer->digest != NULL) {
        MHD_add_response_header(response, "Docker-Content-Digest", answer->digest);
    }
    return response;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_length, void **state)
{
    static char begun; /* its address says that the headers were seen */
    struct sim_registry_server *server = context;
    (void)version;
    (void)upload;
    if (*state == NULL || *upload_length > 0) {
        *state = &begun;
        *upload_length = 0; /* no request here has a body that counts */
        return MHD_YES;
    }
    const struct sim_registry_ask ask = {
        .address = server->address,
        .method = method,
        .path = url,
        .authorization =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION),
        .scope = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "scope"),
    };
    struct sim_registry_answer answer;
    sim_registry_answer(server->sim, &ask, &answer);
    struct MHD_Response *response = response_of(&answer);
    enum MHD_Result queued =
        response == NULL ? MHD_NO : MHD_queue_response(connection, (unsigned)answer.code, response);
    if (response != NULL) {
        MHD_destroy_response(response);
    }
    sim_registry_answer_clear(&answer);
    return queued;
}

bool sim_registry_start(struct sim *sim, int port, struct error *err)
{
    int bound = 0;
    int fd = sim_listen(port, "--registry-port", &bound, err);
    if (fd < 0) {
        return false;
    }
    struct sim_registry_server *server = xcalloc(1, sizeof(*server));
    server->sim = sim;
    struct MHD_Daemon *mhd =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET,
                         fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_LIMIT,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
    if (mhd == NULL) {
        close(fd);
        free(server);
        return error_set(err, ERROR_INTERNAL, "cannot start the registry (libmicrohttpd)");
    }
    if (!sim_daemon_run(&server->daemon, sim->loop, mhd, err)) {
        free(server);
        return false;
    }
    snprintf(server->address, sizeof(server->address), "127.0.0.1:%d", bound);
    struct sim_registry_server **end = &sim->registry;
    while (*end != NULL) {
        end = &(*end)->other;
    }
    *end = server;
    return true;
}

void sim_registry_stop(struct sim *sim)
{
    for (struct sim_registry_server *server = sim->registry, *other; server != NULL;
         server = other) {
        other = server->other;
        sim_daemon_stop(&server->daemon);
        for (size_t i = 0; i < TOKENS; i++) {
            free(server->grants[i].repository);
        }
        secret_wipe(server->grants, sizeof(server->grants));
        free(server);
    }
    sim->registry = NULL;
}
