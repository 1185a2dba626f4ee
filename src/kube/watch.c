#include "client_internal.h"

void watch_free_all(struct kube_client *client)
{
    (void)client;
}
