#include "runner.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "change/journal.h"
#include "trees.h"

Suite *suite_journal(void);

static const struct kube_resource daemon_sets = {"apps", "v1", "daemonsets", "DaemonSet", true};
static const struct kube_resource secrets = {"", "v1", "secrets", "Secret", true};

/* Plans own their strings: none is constant. */
static char text_kube_system[] = "kube-system";
static char text_csi_node[] = "csi-node";
static char text_u1[] = "u1";
static char text_regcred[] = "regcred";
static char text_new[] = "new";
static char text_same[] = "same";
static char text_A_change[] = "A change";

static char folder[64];

static void make_folder(void)
{
    strncpy(folder, "/tmp/pullmend-journal.XXXXXX", sizeof(folder) - 1);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("XDG_STATE_HOME", folder, 1);
}

static char *entry_file(const char *id)
{
    return xasprintf("%s/pullmend/journal/%s.json", folder, id);
}

static void remove_entry(const char *id)
{
    char *path = entry_file(id);
    ck_assert_int_eq(unlink(path), 0);
    free(path);
}

static void remove_folder(void)
{
    static const char *const parts[] = {"/pullmend/journal", "/pullmend", ""};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        char *path = xasprintf("%s%s", folder, parts[i]);
        rmdir(path);
        free(path);
    }
}

/* A plan of one patched DaemonSet, one rotated and one new Secret. */
static struct change_entry_fixture {
    struct change_object objects[4];
    struct change_plan plan;
} fixture;

static struct change_journal_entry *new_entry(void)
{
    memset(&fixture, 0, sizeof(fixture));
    fixture.objects[0] = (struct change_object){
        .resource = &daemon_sets,
        .ns = text_kube_system,
        .name = text_csi_node,
        .action = CHANGE_PATCH,
        .uid = text_u1,
        .live = tree("{'metadata':{'uid':'u1','resourceVersion':'5','annotations':{'a':'1'}},"
                     "'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'x'}],'y':1}}},"
                     "'status':{'n':1}}"),
        .desired = tree("{'metadata':{'uid':'u1','resourceVersion':'6','annotations':{'a':'2'}},"
                        "'spec':{'template':{'spec':{'y':1}}},'status':{'n':2}}")};
    fixture.objects[1] = (struct change_object){
        .resource = &secrets,
        .ns = text_kube_system,
        .name = text_regcred,
        .action = CHANGE_PATCH,
        .live =
            tree("{'kind':'Secret','metadata':{'labels':{'l':'1'}},'data':{'k':'b2xkcGFzcw=='}}"),
        .desired =
            tree("{'kind':'Secret','metadata':{'labels':{'l':'2'}},'data':{'k':'bmV3cGFzcw=='}}")};
    fixture.objects[2] =
        (struct change_object){.resource = &secrets,
                               .ns = text_kube_system,
                               .name = text_new,
                               .action = CHANGE_CREATE,
                               .desired = tree("{'kind':'Secret','data':{'k':'bmV3cGFzcw=='}}")};
    fixture.objects[3] = (struct change_object){
        .resource = &secrets, .ns = text_kube_system, .name = text_same, .action = CHANGE_NOTHING};
    fixture.plan =
        (struct change_plan){.objects = fixture.objects, .count = 4, .title = text_A_change};
    struct change_journal_entry *entry = change_journal_entry_new(&fixture.plan);
    for (size_t i = 0; i < 4; i++) {
        cJSON_Delete(fixture.objects[i].live);
        cJSON_Delete(fixture.objects[i].desired);
    }
    return entry;
}

START_TEST(an_entry_comes_back_as_it_was_written)
{
    make_folder();
    struct error err = ERROR_INIT;
    struct change_journal_entry *entry = new_entry();
    ck_assert_uint_eq(entry->count, 3);
    entry->objects[0].progress = CHANGE_STEP_DONE;
    entry->objects[0].resource_version = xstrdup("7");
    entry->objects[0].generation = 4;
    ck_assert_msg(change_journal_write(entry, &err), "%s", err.message);
    struct change_journal_entry *back = change_journal_read(entry->id, &err);
    ck_assert_msg(back != NULL, "%s", err.message);
    ck_assert_str_eq(back->title, "A change");
    ck_assert_int_eq(back->state, CHANGE_JOURNAL_APPLYING);
    ck_assert(!back->interrupted);
    ck_assert_int_eq(back->pid, getpid());
    const struct change_journal_object *object = &back->objects[0];
    ck_assert_str_eq(object->kind, "DaemonSet");
    ck_assert_int_eq(object->action, CHANGE_PATCH);
    ck_assert_int_eq(object->progress, CHANGE_STEP_DONE);
    ck_assert_str_eq(object->resource_version, "7");
    ck_assert_int_eq(object->generation, 4);
    ck_assert_uint_eq(object->field_count, 2);
    ck_assert_str_eq(object->fields[0].path, "/metadata/annotations/a");
    ck_assert_tree(object->fields[0].before, "'1'");
    ck_assert_str_eq(object->fields[1].path, "/spec/template/spec/imagePullSecrets");
    ck_assert_tree(object->fields[1].before, "[{'name':'x'}]");
    ck_assert_ptr_null(object->fields[1].after);
    remove_entry(entry->id);
    remove_folder();
    change_journal_entry_free(back);
    change_journal_entry_free(entry);
}
END_TEST

