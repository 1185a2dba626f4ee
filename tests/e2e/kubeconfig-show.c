/* Prints what a connection resolves to, a NAME=VALUE a line, for kubeconfig.sh. */
#include <stdio.h>

#include "../../src/kube/config_internal.h"

static void show(const char *name, const char *value)
{
    printf("%s=%s\n", name, value == NULL ? "" : value);
}

int main(int argc, char **argv)
{
    struct kube_config_flags flags = {.context = argc > 1 ? argv[1] : NULL};
    struct error err = ERROR_INIT;
    struct kube_config *config = kube_config_load(&flags, &err);
    if (config == NULL) {
        fprintf(stderr, "%s\n", err.message);
        return error_exit_code(err.kind);
    }
    show("context", config->context);
    show("server", config->server);
    show("namespace", config->ns);
    show("tls-server-name", config->tls_server_name);
    show("insecure", config->insecure ? "true" : "");
    show("proxy", config->proxy);
    show("user", config->user);
    show("token", config->token);
    show("tokenFile", config->token_file);
    show("username", config->username);
    show("password", config->password);
    show("as", config->as);
    show("group", config->as_groups == NULL ? NULL : config->as_groups[0]);
    show("command", config->exec == NULL ? NULL : config->exec->command);
    kube_config_free(config);
    return 0;
}
