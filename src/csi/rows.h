#ifndef CSI_ROWS_H
#define CSI_ROWS_H

#include "base/map.h"
#include "csi/census.h"
#include "csi/history.h"
#include "registry/secret_state.h"

/*
 * The room's own view of the census: the public rows with what is needed to derive them. Every
 * string is interned and owned by its row.
 */

/* What looks strange in an object; a row's `odd` is their text. */
enum odd {
    ODD_NO_UID = 1,
    ODD_NUMBER_TEXT = 2,
    ODD_TYPE = 4,
    ODD_CONTROL = 8,
    ODD_LONG = 16,
    ODD_REFERENCE = 32,
    ODD_NO_CONTAINERS = 64,
    ODD_TIME = 128,
};

/* A reference's worth depends on where it came from and on whether a registry refused it. */
enum { VARIANT_POD = 0, VARIANT_ACCOUNT = 1, VARIANT_REFUSED = 2, VARIANTS = 4 };

enum { SHAPE_REFERENCES_MAX = 32 };

/* What the pods of one workload have in common: kept once, counted. */
struct shape {
    struct shape *next;
    uint32_t hash;
    uint32_t owners;
    const char *ns;
    const char *service_account;
    const char **names; /* of the pull secrets as listed, "" for an entry without one */
    size_t name_count;
    const char **images; /* each once */
    size_t image_count;
    uint32_t also_used; /* bit i: names[i] feeds a volume or the environment, too */
    bool always_pull;
    /* derived */
    struct csi_reference *references[VARIANTS];
    enum csi_secret_state state[VARIANTS];
    const char *refused_image; /* the registry refused it although a Secret serves it; borrowed */
    bool visible;              /* a workload or pod of a shown driver has it */
    bool resolved;             /* every Secret it names is there */
    int64_t resolved_ms;       /* when the last of them was created */
};

/* How a template or pod gives itself away as part of a CSI driver. */
struct clues {
    bool registrar;
    bool sidecar;
    bool plugin_path;
    const char *driver;       /* the name that a path or a flag reveals; NULL */
    int strength;             /* of driver: higher is surer */
    const char *image_driver; /* the name that a known image stands for; NULL; static */
    const char *labels[6];    /* values of the usual labels, NULL where absent */
};

/* One pair of a workload's spec.selector.matchLabels; interned. */
struct label {
    const char *key;
    const char *value;
};

struct workload_row {
    struct csi_workload workload; /* first: rows are found from public pointers */
    struct shape *shape;          /* of the template; NULL while it is not known */
    struct clues clues;
    const char *revision; /* of the template, as its pods are marked; "" unknown */
    const char *version;  /* resourceVersion */
    bool known;           /* seen itself, not only through a pod */
    bool rollout_current; /* the controller has seen the newest template */
    bool candidate;       /* a Job that may be a driver's: shown if it resembles one */
    bool on_delete;       /* updateStrategy OnDelete: no rollout replaces its pods */
    bool misplaced;       /* last-applied has imagePullSecrets where no one reads them */
    uint32_t seen;
    size_t pod_capacity;
    bool unsorted;
    struct label *labels; /* that its selector asks of its pods */
    size_t label_count;
};

struct pod_row {
    struct csi_pod pod;
    struct shape *shape;
    const char *revision;
    uint32_t
        seen[CSI_POD_PARTS]; /* the epoch that each part saw it in; 0: it is not of that part */
    int variant;
    bool crashes; /* a container waits in CrashLoopBackOff */
};

struct secret_row {
    struct csi_secret secret;
    struct registry_secret content;
    const char *version;         /* resourceVersion of the row */
    const char *content_version; /* of the object whose content was read; NULL: none */
    bool absent;                 /* a named GET said 404; there is no such Secret */
    bool refused;                /* its content may not be read */
    bool listed;                 /* came by a list or watch */
    bool random_order;           /* two entries mean the same to the kubelet */
    size_t expiring;             /* the entry whose password ends first */
    uint32_t seen;
};

struct account_row {
    struct csi_service_account account;
    uint32_t seen;
};

struct warning_book;
struct shape_table;
struct ring;

