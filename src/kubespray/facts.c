/* Facts: those of a file, or sensible ones of a Debian host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "context.h"

enum { MAX_FACTS = 16 * 1024 * 1024 };

/* What hosts say about themselves is never a template. */
static struct jinja_value mark_unsafe(struct jinja_arena *arena, struct jinja_value value)
{
    if (value.type == JINJA_STRING) {
        struct jinja_value copy =
            jinja_string(arena, value.as.string->bytes, value.as.string->length);
        ((struct jinja_string *)(uintptr_t)copy.as.string)->unsafe = true;
        return copy;
    }
    if (value.type == JINJA_LIST) {
        for (size_t i = 0; i < value.as.list->count; i++) {
            value.as.list->items[i] = mark_unsafe(arena, value.as.list->items[i]);
        }
    } else if (value.type == JINJA_DICT) {
        for (size_t i = 0; i < value.as.dict->count; i++) {
            value.as.dict->entries[i].value = mark_unsafe(arena, value.as.dict->entries[i].value);
        }
    }
    return value;
}

bool facts_read(struct kubespray *kubespray, const char *path, struct error *err)
{
    struct jinja_dict *dict = jinja_dict(kubespray->arena).as.dict;
    if (!variables_read_file(kubespray->arena, path, dict, &kubespray->notes, err)) {
        return false;
    }
    const struct jinja_value *inner = jinja_dict_get_text(dict, "ansible_facts");
    if (inner != NULL && inner->type == JINJA_DICT) {
        dict = inner->as.dict;
    }
    const struct jinja_value all = {.type = JINJA_DICT, .as.dict = dict};
    kubespray->given_facts = mark_unsafe(kubespray->arena, all).as.dict;
    return true;
}

static void set(struct kubespray *kubespray, struct jinja_dict *facts, const char *name,
                const char *value)
{
    jinja_dict_set_text(kubespray->arena, facts, name, jinja_text(kubespray->arena, value));
}

/* The address by which the inventory knows the host. */
static const char *address_of(const struct inventory_host *host)
{
    static const char *const names[] = {"ip", "ansible_host", "access_ip"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct jinja_value *value = jinja_dict_get_text(host->variables, names[i]);
        if (value != NULL && value->type == JINJA_STRING) {
            return value->as.string->bytes;
        }
    }
    return "127.0.0.1";
}

static struct jinja_dict *debian_facts(struct kubespray *kubespray,
                                       const struct inventory_host *host)
{
    struct jinja_arena *arena = kubespray->arena;
    struct jinja_dict *facts = jinja_dict(arena).as.dict;
    struct jinja_value route = jinja_dict(arena);
    struct jinja_value addresses = jinja_list(arena, 1);
    struct jinja_value service = jinja_dict(arena);
    const char *address = address_of(host);
    set(kubespray, facts, "os_family", "Debian");
    set(kubespray, facts, "distribution", "Debian");
    set(kubespray, facts, "distribution_version", "12.0");
    set(kubespray, facts, "distribution_major_version", "12");
    set(kubespray, facts, "distribution_release", "bookworm");
    set(kubespray, facts, "system", "Linux");
    set(kubespray, facts, "architecture", "x86_64");
    set(kubespray, facts, "kernel", "6.1.0-0-amd64");
    set(kubespray, facts, "service_mgr", "systemd");
    set(kubespray, facts, "pkg_mgr", "apt");
    set(kubespray, facts, "hostname", host->name);
    set(kubespray, facts, "nodename", host->name);
    set(kubespray, facts, "fqdn", host->name);
    jinja_dict_set_text(arena, facts, "processor_vcpus", jinja_int(2));
    jinja_dict_set_text(arena, facts, "memtotal_mb", jinja_int(4096));
    set(kubespray, route.as.dict, "address", address);
    set(kubespray, route.as.dict, "interface", "eth0");
    jinja_dict_set_text(arena, facts, "default_ipv4", route);
    jinja_dict_set_text(arena, facts, "default_ipv6", jinja_dict(arena));
    jinja_list_append(arena, addresses.as.list, jinja_text(arena, address));
    jinja_dict_set_text(arena, facts, "all_ipv4_addresses", addresses);
    jinja_dict_set_text(arena, facts, "env", service);
    return facts;
}

