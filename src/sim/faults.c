#include "sim/faults.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/text.h"
#include "doc/json.h"
#include "server_inside.h"

enum { FAULT_LIMIT = 64, RESTART_AFTER_MS = 50 };

struct entry {
    cJSON *json;    /* as it was given */
    int64_t left;   /* requests it still hits; -1: all */
    int64_t spared; /* requests that pass before */
};

struct sim_faults {
    struct sim *sim;
    struct entry entries[FAULT_LIMIT];
    size_t count;
    struct loop_timer *restart;
    int64_t down_ms;
};

struct sim_faults *sim_faults_new(struct sim *sim)
{
    struct sim_faults *faults = xcalloc(1, sizeof(*faults));
    faults->sim = sim;
    return faults;
}

void sim_faults_clear(struct sim_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        cJSON_Delete(faults->entries[i].json);
    }
    faults->count = 0;
}

void sim_faults_free(struct sim_faults *faults)
{
    if (faults != NULL) {
        sim_faults_clear(faults);
        loop_cancel_timer(faults->sim->loop, faults->restart);
        free(faults);
    }
}

/* A moment later, so that whoever asked for it gets his answer. */
static void restart(void *context)
{
    struct sim_faults *faults = context;
    faults->restart = NULL;
    sim_store_compact(faults->sim->store, NULL);
    if (faults->sim->server != NULL) {
        sim_server_cut_all(faults->sim->server, faults->down_ms);
    }
}

/* Those that happen now and are not kept. True if kind was one. */
static bool happens_now(struct sim_faults *faults, const char *kind, const cJSON *fault)
{
    struct sim *sim = faults->sim;
    if (strcmp(kind, "compact") == 0) {
        sim->compacted = sim_store_version(sim->store);
        return true;
    }
    if (strcmp(kind, "restart") == 0) {
        sim_store_compact(sim->store, NULL);
        faults->down_ms = json_int(fault, "milliseconds", 0);
        loop_cancel_timer(sim->loop, faults->restart);
        faults->restart = loop_after(sim->loop, RESTART_AFTER_MS, restart, faults);
        return true;
    }
    return false;
}

static bool check(const cJSON *fault, struct error *err)
{
    static const struct {
        const char *kind;
        const char *needs;
    } kinds[] = {{"latency", "milliseconds"},
                 {"bandwidth", "bytesPerSecond"},
                 {"reset", "atByte"},
                 {"truncate", "atByte"},
                 {"status", "code"},
                 {"stale", "versions"},
                 {"watch-expired", NULL},
                 {"watch-close", NULL},
                 {"malformed", NULL},
                 {"html", NULL},
                 {"timeout", NULL},
                 {"compact", NULL},
                 {"restart", NULL}};
    const char *kind = json_string_or(fault, "kind", "");
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) != 0) {
            continue;
        }
        if (kinds[i].needs != NULL && !cJSON_IsNumber(json_member(fault, kinds[i].needs))) {
            return error_set(err, ERROR_USAGE, "fault \"%s\": needs a number \"%s\"", kind,
                             kinds[i].needs);
        }
        int64_t code = json_int(fault, "code", 500);
        if (code < 400 || code > 599) {
            return error_set(err, ERROR_USAGE, "fault \"status\": code %lld is not 400 to 599",
                             (long long)code);
        }
        return true;
    }
    return error_set(
        err, ERROR_USAGE,
        "fault: unknown kind \"%s\"; known: latency, bandwidth, reset, truncate, "
        "status, timeout, stale, watch-expired, watch-close, malformed, html, compact, restart",
        kind);
}

