#include "cli/connect.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static bool read_flags(struct kube_config_flags *flags, const struct cli_values *values,
                       struct error *err)
{
    *flags = (struct kube_config_flags){
        .kubeconfig = cli_text(values, CLI_KUBECONFIG),
        .context = cli_text(values, CLI_CONTEXT),
        .cluster = cli_text(values, CLI_CLUSTER),
        .user = cli_text(values, CLI_USER),
        .server = cli_text(values, CLI_SERVER),
        .token = cli_text(values, CLI_TOKEN),
        .certificate_authority = cli_text(values, CLI_CERTIFICATE_AUTHORITY),
        .client_certificate = cli_text(values, CLI_CLIENT_CERTIFICATE),
        .client_key = cli_text(values, CLI_CLIENT_KEY),
        .tls_server_name = cli_text(values, CLI_TLS_SERVER_NAME),
        .impersonate = cli_text(values, CLI_AS),
        .impersonate_uid = cli_text(values, CLI_AS_UID),
        .impersonate_groups = cli_list(values, CLI_AS_GROUP),
        .insecure_skip_tls_verify = cli_flag(values, CLI_INSECURE),
    };
    if (values->of[CLI_TOKEN].origin == CLI_FROM_FLAG) {
        log_message(LOG_WARNING, "--token: others on this machine can read it in the process "
                                 "list; a kubeconfig keeps it to yourself");
    }
    return cli_duration(values, CLI_REQUEST_TIMEOUT, 0, &flags->request_timeout_ms, err);
}

static void on_interrupt(void *context, int signal_number)
{
    struct cli_connection *connection = context;
    (void)signal_number;
    connection->interrupted = true;
    loop_stop(connection->loop, 0);
}

bool cli_only_reads(const struct cli_values *values)
{
    return cli_flag(values, CLI_READ_ONLY) || cli_is_set(values, CLI_REPLAY);
}

/* --replay: a client of the recording. */
static bool connect_to_recording(struct cli_connection *connection, const struct cli_values *values,
                                 struct error *err)
{
    static const enum cli_option_id others[] = {CLI_DEMO, CLI_RECORD, CLI_KUBECONFIG, CLI_CONTEXT,
                                                CLI_SERVER};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (values->of[others[i]].origin == CLI_FROM_FLAG) {
            return error_set(err, ERROR_USAGE, "--replay brings its own cluster: leave out --%s",
                             cli_options[others[i]].name);
        }
    }
    connection->replay = kube_replay_open(connection->loop, cli_text(values, CLI_REPLAY), err);
    if (connection->replay == NULL) {
        return false;
    }
    connection->config = kube_replay_config(connection->replay);
    connection->client = kube_replay_client(connection->replay, connection->config);
    return true;
}

static bool start_recording(struct cli_connection *connection, const struct cli_values *values,
                            struct error *err)
{
    const char *path = cli_text(values, CLI_RECORD);
    bool hash = cli_flag(values, CLI_RECORD_HASH_NAMES);
    if (path == NULL) {
        return !hash || error_set(err, ERROR_USAGE, "--record-hash-names goes with --record FILE");
    }
    connection->recording = kube_recording_open(path, hash, err);
    if (connection->recording == NULL) {
        return false;
    }
    kube_client_record(connection->client, connection->recording);
    return true;
}

bool cli_connect_context(const struct cli_connection *connection, const struct cli_values *values,
                         const char *context, bool read_only, struct kube_config **config,
                         struct kube_client **client, struct error *err)
{
    struct kube_config_flags flags;
    if (connection->replay != NULL || connection->recording != NULL) {
        return error_set(err, ERROR_USAGE, "a recording is of one context: leave out --%s",
                         connection->replay != NULL ? "replay" : "record");
    }
    if (!read_flags(&flags, values, err)) {
        return false;
    }
    flags.context = context;
    flags.cluster = flags.user = flags.server = NULL; /* they were for the first context */
    if (connection->demo != NULL) {
        flags.kubeconfig = cli_demo_kubeconfig(connection->demo);
    }
    *config = kube_config_load(&flags, err);
    *client = *config == NULL ? NULL
                              : kube_client_new(connection->loop, *config,
                                                read_only || cli_flag(values, CLI_READ_ONLY), err);
    if (*client == NULL) {
        kube_config_free(*config);
        *config = NULL;
    }
    return *client != NULL;
}

