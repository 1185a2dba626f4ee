#ifndef UI_FORM_ENTRIES_H
#define UI_FORM_ENTRIES_H

#include "kube/client.h"
#include "registry/credential.h"
#include "registry/credential_source.h"
#include "ui/view.h"

/*
 * The entries of a Secret to be: typed in a form, or read from where credentials lie already.
 * Reading never blocks: helpers run and the server answers while the form stays alive.
 */
struct form_entries {
    struct registry_credential *items;
    size_t count, capacity;
    struct credential_source *source; /* under way; NULL */
    struct kube_call *call;           /* under way; NULL */
    struct kube_client *client;
    char *origin;                /* what is being read, for people */
    char note[512];              /* what was left out, or went wrong with the last reading; "" */
    bool failed;                 /* the last reading gave nothing */
    void (*done)(void *context); /* a reading has ended */
    void *context;
};

/* Before all else; done is called for every reading that was not cancelled. */
void form_entries_init(struct form_entries *entries, struct ui_view *view,
                       void (*done)(void *context), void *context);
/* Calls off what is under way and wipes all. */
void form_entries_free(struct form_entries *entries);
bool form_entries_busy(const struct form_entries *entries);

/* Copies it; one for the same registry is replaced. */
void form_entries_put(struct form_entries *entries, const struct registry_credential *credential);
void form_entries_drop(struct form_entries *entries, size_t index);
/* True if one of them means the same to the kubelet. */
bool form_entries_have(const struct form_entries *entries, const char *server);
bool form_same_registry(const char *a, const char *b);

/* From a file of docker or podman ("": where they look); registry "": all of it. */
void form_entries_read_file(struct form_entries *entries, struct loop *loop, const char *path,
                            const char *registry);
/* From docker-credential-HELPER. */
void form_entries_read_helper(struct form_entries *entries, struct loop *loop, const char *helper,
                              const char *registry);
/* From a Secret of the cluster. */
void form_entries_read_secret(struct form_entries *entries, const char *ns, const char *name);

/* The entries of such an object are put in. ERROR_INVALID: it holds none that can be read. */
bool form_entries_take_secret(struct form_entries *entries, const cJSON *secret, struct error *err);

/* "ends in 3h", "ended 2d ago", "ends within 12 hours (Amazon ECR)"; "" if nothing is known. True
 * if it is over, or will be within a day. */
bool form_expiry_text(const char *server, const char *password, size_t length, char out[128]);

#endif