/* What Kubespray's role network_facts computes for every host of an IPv4 cluster. */
static void add_computed(struct kubespray *kubespray, struct jinja_dict *all, const char *address)
{
    static const struct {
        const char *name;
        const char *format;
    } computed[] = {
        {"main_ip", "{{ ip | default('%s') }}"},
        {"main_access_ip", "{{ access_ip | default(ip | default('%s')) }}"},
        {"main_ips", "{{ [ip | default('%s')] }}"},
        {"main_access_ips", "{{ [access_ip | default(ip | default('%s'))] }}"},
    };
    for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++) {
        const char *mark = strstr(computed[i].format, "%s");
        char text[300];
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(mark - computed[i].format),
                 computed[i].format, address, mark + 2);
        if (jinja_dict_get_text(all, computed[i].name) == NULL) {
            set(kubespray, all, computed[i].name, text);
        }
    }
}

/* The address of the default route that the facts tell. */
static const char *route_address(const struct jinja_dict *facts)
{
    const struct jinja_value *route = jinja_dict_get_text(facts, "default_ipv4");
    const struct jinja_value *address = route != NULL && route->type == JINJA_DICT
                                            ? jinja_dict_get_text(route->as.dict, "address")
                                            : NULL;
    return address != NULL && address->type == JINJA_STRING ? address->as.string->bytes
                                                            : "127.0.0.1";
}

static bool has_file(const struct kubespray *kubespray, const char *path)
{
    struct stat status;
    char *full = file_join(kubespray->checkout, path);
    bool here = stat(full, &status) == 0;
    free(full);
    return here;
}

/* Until 2.26 a role told the address of every host of the cluster by its name, in 2.27 the host's
 * own. */
static void add_fallbacks(struct kubespray *kubespray, struct jinja_dict *all, const char *own)
{
    static const char *const groups[] = {"k8s_cluster", "etcd", "calico_rr"};
    const struct inventory *inventory = &kubespray->inventory;
    bool here = has_file(kubespray, "roles/kubespray-defaults/tasks/fallback_ips.yml");
    struct jinja_value addresses = jinja_dict(kubespray->arena);
    for (size_t i = 0; here && i < sizeof(groups) / sizeof(groups[0]); i++) {
        size_t count = 0;
        long group = inventory_find_group(inventory, groups[i]);
        const size_t *members =
            group == INVENTORY_NONE ? NULL : inventory_members(inventory, (size_t)group, &count);
        for (size_t k = 0; k < count; k++) {
            const struct inventory_host *host = &inventory->hosts[members[k]];
            const char *address = kubespray->given_facts != NULL
                                      ? route_address(kubespray->given_facts)
                                      : address_of(host);
            set(kubespray, addresses.as.dict, host->name, address);
        }
    }
    if (here) {
        jinja_dict_set_text(kubespray->arena, all, "fallback_ips", addresses);
    } else if (has_file(kubespray, "roles/kubespray-defaults/tasks/main.yaml")) {
        set(kubespray, all, "fallback_ip", own);
    }
}

struct jinja_dict *facts_for(struct kubespray *kubespray, size_t host)
{
    struct jinja_arena *arena = kubespray->arena;
    const struct jinja_dict *source =
        kubespray->given_facts != NULL ? kubespray->given_facts
                                       : debian_facts(kubespray, &kubespray->inventory.hosts[host]);
    struct jinja_dict *all = jinja_dict(arena).as.dict;
    struct jinja_value facts = jinja_dict(arena);
    for (size_t i = 0; i < source->count; i++) {
        const struct jinja_entry *entry = &source->entries[i];
        if (entry->key.type != JINJA_STRING) {
            continue;
        }
        const char *name = entry->key.as.string->bytes;
        bool prefixed = text_starts_with(name, "ansible_");
        char full[200];
        snprintf(full, sizeof(full), "ansible_%s", prefixed ? name + 8 : name);
        jinja_dict_set_text(arena, facts.as.dict, full + 8, entry->value);
        jinja_dict_set_text(arena, all, full, entry->value);
    }
    jinja_dict_set_text(arena, all, "ansible_facts", facts);
    add_computed(kubespray, all, route_address(facts.as.dict));
    add_fallbacks(kubespray, all, route_address(facts.as.dict));
    return all;
}
