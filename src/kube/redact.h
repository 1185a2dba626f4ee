#ifndef KUBE_REDACT_H
#define KUBE_REDACT_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/*
 * What a recording leaves out: the content of Secrets (their form stays, so that a replay comes to
 * the same verdict), values of environment variables whose names sound like secrets, copies of both
 * in annotations; and, if that is asked for, names of nodes, namespaces and Secrets, which become
 * digests that are the same throughout one recording and in no other.
 */
struct redact;

struct redact *redact_new(bool hash_names);
void redact_free(struct redact *redact);
bool redact_hides_names(const struct redact *redact);
/* Cleans a tree in place; secret: it is a Secret or has to do with Secrets. */
void redact_tree(struct redact *redact, cJSON *tree, bool secret);
/* Names that are known by now, and those that a path of the API names. free() it. */
char *redact_text(struct redact *redact, const char *text);
char *redact_path(struct redact *redact, const char *path);

#endif
