#include "runner.h"

#include "change/rollout.h"
#include "trees.h"

Suite *suite_rollout(void);

START_TEST(progress_follows_the_rules_of_kubectl)
{
    static const struct {
        const char *object;
        bool done, failed;
        const char *message;
    } cases[] = {
        {"{'kind':'DaemonSet','metadata':{'generation':2},'status':{'observedGeneration':1,"
         "'desiredNumberScheduled':2,'updatedNumberScheduled':2,'numberAvailable':2}}",
         false, false, "its controller has not seen the change yet"},
        {"{'kind':'DaemonSet','metadata':{'generation':2},'status':{'observedGeneration':2,"
         "'desiredNumberScheduled':2,'numberAvailable':2}}",
         false, false, "0 of 2 pods have the new template"},
        {"{'kind':'DaemonSet','metadata':{'generation':2},'status':{'observedGeneration':2,"
         "'desiredNumberScheduled':2,'updatedNumberScheduled':2,'numberAvailable':1}}",
         false, false, "1 of 2 updated pods are available"},
        {"{'kind':'DaemonSet','metadata':{'generation':2},'status':{'observedGeneration':2,"
         "'desiredNumberScheduled':2,'updatedNumberScheduled':2,'numberAvailable':2}}",
         true, false, "rolled out"},
        {"{'kind':'DaemonSet','metadata':{'generation':1},'status':{'observedGeneration':1}}", true,
         false, "rolled out"},
        {"{'kind':'DaemonSet','spec':{'updateStrategy':{'type':'OnDelete'}},'status':{"
         "'desiredNumberScheduled':2}}",
         true, false, "updateStrategy OnDelete: pods take the new template when they are deleted"},
        {"{'kind':'Deployment','spec':{'replicas':2},'status':{'replicas':3,'updatedReplicas':1}}",
         false, false, "1 of 2 pods have the new template"},
        {"{'kind':'Deployment','spec':{'replicas':2},'status':{'replicas':3,'updatedReplicas':2}}",
         false, false, "1 old pods are still to end"},
        {"{'kind':'Deployment','spec':{'replicas':2},'status':{'replicas':2,'updatedReplicas':2,"
         "'availableReplicas':1}}",
         false, false, "1 of 2 updated pods are available"},
        {"{'kind':'Deployment','spec':{'replicas':2},'status':{'replicas':2,'updatedReplicas':2,"
         "'availableReplicas':2}}",
         true, false, "rolled out"},
        {"{'kind':'Deployment','spec':{'replicas':2},'status':{'conditions':[{'type':'Progressing',"
         "'reason':'ProgressDeadlineExceeded'}]}}",
         false, true, "the rollout has exceeded its progress deadline"},
        {"{'kind':'Deployment','spec':{'replicas':2,'paused':true},'status':{'updatedReplicas':0}}",
         true, false,
         "the Deployment is paused: its pods take the new template when it is resumed"},
        {"{'kind':'StatefulSet','spec':{'replicas':2,'updateStrategy':{'rollingUpdate':{"
         "'partition':0}}},'status':{'readyReplicas':1}}",
         false, false, "1 of 2 pods are ready"},
        {"{'kind':'StatefulSet','spec':{'replicas':2,'updateStrategy':{'rollingUpdate':{"
         "'partition':0}}},'status':{'readyReplicas':2,'updatedReplicas':1}}",
         false, false, "1 of 2 pods have the new template"},
        {"{'kind':'StatefulSet','spec':{'replicas':3,'updateStrategy':{'rollingUpdate':{"
         "'partition':2}}},'status':{'readyReplicas':3,'updatedReplicas':1}}",
         true, false, "rolled out as far as its partition lets it"},
        {"{'kind':'StatefulSet','spec':{'replicas':1},'status':{'readyReplicas':1,"
         "'updatedReplicas':0,'updateRevision':'b','currentRevision':'a'}}",
         false, false, "0 of 1 pods have the new template"},
        {"{'kind':'StatefulSet','spec':{'replicas':1},'status':{'readyReplicas':1,"
         "'updatedReplicas':1,'updateRevision':'b','currentRevision':'b'}}",
         true, false, "rolled out"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cJSON *object = tree(cases[i].object);
        struct change_rollout_status status;
        change_rollout_judge(object, &status);
        ck_assert_str_eq(status.message, cases[i].message);
        ck_assert_int_eq(status.done, cases[i].done);
        ck_assert_int_eq(status.failed, cases[i].failed);
        change_rollout_status_free(&status);
        cJSON_Delete(object);
    }
}
END_TEST

START_TEST(strategies_say_what_restarts_and_how_long_it_takes)
{
    static const struct {
        const char *object;
        int restarts;
        int64_t length_ms;
        const char *sentence;
    } cases[] = {
        {"{'kind':'DaemonSet','status':{'desiredNumberScheduled':5}}", 5, 100000,
         "5 pods restart, one node at a time"},
        {"{'kind':'DaemonSet','status':{'desiredNumberScheduled':5000}}", 5000, 100000000,
         "5000 pods restart"},
        {"{'kind':'DaemonSet','spec':{'updateStrategy':{'rollingUpdate':{'maxUnavailable':'10%'}}},"
         "'status':{'desiredNumberScheduled':25}}",
         25, 180000, "3 nodes at a time"},
        {"{'kind':'DaemonSet','spec':{'updateStrategy':{'rollingUpdate':{'maxUnavailable':0,"
         "'maxSurge':1}}},'status':{'desiredNumberScheduled':2}}",
         2, 40000, "the new pod first"},
        {"{'kind':'DaemonSet','spec':{'updateStrategy':{'type':'OnDelete'}},"
         "'status':{'desiredNumberScheduled':2}}",
         0, 0, "OnDelete"},
        {"{'kind':'StatefulSet','spec':{'replicas':1}}", 1, 20000, "1 pod restarts, nothing"},
        {"{'kind':'StatefulSet','spec':{'replicas':3,'updateStrategy':{'rollingUpdate':{"
         "'partition':2}}}}",
         1, 20000, "partition 2"},
        {"{'kind':'Deployment','spec':{'replicas':8}}", 8, 40000, "at most 2 missing"},
        {"{'kind':'Deployment','spec':{'replicas':2}}", 2, 40000, "maxUnavailable 0"},
        {"{'kind':'Deployment','spec':{'replicas':2,'paused':true}}", 0, 0, "paused"},
        {"{'kind':'Deployment','spec':{'replicas':3,'strategy':{'type':'Recreate'}}}", 3, 20000,
         "all at once"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cJSON *object = tree(cases[i].object);
        struct change_strategy strategy;
        ck_assert(change_strategy_read(object, &strategy));
        ck_assert_int_eq(strategy.restarts, cases[i].restarts);
        ck_assert_int_eq(strategy.length_ms, cases[i].length_ms);
        if (strstr(strategy.sentence, cases[i].sentence) == NULL) {
            ck_abort_msg("%s lacks %s", strategy.sentence, cases[i].sentence);
        }
        change_strategy_free(&strategy);
        cJSON_Delete(object);
    }
    cJSON *pod = tree("{'kind':'Pod'}");
    struct change_strategy strategy;
    ck_assert(!change_strategy_read(pod, &strategy));
    cJSON_Delete(pod);
}
END_TEST

Suite *suite_rollout(void)
{
    const TTest *const tests[] = {progress_follows_the_rules_of_kubectl,
                                  strategies_say_what_restarts_and_how_long_it_takes, NULL};
    return suite_of("rollout", tests);
}
