/* The monitor as lines: one when something changes. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/language.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/output.h"

struct watching {
    struct cli_connection connection;
    bool told;
    size_t broken, pods;
    enum kube_link link;
    bool bell;
};

static void tell(struct watching *watching, const struct csi_totals *totals, bool live)
{
    char stamp[32] = "";
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm parts;
    if (localtime_r(&now, &parts) == NULL ||
        strftime(stamp, sizeof(stamp), "%H:%M:%S", &parts) == 0) {
        stamp[0] = '\0';
    }
    bool worse = watching->told && totals->broken_pods > watching->broken;
    printf(_("%s %zu of %zu pods have a broken pull secret"), stamp, totals->broken_pods,
           totals->pods);
    if (totals->rate_known) {
        printf(totals->lower_bound ? _(", at least %.0f warnings a day")
                                   : _(", %.0f warnings a day"),
               totals->warnings_per_day);
    }
    printf("%s%s\n", live ? "" : _(" (connection lost, trying again)"),
           worse && watching->bell ? "\a" : "");
    if (fflush(stdout) != 0) {
        loop_stop(watching->connection.loop, 0);
    }
}

static void on_change(void *context)
{
    struct watching *watching = context;
    struct csi_census *census = csi_follow_census(watching->connection.follow);
    const struct csi_follow_state *state = csi_follow_state(watching->connection.follow);
    csi_census_settle(census, clock_wall_ms());
    struct csi_totals totals = csi_census_totals(census);
    bool live = state->link.link == KUBE_LIVE;
    bool same = watching->told && totals.broken_pods == watching->broken &&
                totals.pods == watching->pods && state->link.link == watching->link;
    if (!state->complete || same) {
        return;
    }
    tell(watching, &totals, live);
    watching->told = true;
    watching->broken = totals.broken_pods;
    watching->pods = totals.pods;
    watching->link = state->link.link;
}

int cli_run_plain_monitor(const struct cli_values *values)
{
    struct watching watching = {.bell = cli_flag(values, CLI_BELL)};
    struct cli_connection *connection = &watching.connection;
    struct error err = ERROR_INIT;
    int code = CLI_EXIT_OK;
    if (!cli_connect(connection, values, true, &err)) {
        code = cli_report(&err);
        cli_disconnect(connection);
        return code;
    }
    connection->on_change = on_change;
    connection->context = &watching;
    if (!cli_take_census(connection, values, true, true, &err)) {
        code = connection->interrupted ? CLI_EXIT_INTERRUPTED : cli_report(&err);
    } else {
        on_change(&watching);
        cli_watch_output(connection->loop);
        if (!ferror(stdout)) {
            loop_run(connection->loop);
        }
        code = connection->interrupted ? CLI_EXIT_INTERRUPTED : CLI_EXIT_OK;
    }
    cli_disconnect(connection);
    return code;
}
