#ifndef CHANGE_RIGHTS_H
#define CHANGE_RIGHTS_H

#include "base/buffer.h"
#include "kube/review.h"

enum { CHANGE_RIGHTS_COUNT = 8, CHANGE_RIGHT_RESOURCES = 4 };

/* What this program needs to be allowed, and what the server says to each. */
struct change_rights {
    void (*on_answer)(void *context);
    void *context;
    struct change_right {
        struct change_rights *rights;
        struct change_right_question {
            struct change_right *right;
            struct kube_call *call;
            enum kube_answer answer;
            bool answered;
        } of[CHANGE_RIGHT_RESOURCES];
    } of[CHANGE_RIGHTS_COUNT];
};

/* Asks; ns NULL: in all namespaces. on_answer is called for each answer. */
void change_rights_ask(struct change_rights *rights, struct kube_client *client, const char *ns,
                       void (*on_answer)(void *context), void *context);
void change_rights_stop(struct change_rights *rights);
/* True when every question is answered. */
bool change_rights_known(const struct change_rights *rights);
/* A right as a whole: denied if any of its parts is, unknown if one is not answered. */
enum kube_answer change_right_answer(const struct change_rights *rights, size_t number);
bool change_right_is_known(const struct change_rights *rights, size_t number);
/* What it is for ("see pods and what they pull"), in the person's language. */
const char *change_right_purpose(size_t number);
/* "patch daemonsets, statefulsets" */
void change_right_append(size_t number, struct buffer *out);
/* How many were denied. */
size_t change_rights_missing(const struct change_rights *rights);
/* The ClusterRole to ask for: all rights, the missing ones marked; YAML. */
void change_rights_write_role(const struct change_rights *rights, struct buffer *out);

#endif