struct csi_census {
    struct map *workloads;               /* kind/ns/name */
    struct map *pods;                    /* ns/name */
    struct map *secrets;                 /* ns/name */
    struct map *accounts;                /* ns/name */
    struct map *csi_drivers;             /* name; values are unused */
    struct map *nodes;                   /* name */
    struct map *relists;                 /* kind; the epoch that its last relist began */
    uint32_t pod_relists[CSI_POD_PARTS]; /* the same of the parts of the pods */
    struct map *unreadable;              /* namespaces whose Secrets may not be listed; "" all */
    struct shape_table *shapes;
    struct warning_book *warnings;
    struct csi_driver **drivers;
    size_t driver_count;
    struct csi_totals totals;
    const struct csi_secret **secret_list;
    size_t secret_count;
    size_t secret_capacity;
    char **only; /* --driver */
    bool only_with_pods;
    int server_minor;
    int cells[3]; /* which cell of a Secret's row is name, type, data */
    int node_version_cell;
    uint32_t epoch; /* of relists */
    bool secrets_listed;
    bool accounts_listed;
    bool dirty;
    bool secrets_changed;
    uint64_t generation;
    uint64_t picture; /* grows with what findings are made of */
    int64_t picture_minute;
    uint64_t warnings_seen;     /* generation of the warning book at the last settle */
    struct ring *restored;      /* hours of earlier sessions; NULL */
    uint32_t restored_watched;  /* bit i: its hour i was watched; the last is the ring's newest */
    struct csi_history history; /* of all drivers, without what was restored */
    bool history_valid;
    int64_t history_minute;
    int64_t settled_ms;
    int64_t now_ms;
};

/* --- text.c: reading what may be odd ------------------------------------------------------------
 */

enum { NAME_LIMIT = 512, TEXT_LIMIT = 1024, KEY_SIZE = 2 * NAME_LIMIT + 64 };

/* The member as an interned string of at most limit bytes, "" if it is absent or null. */
const char *odd_text(const cJSON *object, const char *name, size_t limit, unsigned *odd);
/* The same for text that is no member. */
const char *odd_intern(const char *text, size_t limit, unsigned *odd);
int odd_int(const cJSON *object, const char *name, int fallback, unsigned *odd);
int64_t odd_int64(const cJSON *object, const char *name, int64_t fallback, unsigned *odd);
/* Wall milliseconds, 0 if absent. */
int64_t odd_time(const cJSON *object, const char *name, unsigned *odd);
/* The member if it is a list or an object; something else than null is odd. */
const cJSON *odd_list(const cJSON *object, const char *name, unsigned *odd);
const cJSON *odd_object(const cJSON *object, const char *name, unsigned *odd);
/* The sentence for a set of flags, interned; NULL for none. */
const char *odd_describe(unsigned odd);
/* "a/b" in out. */
const char *join_key(char out[KEY_SIZE], const char *a, const char *b);
/* Releases what *slot had and keeps interned. */
void keep_text(const char **slot, const char *interned);
/* The minor version of "v1.36.2", 0 if it is none. */
int minor_of_version(const char *version);

/* --- shape.c ------------------------------------------------------------------------------------
 */
struct shape_table *shape_table_new(void);
void shape_table_free(struct shape_table *table);
/* The shape of a pod spec; shape_release() it. */
struct shape *shape_of_spec(struct shape_table *table, const char *ns, const cJSON *spec,
                            unsigned *odd);
void shape_release(struct shape_table *table, struct shape *shape);
struct shape *shape_table_next(const struct shape_table *table, size_t *bucket,
                               struct shape *previous);

/* --- clues.c, drivers.c -------------------------------------------------------------------------
 */
/* False if nothing says CSI. labels are those of the template or pod. */
bool clues_read(struct clues *clues, const cJSON *spec, const cJSON *labels);
/* The quick half of it: does anything say CSI? */
bool clues_any(const cJSON *spec);
void clues_clear(struct clues *clues);
/* The driver that an image is known to be part of; NULL. */
const char *known_driver_of_image(const char *image);
/* By the names that Kubespray gives its workloads; NULL. */
const char *known_driver_of_workload(const char *name);
const char *known_kubespray_role(const char *driver);
/* Whether a Secret of this name holds a cloud's API credential in Kubespray's clusters. */
bool known_cloud_credential(const char *name);
/* Whether each CSIDriver object has a workload of its nodes among those that are known. */
bool drivers_are_served(const struct csi_census *census);
/* Groups all workloads that have pods or are known into census->drivers. */
void drivers_group(struct csi_census *census);
void drivers_free(struct csi_census *census);

/* --- warnings.c ---------------------------------------------------------------------------------
 */
struct warning_book *warning_book_new(void);
void warning_book_free(struct warning_book *book);
void warning_book_set_speed(struct warning_book *book, double speed);
double warning_book_speed(const struct warning_book *book);
bool warning_book_put(struct warning_book *book, const cJSON *event, bool listed, int64_t now_ms);
bool warning_book_remove(struct warning_book *book, const char *ns, const char *name,
                         int64_t now_ms);
