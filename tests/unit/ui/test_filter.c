#include "runner.h"
#include "ui/filter.h"

static struct csi_reference reference = {"regcred", CSI_SOURCE_POD, CSI_SECRET_MISSING};
static struct csi_driver driver = {.name = "storage.csi.upcloud.com", .kubespray = "upcloud"};
static struct csi_workload workload = {
    .kind = "DaemonSet", .ns = "kube-system", .name = "csi-upcloud-node", .driver = &driver};
static struct csi_pod pod = {.ns = "kube-system",
                             .name = "csi-upcloud-node-5kfqc",
                             .node = "worker-1",
                             .phase = "Running",
                             .workload = &workload,
                             .references = &reference,
                             .reference_count = 1,
                             .state = CSI_SECRET_MISSING,
                             .pulling = CSI_PULLING_OK};

static bool passes(const char *text)
{
    struct filter *filter = filter_compile(text);
    bool passed = filter_passes(filter, &pod);
    filter_free(filter);
    return passed;
}

START_TEST(words_say_what_they_mean)
{
    static const struct {
        const char *text;
        bool passes;
    } cases[] = {
        {"", true},
        {"   ", true},
        {"5kfqc", true},
        {"5KFQC", true},
        {"worker-1", true},
        {"regcred", true},
        {"missing", true},
        {"nothing-like-it", false},
        {"!5kfqc", false},
        {"!nothing-like-it", true},
        {"5kfqc worker-1", true},
        {"5kfqc worker-2", false},
        {"state:missing", true},
        {"state:broken", true},
        {"state:ok", false},
        {"!state:missing", false},
        {"node:worker-1", true},
        {"node:5kfqc", false},
        {"driver:upcloud", true},
        {"driver:ebs", false},
        {"ns:kube-system", true},
        {"ns:default", false},
        {"secret:regcred", true},
        {"secret:other", false},
        {"pull:ok", true},
        {"pull:failing", false},
        {"node:=worker-1", true},
        {"node:=worker", false},
        {"node:~^worker-[0-9]$", true},
        {"node:~^5", false},
        {"!node:=worker-1", false},
        {"~node-[0-9a-z]{5}$", true},
        {"~^node", false},
        {"!~node-[0-9a-z]{5}$", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_msg(passes(cases[i].text) == cases[i].passes, "%s", cases[i].text);
    }
}
END_TEST

START_TEST(what_is_not_understood_is_told_and_hides_nothing)
{
    static const char *const texts[] = {"~[", "node:~[", "state:nonsense", "pull:maybe"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct filter *filter = filter_compile(texts[i]);
        ck_assert_str_eq(filter_bad_word(filter), texts[i]);
        ck_assert(filter_passes(filter, &pod));
        filter_free(filter);
    }
    ck_assert_ptr_null(filter_bad_word(NULL));
}
END_TEST

Suite *suite_filter(void);

Suite *suite_filter(void)
{
    const TTest *const tests[] = {words_say_what_they_mean,
                                  what_is_not_understood_is_told_and_hides_nothing, NULL};
    return suite_of("filter", tests);
}
