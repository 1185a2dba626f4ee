#ifndef CSI_RULES_H
#define CSI_RULES_H

#include "diagnosis.h"

/* The two halves of each rule; the table in rules.c puts them beside their texts. */
#define RULE_PARTS(name)                                                                           \
    void select_##name(struct diagnosis *diagnosis, const struct csi_pod *pod);                    \
    void describe_##name(const struct diagnosis *diagnosis, const struct group *group,             \
                         struct csi_finding *finding)

/* rules_state.c */
RULE_PARTS(rejected);
RULE_PARTS(missing);
RULE_PARTS(malformed);
RULE_PARTS(wrong_type);
RULE_PARTS(no_match);
RULE_PARTS(empty_name);
RULE_PARTS(unknown);
RULE_PARTS(empty);
void template_missing(struct diagnosis *diagnosis, const struct csi_workload *workload);
void template_wrong_type(struct diagnosis *diagnosis, const struct csi_workload *workload);
void template_empty_name(struct diagnosis *diagnosis, const struct csi_workload *workload);

/* rules_content.c */
RULE_PARTS(elsewhere);
RULE_PARTS(spoils);
RULE_PARTS(hub_key);
RULE_PARTS(identity_token);
RULE_PARTS(empty_entry);
RULE_PARTS(cloud_credential);
RULE_PARTS(short_lived);
RULE_PARTS(expired);
RULE_PARTS(immutable);
RULE_PARTS(random_order);

/* rules_reference.c */
RULE_PARTS(not_needed);
RULE_PARTS(optional);
RULE_PARTS(duplicate);
RULE_PARTS(not_propagated);
RULE_PARTS(shadowed);
RULE_PARTS(older_than_account);
RULE_PARTS(misplaced);
void template_misplaced(struct diagnosis *diagnosis, const struct csi_workload *workload);

/* rules_pod.c */
RULE_PARTS(stale);
RULE_PARTS(static_pod);
RULE_PARTS(managed);
RULE_PARTS(frozen_registry);
RULE_PARTS(no_shield);
RULE_PARTS(not_reported);
RULE_PARTS(transient);
RULE_PARTS(odd);

/* rules_pull.c */
RULE_PARTS(pull_unauthorized);
RULE_PARTS(pull_forbidden);
RULE_PARTS(pull_not_found);
RULE_PARTS(pull_credential);
RULE_PARTS(pull_certificate);
RULE_PARTS(pull_dns);
RULE_PARTS(pull_unreachable);
RULE_PARTS(pull_rate_limit);
RULE_PARTS(pull_timeout);
RULE_PARTS(pull_server);
RULE_PARTS(pull_disk);
RULE_PARTS(pull_name);
RULE_PARTS(pull_never);
RULE_PARTS(pull_platform);
RULE_PARTS(pull_signature);
RULE_PARTS(pull_format);
RULE_PARTS(pull_other);

#endif
