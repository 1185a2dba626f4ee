#include "csi/findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "base/language.h"
#include "diagnosis.h"

enum { MEMOS = 16 };

struct memo {
    const void *a;
    const void *b;
    bool answer;
};

struct diagnosis {
    const struct csi_census *census;
    struct memo memos[MEMOS];
    size_t memo_count;
    struct group *groups;
    size_t group_count;
    size_t group_capacity;
    size_t last; /* the group that was added to last: pods come in runs */
};

const char *csi_severity_name(enum csi_severity severity)
{
    static const char *const names[] = {N_("info"), N_("warning"), N_("error")};
    return (size_t)severity < ARRAY_LENGTH(names) ? names[severity] : "info";
}

const char *csi_change_name(enum csi_change change)
{
    static const char *const names[] = {"drop-reference", "create-secret", "create-empty",
                                        "use-secret",     "copy-secret",   "kubespray",
                                        "restart-pods"};
    return (size_t)change < ARRAY_LENGTH(names) ? names[change] : "none";
}

/* --- The rules ----------------------------------------------------------------------------------
 */

static size_t rule_count(void)
{
    return csi_secret_rules_count + csi_pull_rules_count;
}

static const struct rule *rule_at(size_t i)
{
    return i < csi_secret_rules_count ? &csi_secret_rules[i]
                                      : &csi_pull_rules[i - csi_secret_rules_count];
}

const struct csi_census *diagnosis_census(const struct diagnosis *diagnosis)
{
    return diagnosis->census;
}

/* --- Groups -------------------------------------------------------------------------------------
 */

static bool is_group(const struct group *group, const struct csi_driver *driver, const char *ns,
                     const char *name, const char *detail)
{
    return group->driver == driver && strcmp(group->name, name) == 0 &&
           strcmp(group->ns, ns) == 0 && strcmp(group->detail, detail) == 0;
}

static struct group *group_need(struct diagnosis *diagnosis, const struct csi_workload *workload,
                                const char *ns, const char *name, const char *detail)
{
    for (size_t n = 0; n < diagnosis->group_count; n++) {
        size_t i = (diagnosis->last + n) % diagnosis->group_count;
        if (is_group(&diagnosis->groups[i], workload->driver, ns, name, detail)) {
            diagnosis->last = i;
            return &diagnosis->groups[i];
        }
    }
    diagnosis->groups = xgrow(diagnosis->groups, diagnosis->group_count, &diagnosis->group_capacity,
                              sizeof(struct group));
    struct group *group = &diagnosis->groups[diagnosis->group_count];
    *group = (struct group){
        .driver = workload->driver, .ns = ns, .name = name, .detail = detail, .workload = workload};
    diagnosis->last = diagnosis->group_count++;
    return group;
}

struct group *group_add(struct diagnosis *diagnosis, const struct csi_workload *workload,
                        const struct csi_pod *pod, const char *ns, const char *name,
                        const char *detail)
{
    enum { GUARDS_SINCE = 35 }; /* KubeletEnsureSecretPulledImages is on */
    struct group *group = group_need(diagnosis, workload, ns, name, detail);
    if (pod == NULL || (group->count > 0 && group->pods[group->count - 1] == pod)) {
        return group;
    }
    group->pods =
        xgrow(group->pods, group->count, &group->capacity, sizeof(const struct csi_pod *));
    group->pods[group->count++] = pod;
    group->failing += pod->pulling == CSI_PULLING_FAILING;
    group->guarded += pod->kubelet_minor >= GUARDS_SINCE;
    return group;
}

void group_add_reference(struct diagnosis *diagnosis, const struct csi_pod *pod,
                         const struct csi_reference *reference)
{
    struct group *group = group_add(diagnosis, pod->workload, pod, pod->ns, reference->name, "");
    group->injected += reference->source == CSI_SOURCE_SERVICE_ACCOUNT;
}

static void groups_clear(struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->group_count; i++) {
        free(diagnosis->groups[i].pods);
    }
    diagnosis->group_count = 0;
    diagnosis->last = 0;
    diagnosis->memo_count = 0;
}

bool memo_find(const struct diagnosis *diagnosis, const void *a, const void *b, bool *answer)
{
    for (size_t i = 0; i < diagnosis->memo_count && i < MEMOS; i++) {
        if (diagnosis->memos[i].a == a && diagnosis->memos[i].b == b) {
            *answer = diagnosis->memos[i].answer;
            return true;
        }
    }
    return false;
}

bool memo_keep(struct diagnosis *diagnosis, const void *a, const void *b, bool answer)
{
    diagnosis->memos[diagnosis->memo_count++ % MEMOS] = (struct memo){a, b, answer};
    return answer;
}

/* --- Findings -----------------------------------------------------------------------------------
 */