bool cli_connect(struct cli_connection *connection, const struct cli_values *values, bool read_only,
                 struct error *err)
{
    *connection = (struct cli_connection){.loop = loop_new()};
    loop_on_signal(connection->loop, SIGINT, on_interrupt, connection);
    loop_on_signal(connection->loop, SIGTERM, on_interrupt, connection);
    loop_on_signal(connection->loop, SIGHUP, on_interrupt, connection);
    struct kube_config_flags flags;
    if (cli_is_set(values, CLI_REPLAY)) {
        return connect_to_recording(connection, values, err);
    }
    if (!read_flags(&flags, values, err)) {
        return false;
    }
    if (cli_is_set(values, CLI_DEMO)) {
        if (flags.kubeconfig != NULL || flags.server != NULL) {
            return error_set(err, ERROR_USAGE, "--demo brings its own cluster: leave out --%s",
                             flags.kubeconfig != NULL ? "kubeconfig" : "server");
        }
        connection->demo = cli_demo_start(connection->loop, cli_text(values, CLI_DEMO),
                                          &connection->interrupted, err);
        if (connection->demo == NULL) {
            return false;
        }
        flags.kubeconfig = cli_demo_kubeconfig(connection->demo);
    }
    connection->config = kube_config_load(&flags, err);
    if (connection->config == NULL) {
        return false;
    }
    connection->client = kube_client_new(connection->loop, connection->config,
                                         read_only || cli_flag(values, CLI_READ_ONLY), err);
    return connection->client != NULL && start_recording(connection, values, err);
}

static void on_complete(void *context)
{
    struct cli_connection *connection = context;
    connection->complete = true;
    loop_stop(connection->loop, 0);
}

static void on_failure(void *context, const struct error *err)
{
    struct cli_connection *connection = context;
    connection->failure = *err;
    loop_stop(connection->loop, 0);
}

static void on_change(void *context)
{
    struct cli_connection *connection = context;
    if (connection->on_change != NULL) {
        connection->on_change(connection->context);
    }
}

bool cli_take_census(struct cli_connection *connection, const struct cli_values *values,
                     bool keep_watching, bool secret_content, struct error *err)
{
    /* who does not look at what comes is not made to pay for each frame */
    struct csi_follow_handler handler = {connection->on_change == NULL ? NULL : on_change,
                                         on_complete, on_failure};
    struct csi_follow_options options = {
        .ns = cli_text(values, CLI_NAMESPACE),
        .drivers = cli_list(values, CLI_DRIVER),
        .label_selector = cli_text(values, CLI_SELECTOR),
        .secret_content = secret_content && !cli_flag(values, CLI_NO_SECRET_DATA),
        .keep_watching = keep_watching,
        .event_speed = cli_demo_event_speed(connection->demo),
    };
    connection->follow = csi_follow_start(connection->client, &options, &handler, connection);
    loop_run(connection->loop);
    if (connection->failure.kind != ERROR_NONE) {
        *err = connection->failure;
        return false;
    }
    if (connection->interrupted) {
        return error_set(err, ERROR_NONE, "interrupted");
    }
    return connection->complete;
}

void cli_disconnect(struct cli_connection *connection)
{
    csi_follow_stop(connection->follow);
    kube_client_free(connection->client);
    kube_recording_close(connection->recording);
    kube_replay_close(connection->replay);
    kube_config_free(connection->config);
    cli_demo_stop(connection->demo);
    loop_free(connection->loop);
    *connection = (struct cli_connection){0};
}
