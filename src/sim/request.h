#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/map.h"
#include "sim/sim.h"

/* One request and its answer, free of any HTTP library: http_server.c fills the first half,
 * sim_api_handle() the second. */

enum { SIM_GROUP_LIMIT = 16, SIM_BODY_LIMIT = 3145728 };

struct sim_user {
    char *name;
    char *groups[SIM_GROUP_LIMIT];
    size_t group_count;
};

/* A client certificate, checked. */
struct sim_peer {
    bool trusted; /* of our CA, and valid now */
    char name[256];
    char organizations[SIM_GROUP_LIMIT][256];
    size_t organization_count;
};

/* What a path names, as the API's own RequestInfo has it. */
struct sim_target {
    bool is_resource;
    char group[128];
    char version[64];
    char ns[256]; /* "" if none is named */
    char plural[128];
    char name[512];
    char subresource[128];
    bool old_watch;   /* /api/v1/watch/... */
    const char *verb; /* "get", "list", "watch", "create"...; "post" for paths that are none */
    const struct sim_resource *resource; /* NULL if it is not served */
};

/* How the answer is to look, from Accept and its kin. */
enum sim_shape { SIM_SHAPE_OBJECT, SIM_SHAPE_TABLE, SIM_SHAPE_PARTIAL, SIM_SHAPE_DISCOVERY };

struct sim_format {
    enum sim_shape shape;
    bool partial_list; /* as=PartialObjectMetadataList was asked for */
    bool yaml;
    bool pretty;
    const char *include; /* Table: "Metadata", "Object", "None" */
    const char *table_version;
};

struct sim_watch;
struct sim_list_stream;

struct sim_request {
    struct sim *sim;
    const char *method;
    const char *path;
    struct map *query;   /* values are char * */
    struct map *headers; /* names in lower case; a name met again has "\n" between its values */
    const char *body;
    size_t body_length;
    bool body_too_large;

    struct sim_peer *peer; /* who the client's certificate says it is; NULL: it sent none */
    struct sim_user user;
    struct sim_target target;
    struct sim_format format;

    int code;
    const char *content_type; /* NULL: JSON or YAML as negotiated */
    struct buffer answer;
    cJSON *warnings; /* texts for Warning headers; NULL: none */
    int retry_after;
    int64_t hold_ms;              /* the answer waits that long */
    struct sim_watch *watch;      /* the answer is a stream of frames */
    struct sim_list_stream *list; /* the answer is made while it is sent */
    bool cut;                     /* the connection is dropped without an answer */
    int64_t stale_versions;       /* a fault: reads answer from an older state */
    bool expire_watch;            /* a fault: a watch says 410 at once */
};

void sim_request_init(struct sim_request *request, struct sim *sim);
void sim_request_clear(struct sim_request *request);
/* NULL if absent. */
const char *sim_request_query(const struct sim_request *request, const char *name);
const char *sim_request_header(const struct sim_request *request, const char *name);
/* Query parameters as strconv.ParseBool and ParseInt read them; absent or empty gives the fallback;
 * false with a 400 in status if they do not parse. */
bool sim_request_bool(const struct sim_request *request, const char *name, bool fallback,
                      bool *value, struct sim_status *status);
bool sim_request_int(const struct sim_request *request, const char *name, int64_t fallback,
                     int64_t *value, struct sim_status *status);
/* dryRun=All; 422 for any other value. options: "CreateOptions", "PatchOptions"... */
bool sim_request_dry_run(const struct sim_request *request, const char *options, bool *dry_run,
                         struct sim_status *status);

/* Answers the request. */
void sim_api_handle(struct sim_request *request);

/* Ways to answer. The first three take over value and clear status. */
void sim_answer_json(struct sim_request *request, int code, cJSON *value);
void sim_answer_status(struct sim_request *request, struct sim_status *status);
void sim_answer_text(struct sim_request *request, int code, const char *content_type,
                     const char *text);
void sim_answer_object(struct sim_request *request, int code, struct sim_object *object);

/* --- The rooms behind the door ------------------------------------------------------------------
 */

/* authn.c: who asks; false with a 401 (or what a refused impersonation gives). */
bool sim_authenticate(struct sim_request *request, struct sim_status *status);
/* authz.c */
struct sim_access {
    const char *verb;
    const char *group;
    const char *resource; /* the plural, or "plural/subresource" */
    const char *ns;
    const char *name;
    const char *path; /* not NULL: a path, the rest does not count */
};
/* why (may be NULL) gets the binding that allows it as a sentence, to free; NULL if none did. */
bool sim_authorized(struct sim *sim, const struct sim_user *user, const struct sim_access *access,
                    char **why);
bool sim_authorize_request(struct sim_request *request, struct sim_status *status);
/* The same for another verb on the request's own object. */
bool sim_authorize_verb(struct sim_request *request, const char *verb, struct sim_status *status);
/* All rules that hold for the user in ns, as SelfSubjectRulesReview lists them. */
void sim_rules_for(struct sim *sim, const struct sim_user *user, const char *ns, cJSON *status);

/* target.c */
void sim_target_parse(struct sim_target *target, const char *method, const char *path,
                      const struct sim_request *request);
/* negotiate.c: false with a 406. */
bool sim_negotiate(struct sim_request *request, struct sim_status *status);
/* encode.c: value in the request's format, appended to out; final newline for compact JSON. */
void sim_encode(const struct sim_request *request, struct buffer *out, const cJSON *value);
/* An object as PartialObjectMetadata of that version of meta.k8s.io. */
cJSON *sim_partial_metadata(const cJSON *body, const char *version);

/* discovery.c, reviews.c, control.c: true if the path was theirs. */
bool sim_discovery(struct sim_request *request);
bool sim_reviews(struct sim_request *request);
bool sim_control(struct sim_request *request);

/* get.c, list.c, watch.c, change.c */
void sim_get(struct sim_request *request);
void sim_list(struct sim_request *request);
void sim_watch_start(struct sim_request *request);
void sim_change(struct sim_request *request);
void sim_remove(struct sim_request *request);

/* The shape of an object as this resource shows it (views: another body): a tree of the caller's,
 * or NULL if the object's own body is right. */
cJSON *sim_view_of(const struct sim_resource *resource, const cJSON *body);
/* Where the objects of a view lie: the resource itself for all others. */
const struct sim_resource *sim_storage_of(const struct sim_resource *resource);

#endif
