#ifndef REGISTRY_PROBE_PRIVATE_H
#define REGISTRY_PROBE_PRIVATE_H

#include "base/buffer.h"
#include "challenge.h"
#include "probe_run.h"

/* The files of one probe: probe.c (the steps), probe_send.c (requests), probe_token.c (tokens). */

enum probe_stage {
    STAGE_MANIFEST, /* HEAD without a credential: what does the registry ask for? */
    STAGE_PING,     /* GET /v2/: the manifest's 401 named no scheme */
    STAGE_TOKEN,    /* GET of a token */
    STAGE_AGAIN,    /* HEAD with the token or the password */
    STAGE_BODY      /* GET of the manifest, for the error's code or where HEAD is not allowed */
};

struct probe {
    const struct probe_world *world; /* not to be touched once done() was called */
    struct loop *loop;
    const struct registry_probe_credential *credential; /* username NULL: none */
    char *image;
    struct image_reference reference;
    const char *host; /* the registry's API host */
    enum probe_stage stage;
    enum probe_way way;       /* to the registry */
    enum probe_way token_way; /* to the token server */
    struct challenge challenge;
    struct buffer authorization; /* "Basic ..." or "Bearer ..."; secret */
    bool credential_sent;
    struct http_exchange *exchange;
    struct loop_timer *timer;
    struct loop_timer *deadline;
    struct registry_probe_result result;
    probe_done done;
    void *context;
};

/* Sends the request of probe->stage to url by way. authorization may be NULL. */
void probe_send(struct probe *probe, enum http_method method, const char *url, enum probe_way way,
                const char *authorization);
/* "https://host" or "http://host" of the registry by its way; free() it. */
char *probe_origin(const struct probe *probe);
/* Whether plain HTTP to this host is allowed. */
bool probe_may_be_plain(const struct probe *probe, const char *host);
/* The next way after one failed with err; false if there is none. */
bool probe_next_way(const struct probe *probe, const char *host, enum probe_way *way,
                    const struct error *err);

/* The answer or failure of probe->stage. */
void probe_answer(struct probe *probe, const struct http_response *response,
                  const struct error *err);

/* Asks the realm of the challenge for a token; ends the probe where that is not safe. */
void probe_ask_token(struct probe *probe);
/* Takes the token out of an answer into probe->authorization; false if there is none. */
bool probe_take_token(struct probe *probe, const struct http_response *response);
/* Puts "Basic ..." of the credential into out. */
void probe_append_basic(const struct probe *probe, struct buffer *out);

/* Ends the probe; the message is the rest. */
void probe_end(struct probe *probe, enum registry_probe_verdict verdict, const char *format, ...)
    ATTR_FORMAT(3, 4);

#endif
