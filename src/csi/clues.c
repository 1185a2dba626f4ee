#include <string.h>

#include "base/attributes.h"
#include "base/intern.h"
#include "base/text.h"
#include "doc/json.h"
#include "rows.h"

/*
 * How a pod spec gives itself away. The sidecars are those of kubernetes-csi; mirrors keep their
 * names in the image's path, and manifests in the container's name.
 */
static const char *const registrars[] = {"node-driver-registrar", "driver-registrar"};
static const char *const sidecars[] = {
    "csi-provisioner",        "csi-attacher",         "csi-resizer",
    "csi-snapshotter",        "external-provisioner", "external-attacher",
    "external-resizer",       "external-snapshotter", "csi-external-health-monitor-controller",
    "external-health-monitor"};
static const char *const name_flags[] = {"driver-name=",     "drivername=",  "driver=",
                                         "csi-driver-name=", "provisioner=", "provisioner-name="};
static const char *const label_names[] = {"app.kubernetes.io/name",
                                          "app.kubernetes.io/instance",
                                          "app",
                                          "release",
                                          "app.kubernetes.io/part-of",
                                          "k8s-app"};

/* Where the plugins' sockets lie below the kubelet's folder, which is not always /var/lib/kubelet.
 */
static const char plugins[] = "/kubelet/plugins";

/* How sure a name is, by where it was found. */
enum { SURE_FLAG = 1, SURE_VOLUME = 2, SURE_PATH = 3, SURE_REGISTRATION = 4 };

static bool has_any(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; text != NULL && i < count; i++) {
        if (strstr(text, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* The image's path without registry, tag and digest matter little: a word of it is enough. */
static bool is_registrar(const cJSON *container)
{
    return has_any(json_string(container, "image"), registrars, ARRAY_LENGTH(registrars)) ||
           has_any(json_string(container, "name"), registrars, ARRAY_LENGTH(registrars));
}

static bool is_sidecar(const cJSON *container)
{
    return has_any(json_string(container, "image"), sidecars, ARRAY_LENGTH(sidecars)) ||
           has_any(json_string(container, "name"), sidecars, ARRAY_LENGTH(sidecars));
}

/* ".../kubelet/plugins" itself or something below it, but not plugins_registry. */
static const char *below_plugins(const char *path)
{
    const char *at = path == NULL ? NULL : strstr(path, plugins);
    if (at == NULL) {
        return NULL;
    }
    at += sizeof(plugins) - 1;
    return *at == '/' || *at == '\0' ? at : NULL;
}

bool clues_any(const cJSON *spec)
{
    static const char *const members[] = {"containers", "initContainers"};
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        const cJSON *container;
        cJSON_ArrayForEach(container, json_list(spec, members[i]))
        {
            if (is_registrar(container) || is_sidecar(container)) {
                return true;
            }
        }
    }
    const cJSON *volume;
    cJSON_ArrayForEach(volume, json_list(spec, "volumes"))
    {
        if (below_plugins(json_string(json_object(volume, "hostPath"), "path")) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
}

static void suggest(struct clues *clues, const char *name, size_t length, int strength)
{
    static const char *const not_names[] = {"kubernetes.io", "csi", "plugins", ""};
    if (length > 63 || strength <= clues->strength) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(not_names); i++) {
        if (strlen(not_names[i]) == length && strncmp(name, not_names[i], length) == 0) {
            return;
        }
    }
    keep_text(&clues->driver, intern_length(name, length));
    clues->strength = strength;
}

/* The folder of the plugin's socket is named after the driver, by the convention that the registrar
 * documents: /var/lib/kubelet/plugins/DRIVER/csi.sock. */
static void read_path(struct clues *clues, const char *text, int strength)
{
    const char *at = below_plugins(text);
    if (at == NULL) {
        return;
    }
    clues->plugin_path = true;
    if (*at == '\0') {
        return;
    }
    size_t length = 0;
    while (is_name_byte(at[1 + length])) {
        length++;
    }
    if (at[1 + length] == '/' || at[1 + length] == '\0') {
        suggest(clues, at + 1, length, strength);
    }
}

static void read_argument(struct clues *clues, const char *argument)
{
    if (argument == NULL) {
        return;
    }
    bool registration = strstr(argument, "kubelet-registration-path") != NULL;
    clues->registrar = clues->registrar || registration;
    read_path(clues, argument, registration ? SURE_REGISTRATION : SURE_PATH);
    const char *flag = argument;
    while (*flag == '-') {
        flag++;
    }
    for (size_t i = 0; flag != argument && i < ARRAY_LENGTH(name_flags); i++) {
        if (text_starts_with(flag, name_flags[i])) {
            const char *value = flag + strlen(name_flags[i]);
            size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789.-");
            if (value[length] == '\0' && strchr(value, '.') != NULL) {
                suggest(clues, value, length, SURE_FLAG);
            }
        }
    }
}

static void read_container(struct clues *clues, const cJSON *container)
{
    static const char *const members[] = {"args", "command"};
    clues->registrar = clues->registrar || is_registrar(container);
    clues->sidecar = clues->sidecar || is_sidecar(container);
    const char *image = json_string(container, "image");
    if (clues->image_driver == NULL && image != NULL) {
        clues->image_driver = known_driver_of_image(image);
    }
    const cJSON *item;
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        cJSON_ArrayForEach(item, json_list(container, members[i]))
        {
            read_argument(clues, cJSON_IsString(item) ? item->valuestring : NULL);
        }
    }
    /* --kubelet-registration-path=$(DRIVER_REG_SOCK_PATH) is as common as the path itself. */
    cJSON_ArrayForEach(item, json_list(container, "env"))
    {
        read_path(clues, json_string(item, "value"),
                  is_registrar(container) ? SURE_REGISTRATION : SURE_PATH);
    }
}

bool clues_read(struct clues *clues, const cJSON *spec, const cJSON *labels)
{
    static const char *const members[] = {"containers", "initContainers"};
    const cJSON *item;
    unsigned ignored = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        cJSON_ArrayForEach(item, json_list(spec, members[i]))
        {
            read_container(clues, item);
        }
    }
    cJSON_ArrayForEach(item, json_list(spec, "volumes"))
    {
        read_path(clues, json_string(json_object(item, "hostPath"), "path"), SURE_VOLUME);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(label_names); i++) {
        if (json_string(labels, label_names[i]) != NULL) {
            keep_text(&clues->labels[i], odd_text(labels, label_names[i], NAME_LIMIT, &ignored));
        }
    }
    return clues->registrar || clues->sidecar || clues->plugin_path;
}

void clues_clear(struct clues *clues)
{
    intern_release(clues->driver);
    for (size_t i = 0; i < ARRAY_LENGTH(clues->labels); i++) {
        intern_release(clues->labels[i]);
    }
    memset(clues, 0, sizeof(*clues));
}
