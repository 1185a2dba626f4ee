#ifndef KUBE_RECORDING_H
#define KUBE_RECORDING_H

#include "kube/client.h"

/*
 * What a client saw, in a file of JSON lines for a bug report, a demo or a test: every exchange
 * with the API server with its times, without the content of Secrets. A replay answers from that
 * file, with no network, at the hour of the recording.
 */
struct kube_recording;
struct kube_replay;

/* Makes the file (0600); one that is there already is left alone. It ends at 256 MiB, with a
 * warning in the log. hash_names: nodes, namespaces and Secrets are called by digests. Errors:
 * ERROR_CONFIG. */
struct kube_recording *kube_recording_open(const char *path, bool hash_names, struct error *err);
/* After the clients that it listens to are gone. NULL is allowed. */
void kube_recording_close(struct kube_recording *recording);
/* From now on recording hears what client does. */
void kube_client_record(struct kube_client *client, struct kube_recording *recording);

/* Reads a recording and sets the clock of this program to its beginning; from now on nothing opens
 * a connection. Errors: ERROR_CONFIG with file and line. */
struct kube_replay *kube_replay_open(struct loop *loop, const char *path, struct error *err);
/* After the clients that it answers are gone. NULL is allowed. */
void kube_replay_close(struct kube_replay *replay);
/* Context, server and user of the recording; kube_config_free() it. */
struct kube_config *kube_replay_config(const struct kube_replay *replay);
/* A client of the recording: it only reads. */
struct kube_client *kube_replay_client(struct kube_replay *replay,
                                       const struct kube_config *config);

#endif
