#ifndef UI_UI_H
#define UI_UI_H

#include "kube/client.h"
#include "kubespray/render.h"

/* The full-screen program. */
enum ui_mode { UI_MODE_SESSION, UI_MODE_SETUP, UI_MODE_MONITOR };

/* What a person asked for on the screen that says that there is no cluster. */
struct ui_wish {
    char *kubeconfig; /* NULL, or a path; free() it */
    bool demo;
};

struct ui_options {
    enum ui_mode mode;
    struct loop *loop;
    const struct kube_config *config;
    struct kube_client *client;             /* NULL: there is no cluster, see trouble and wish */
    const struct error *trouble;            /* why there is none */
    struct ui_wish *wish;                   /* what to do about it */
    const char *ns;                         /* -n; NULL: all */
    const char *const *drivers;             /* --driver, NULL-terminated; NULL: all */
    const char *theme;                      /* a name or a file; NULL: the default */
    const char *registry_ca;                /* CA file for registries; NULL: the system's only */
    const char *const *insecure_registries; /* hosts that speak plain HTTP; NULL: none */
    struct kubespray_options kubespray;     /* its checkout may be NULL: none is named */
    bool demo;
    double event_speed; /* of the demo: how much faster than the clock; 0: 1 */
    bool no_color;
    bool no_mouse;
    bool no_animation;   /* nothing ticks, and news are drawn once a second at most */
    bool bell;           /* monitor: ring when something breaks */
    bool no_history;     /* monitor: keep nothing across sessions */
    bool no_secret_data; /* never ask for a Secret's data */
    bool ascii;
    int64_t refresh_ms; /* of the clock in the header; 0: 1 second */
    /* Makes a connection to another context of the same configuration; NULL: not possible. What it
     * gives is the UI's. */
    bool (*connect)(void *context, const char *name, struct kube_config **config,
                    struct kube_client **client, struct error *err);
    void *connect_context;
};

/* Runs until the person leaves; returns the exit code. ERROR_USAGE where the terminal cannot do it
 * (no TERM, not a terminal); the terminal is as before in every case. */
bool ui_run(const struct ui_options *options, int *code, struct error *err);

#endif