void warning_book_begin_relist(struct warning_book *book);
void warning_book_end_relist(struct warning_book *book, int64_t now_ms);
void warning_book_unreadable(struct warning_book *book);
/* Wall: since when increments are counted; 0: events were not listed yet. */
int64_t warning_book_since(const struct warning_book *book);
uint64_t warning_book_generation(const struct warning_book *book);
/* All rings were just added up. */
void warning_book_summed(struct warning_book *book);
/* The warnings on a pod. ended: its references all resolve, so that what has been quiet since
 * ended_ms (wall; 0: not known) is over. */
void warning_book_measure(const struct warning_book *book, const struct csi_pod *pod, bool ended,
                          int64_t ended_ms, int64_t now_ms, struct csi_warnings *out);
void warning_book_history(const struct warning_book *book, const struct csi_pod *pod,
                          int64_t now_ms, struct csi_history *sum);
/* Adds part to sum (messages: the newest). */
void warnings_add(struct csi_warnings *sum, const struct csi_warnings *part);

/* --- history.c: rings ---------------------------------------------------------------------------
 */
struct ring {
    int64_t minute; /* of the newest slot, since 1970; 0: nothing yet */
    uint16_t minutes[CSI_HISTORY_MINUTES];
    uint32_t hours[CSI_HISTORY_HOURS];
};
void ring_add(struct ring *ring, int64_t now_ms, int64_t count);
/* The sum over the last minutes whole minutes before now and the running one. */
int64_t ring_sum(const struct ring *ring, int64_t now_ms, int minutes);
void ring_add_to(const struct ring *ring, int64_t now_ms, struct csi_history *sum);
/* Warnings more on pods that are shown. */
void history_grown(struct csi_census *census, int64_t grown);
/* The hours of the whole as a tree; an hour that nobody watched is null in it. */
cJSON *history_save(const struct csi_history *history, int64_t now_ms);
/* Takes up such a tree; what is older than a day changes nothing. False with err set (and nothing
 * changes) if it is none. */
bool history_restore(struct csi_census *census, const cJSON *saved, int64_t now_ms,
                     struct error *err);

/* --- secrets.c, accounts --------------------------------------------------------------------
 */
void secret_row_free(void *row);
const struct secret_row *secret_find(const struct csi_census *census, const char *ns,
                                     const char *name);
void account_row_free(void *row);
/* The end of a relist: drops the rows that were not seen since it began. */
void secrets_sweep(struct csi_census *census, uint32_t begun);
void accounts_sweep(struct csi_census *census, uint32_t begun);
void secrets_list_rebuild(struct csi_census *census);
/* May not be listed, and no named GET told of it. */
bool secrets_are_unreadable(const struct csi_census *census, const char *ns);

/* --- states.c -----------------------------------------------------------------------------------
 */
/* References and states of every shape, pod and workload. */
void states_derive(struct csi_census *census);

/* --- rates.c ------------------------------------------------------------------------------------
 */
/* Warnings of every pod and driver, and the totals; false if nothing that shows has changed. */
bool rates_derive(struct csi_census *census, int64_t now_ms);
/* The same where only events brought news since. */
bool rates_follow(struct csi_census *census, int64_t now_ms);

/* --- workload.c, pod.c ---------------------------------------------------------------------------
 */
/* The row of a workload, made if it is not there. */
struct workload_row *workload_need(struct csi_census *census, const char *kind, const char *ns,
                                   const char *name);
/* Drops the row if neither the object nor a pod needs it. */
void workload_drop_if_unused(struct csi_census *census, struct workload_row *row);
void workload_forget(struct csi_census *census, struct workload_row *row);
void workload_add_pod(struct workload_row *row, struct csi_pod *pod);
void workload_remove_pod(struct workload_row *row, struct csi_pod *pod);
void workload_row_free(struct workload_row *row, struct shape_table *shapes);
bool pod_forget(struct csi_census *census, const char *ns, const char *name);
/* The part has it no more. */
bool pod_leave(struct csi_census *census, unsigned part, struct pod_row *row);
void pod_row_free(struct pod_row *row, struct shape_table *shapes);
/* Which pods were made from an older template. */
void workload_mark_stale(struct workload_row *row);
/* Who manages an object, by labels, annotations and field managers; interned. */
const char *manager_of(const cJSON *metadata);
/* The newest write that managedFields tell of, else created. */
int64_t updated_of(const cJSON *metadata, int64_t created_ms);

#endif