START_TEST(secret_values_never_reach_the_disk)
{
    make_folder();
    struct error err = ERROR_INIT;
    struct change_journal_entry *entry = new_entry();
    ck_assert(entry->objects[1].hidden);
    ck_assert_uint_eq(entry->objects[1].field_count, 1);
    ck_assert_str_eq(entry->objects[1].fields[0].path, "/metadata/labels/l");
    ck_assert(change_journal_write(entry, &err));
    char *path = entry_file(entry->id);
    struct buffer text;
    buffer_init(&text, 1 << 20);
    ck_assert(file_read(path, &text, &err));
    ck_assert_ptr_null(strstr(text.data, "cGFzcw"));
    ck_assert_ptr_null(strstr(text.data, "pass"));
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
    buffer_free(&text);
    free(path);
    remove_entry(entry->id);
    remove_folder();
    change_journal_entry_free(entry);
}
END_TEST

START_TEST(a_change_whose_program_is_gone_counts_as_interrupted)
{
    make_folder();
    struct error err = ERROR_INIT;
    struct change_journal_entry *entry = new_entry();
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    entry->pid = child;
    ck_assert(change_journal_write(entry, &err));
    struct change_journal_entry *back = change_journal_read(entry->id, &err);
    ck_assert(back->interrupted);
    change_journal_entry_free(back);
    struct change_journal_entry *last = change_journal_last(NULL, &err);
    ck_assert_str_eq(last->id, entry->id);
    change_journal_entry_free(last);
    ck_assert(change_journal_mark(entry->id, CHANGE_JOURNAL_LEFT, &err));
    back = change_journal_read(entry->id, &err);
    ck_assert(!back->interrupted);
    change_journal_entry_free(back);
    ck_assert_ptr_null(change_journal_interrupted(NULL, &err));
    last = change_journal_last(NULL, &err); /* what was done of it can be taken back all the same */
    ck_assert_str_eq(last->id, entry->id);
    change_journal_entry_free(last);
    ck_assert(change_journal_mark(entry->id, CHANGE_JOURNAL_UNDONE, &err));
    ck_assert_ptr_null(change_journal_last(NULL, &err));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
    remove_entry(entry->id);
    remove_folder();
    change_journal_entry_free(entry);
}
END_TEST

START_TEST(the_list_is_newest_first_and_leaves_out_what_is_broken)
{
    make_folder();
    struct error err = ERROR_INIT;
    struct change_journal_entry *first = new_entry();
    struct change_journal_entry *second = new_entry();
    free(first->id);
    free(second->id);
    first->id = xstrdup("20260101T000000Z-000-1-0");
    second->id = xstrdup("20260101T000001Z-000-1-0");
    ck_assert(change_journal_write(first, &err));
    ck_assert(change_journal_write(second, &err));
    char *broken = entry_file("broken");
    ck_assert(file_write_atomic(broken, "{\"kind\":", 8, 0600, &err));
    struct change_journal_entry **entries = NULL;
    size_t count = 0;
    ck_assert(change_journal_list(&entries, &count, &err));
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(entries[0]->id, second->id);
    ck_assert_str_eq(entries[1]->id, first->id);
    change_journal_entry_free(entries[0]);
    change_journal_entry_free(entries[1]);
    free(entries);
    unlink(broken);
    free(broken);
    remove_entry(first->id);
    remove_entry(second->id);
    remove_folder();
    change_journal_entry_free(first);
    change_journal_entry_free(second);
}
END_TEST

START_TEST(bad_ids_and_places_are_refused)
{
    make_folder();
    struct error err = ERROR_INIT;
    ck_assert_ptr_null(change_journal_read("../../etc/passwd", &err));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_ptr_null(change_journal_read("nothing", &err));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
    struct change_journal_entry **entries = NULL;
    size_t count = 1;
    ck_assert(change_journal_list(&entries, &count, &err));
    ck_assert_uint_eq(count, 0);
    remove_folder();
    /* A file stands where the folder should be. */
    ck_assert(file_write_atomic(folder, "", 0, 0600, &err));
    struct change_journal_entry *entry = new_entry();
    ck_assert(!change_journal_write(entry, &err));
    ck_assert_int_eq(err.kind, ERROR_INTERNAL);
    change_journal_entry_free(entry);
    unlink(folder);
}
END_TEST

Suite *suite_journal(void)
{
    const TTest *const tests[] = {an_entry_comes_back_as_it_was_written,
                                  secret_values_never_reach_the_disk,
                                  a_change_whose_program_is_gone_counts_as_interrupted,
                                  the_list_is_newest_first_and_leaves_out_what_is_broken,
                                  bad_ids_and_places_are_refused,
                                  NULL};
    return suite_of("journal", tests);
}