/* All names in one block behind the array. */
static char **name_pods(const struct group *group)
{
    size_t bytes = (group->count + 1) * sizeof(char *);
    for (size_t i = 0; i < group->count; i++) {
        bytes += strlen(group->pods[i]->ns) + strlen(group->pods[i]->name) + 2;
    }
    char **names = xmalloc(bytes);
    char *at = (char *)(names + group->count + 1);
    for (size_t i = 0; i < group->count; i++) {
        size_t ns = strlen(group->pods[i]->ns);
        size_t name = strlen(group->pods[i]->name) + 1;
        names[i] = at;
        memcpy(at, group->pods[i]->ns, ns);
        at[ns] = '/';
        memcpy(at + ns + 1, group->pods[i]->name, name);
        at += ns + 1 + name;
    }
    names[group->count] = NULL;
    return names;
}

static void finding_make(const struct diagnosis *diagnosis, const struct rule *rule,
                         const struct group *group, struct csi_finding *finding)
{
    *finding = (struct csi_finding){
        .rule = &rule->rule,
        .severity = rule->rule.severity,
        .driver = intern(group->driver->name),
        .secret_namespace = intern(group->ns),
        .secret_name = intern(group->name),
        .pods = group->count,
        .pod_names = name_pods(group),
    };
    rule->describe(diagnosis, group, finding);
    fix_order(finding);
    if (finding->explanation == NULL) {
        explain(finding, "%s %s", _(rule->rule.explanation), _(rule->rule.consequence));
    }
}

static void each_pod(struct diagnosis *diagnosis, const struct rule *rule)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(diagnosis->census, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; rule->select != NULL && k < workload->pod_count; k++) {
                rule->select(diagnosis, workload->pods[k]);
            }
            if (workload->pod_count == 0 && rule->select_template != NULL) {
                rule->select_template(diagnosis, workload);
            }
        }
    }
}

/* Where a rule stands in the table: the causes before what follows from them. */
static size_t rank_of(const struct csi_finding *finding)
{
    size_t rank = 0;
    while (&rule_at(rank)->rule != finding->rule) {
        rank++;
    }
    return rank;
}

/* The worse first; then by driver, rule and Secret, so that nothing jumps about. */
static int compare_findings(const void *a, const void *b)
{
    const struct csi_finding *x = a;
    const struct csi_finding *y = b;
    if (x->severity != y->severity) {
        return x->severity > y->severity ? -1 : 1;
    }
    int order = strcmp(x->driver, y->driver);
    if (order == 0 && x->rule != y->rule) {
        return rank_of(x) < rank_of(y) ? -1 : 1;
    }
    order = order != 0 ? order : strcmp(x->secret_namespace, y->secret_namespace);
    order = order != 0 ? order : strcmp(x->secret_name, y->secret_name);
    return order != 0 ? order : strcmp(x->message, y->message);
}

void csi_diagnose(const struct csi_census *census, struct csi_findings *out)
{
    *out = (struct csi_findings){0};
    size_t capacity = 0;
    struct diagnosis diagnosis = {.census = census};
    for (size_t i = 0; i < rule_count(); i++) {
        each_pod(&diagnosis, rule_at(i));
        for (size_t j = 0; j < diagnosis.group_count; j++) {
            out->items = xgrow(out->items, out->count, &capacity, sizeof(struct csi_finding));
            finding_make(&diagnosis, rule_at(i), &diagnosis.groups[j], &out->items[out->count++]);
        }
        groups_clear(&diagnosis);
    }
    free(diagnosis.groups);
    if (out->count > 1) {
        qsort(out->items, out->count, sizeof(out->items[0]), compare_findings);
    }
}

void csi_findings_free(struct csi_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        struct csi_finding *finding = &findings->items[i];
        intern_release(finding->driver);
        intern_release(finding->secret_namespace);
        intern_release(finding->secret_name);
        free(finding->message);
        free(finding->explanation);
        free(finding->pod_names);
        for (size_t j = 0; j < finding->fix_count; j++) {
            free(finding->fixes[j].text);
            free(finding->fixes[j].command);
            free(finding->fixes[j].secret);
        }
        free(finding->fixes);
    }
    free(findings->items);
    *findings = (struct csi_findings){0};
}

enum csi_severity csi_findings_worst(const struct csi_findings *findings, bool *any)
{
    if (any != NULL) {
        *any = findings->count > 0;
    }
    return findings->count > 0 ? findings->items[0].severity : CSI_INFO;
}

const struct csi_rule *csi_rules(size_t *count)
{
    /* the public part of each, gathered once */
    static struct csi_rule *rules;
    if (rules == NULL) {
        rules = xcalloc(rule_count(), sizeof(*rules));
        for (size_t i = 0; i < rule_count(); i++) {
            rules[i] = rule_at(i)->rule;
        }
    }
    *count = rule_count();
    return rules;
}

const struct csi_rule *csi_rule_by_name(const char *name)
{
    for (size_t i = 0; i < rule_count(); i++) {
        if (strcmp(rule_at(i)->rule.name, name) == 0) {
            return &rule_at(i)->rule;
        }
    }
    return NULL;
}

/* --- What a rule says --------------------------------------------------------------------------
 */

void say(struct csi_finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    free(finding->message);
    finding->message = xvasprintf(_(format), args);
    va_end(args);
}

void explain(struct csi_finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    free(finding->explanation);
    finding->explanation = xvasprintf(_(format), args);
    va_end(args);
}
