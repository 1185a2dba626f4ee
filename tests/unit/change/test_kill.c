#include "runner.h"

#include "cluster.h"
#include "trees.h"

Suite *suite_kill(void);

static struct cluster cluster;

/* What SIGKILL leaves behind: the journal as it is on disk, of a program that runs no more. */
static void kill_session(struct change_session *session)
{
    struct error err = ERROR_INIT;
    const char *id = change_session_journal_id(session);
    struct change_journal_entry *entry = id == NULL ? NULL : change_journal_read(id, &err);
    change_session_free(session);
    if (entry != NULL) {
        entry->pid = 0;
        ck_assert_msg(change_journal_write(entry, &err), "%s", err.message);
        change_journal_entry_free(entry);
    }
}

static bool is_over(const struct change_session *session)
{
    enum change_phase phase = change_session_phase(session);
    return phase == CHANGE_DONE || phase == CHANGE_FAILED;
}

/* Applies, and dies after so many rounds of the loop. True if it was over before. */
static bool apply_and_die(int rounds)
{
    struct error err = ERROR_INIT;
    struct change_session *session =
        cluster_preview(&cluster, change_intent_new(CHANGE_DROP_REFERENCE));
    ck_assert_msg(change_session_apply(session, &err), "%s", err.message);
    for (int i = 0; i < rounds && change_session_phase(session) == CHANGE_APPLYING; i++) {
        loop_step(cluster.loop, 100);
    }
    bool over = change_session_phase(session) != CHANGE_APPLYING;
    kill_session(session);
    return over;
}

/* Undo or resume, without waiting for pods. */
static void follow_up(const char *id, bool forward)
{
    struct error err = ERROR_INIT;
    struct change_session *session = cluster_preview_journal(&cluster, id, forward);
    ck_assert_msg(change_session_phase(session) == CHANGE_PREVIEWED, "%s",
                  change_session_error(session)->message);
    ck_assert_msg(change_session_apply(session, &err), "%s", err.message);
    while (change_session_phase(session) == CHANGE_APPLYING) {
        loop_step(cluster.loop, 100);
    }
    change_session_stop(session);
    ck_assert(is_over(session));
    ck_assert_int_eq(change_session_phase(session), CHANGE_DONE);
    change_session_free(session);
}

static void assert_specs(const char *expected)
{
    char *specs = cluster_specs(&cluster);
    ck_assert_str_eq(specs, expected);
    free(specs);
}

/* The census must have the reference again before the next round plans with it. */
static bool names_regcred(void *context)
{
    (void)context;
    size_t count = 0;
    csi_census_settle(csi_follow_census(cluster.follow), 0);
    struct csi_driver *const *drivers =
        csi_census_drivers(csi_follow_census(cluster.follow), &count);
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            named += drivers[i]->workloads[j]->reference_count;
        }
    }
    return named == 2;
}

static void clear_journal(void)
{
    struct error err = ERROR_INIT;
    struct change_journal_entry **entries = NULL;
    size_t count = 0;
    ck_assert(change_journal_list(&entries, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (entries[i]->interrupted) {
            ck_assert(change_journal_mark(entries[i]->id, CHANGE_JOURNAL_LEFT, &err));
        }
        change_journal_entry_free(entries[i]);
    }
    free(entries);
}

/* One death: the next start finds the change if anything may have been sent, and either way back
 * or forward leads to a known state. */
static bool die_once(int rounds, const char *before)
{
    struct error err = ERROR_INIT;
    bool over = apply_and_die(rounds);
    struct change_journal_entry *last = change_journal_last(NULL, &err);
    if (last == NULL) {
        assert_specs(before);
        return over;
    }
    ck_assert(over || last->interrupted);
    if (rounds % 2 == 1 && !over) {
        follow_up(last->id, true);
        char *specs = cluster_specs(&cluster);
        ck_assert_ptr_null(strstr(specs, "regcred"));
        free(specs);
    }
    follow_up(last->id, false);
    assert_specs(before);
    change_journal_entry_free(last);
    clear_journal();
    cluster_run(&cluster, names_regcred, NULL);
    return over;
}

START_TEST(wherever_the_program_dies_the_next_start_knows_the_truth)
{
    cluster_open(&cluster, "demo", false);
    char *before = cluster_specs(&cluster);
    int rounds = 0;
    while (!die_once(rounds, before)) {
        rounds++;
        ck_assert_int_lt(rounds, 2000);
    }
    ck_assert_int_gt(rounds, 3);
    free(before);
    cluster_close(&cluster);
}
END_TEST

Suite *suite_kill(void)
{
    const TTest *const tests[] = {wherever_the_program_dies_the_next_start_knows_the_truth, NULL};
    return suite_of("kill", tests);
}