bool sim_faults_add(struct sim_faults *faults, const cJSON *fault, struct error *err)
{
    if (cJSON_IsArray(fault)) {
        const cJSON *one;
        cJSON_ArrayForEach(one, fault)
        {
            if (!sim_faults_add(faults, one, err)) {
                return false;
            }
        }
        return true;
    }
    if (!check(fault, err)) {
        return false;
    }
    if (happens_now(faults, json_string_or(fault, "kind", ""), fault)) {
        return true;
    }
    if (faults->count == FAULT_LIMIT) {
        return error_set(err, ERROR_USAGE, "fault: %d are set already; clear them first",
                         FAULT_LIMIT);
    }
    int64_t count = json_int(fault, "count", 0);
    faults->entries[faults->count++] = (struct entry){
        cJSON_Duplicate(fault, true), count > 0 ? count : -1, json_int(fault, "after", 0)};
    return true;
}

cJSON *sim_faults_show(const struct sim_faults *faults)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < faults->count; i++) {
        cJSON *one = cJSON_Duplicate(faults->entries[i].json, true);
        if (faults->entries[i].left >= 0) {
            json_set(one, "left", cJSON_CreateNumber((double)faults->entries[i].left));
        }
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static bool hits(struct sim_faults *faults, const struct entry *entry, const char *method,
                 const char *url)
{
    const char *path = json_string(entry->json, "path");
    const char *wanted = json_string(entry->json, "method");
    const char *without = json_string(entry->json, "without");
    const cJSON *chance = json_member(entry->json, "chance");
    if (entry->left == 0 || (path != NULL && strstr(url, path) == NULL) ||
        (without != NULL && strstr(url, without) != NULL) ||
        (wanted != NULL && strcmp(wanted, method) != 0)) {
        return false;
    }
    return !cJSON_IsNumber(chance) ||
           (double)(sim_random(faults->sim) >> 11) / 9007199254740992.0 < chance->valuedouble;
}

static void apply(const cJSON *fault, struct sim_fault *out)
{
    const char *kind = json_string_or(fault, "kind", "");
    if (strcmp(kind, "latency") == 0) {
        out->latency_ms = json_int(fault, "milliseconds", 0);
    } else if (strcmp(kind, "bandwidth") == 0) {
        out->bytes_per_second = json_int(fault, "bytesPerSecond", 0);
    } else if (strcmp(kind, "reset") == 0) {
        out->reset_at = json_int(fault, "atByte", 0);
    } else if (strcmp(kind, "truncate") == 0) {
        out->truncate_at = json_int(fault, "atByte", 0);
    } else if (strcmp(kind, "status") == 0) {
        out->status_code = (int)json_int(fault, "code", 500);
        cJSON_Delete(out->status);
        out->status = json_string(fault, "message") == NULL ? NULL : cJSON_Duplicate(fault, true);
        out->retry_after = (int)json_int(fault, "retryAfter", out->status_code == 429 ? 1 : 0);
    } else if (strcmp(kind, "stale") == 0) {
        out->stale_versions = json_int(fault, "versions", 0);
    } else if (strcmp(kind, "watch-expired") == 0) {
        out->watch_expired = true;
    } else if (strcmp(kind, "watch-close") == 0) {
        out->watch_close = true;
    } else if (strcmp(kind, "malformed") == 0) {
        out->malformed = true;
    } else if (strcmp(kind, "timeout") == 0) {
        out->times_out = true;
    } else {
        out->html = true;
    }
}

void sim_faults_draw(struct sim_faults *faults, const char *method, const char *url,
                     struct sim_fault *out)
{
    *out = (struct sim_fault){.reset_at = -1, .truncate_at = -1};
    if (text_starts_with(url, "/sim/")) {
        return; /* the way to set and clear them stays open */
    }
    for (size_t i = 0; i < faults->count; i++) {
        struct entry *entry = &faults->entries[i];
        bool watches_only = text_starts_with(json_string_or(entry->json, "kind", ""), "watch-");
        if ((watches_only && strstr(url, "watch=") == NULL) || !hits(faults, entry, method, url)) {
            continue;
        }
        if (entry->spared > 0) {
            entry->spared--;
            continue;
        }
        entry->left -= entry->left > 0 ? 1 : 0;
        apply(entry->json, out);
    }
}
