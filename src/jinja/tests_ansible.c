/* The tests that Ansible adds. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "filters.h"

static bool result_flag(struct run *run, const struct call *call, const char *name, bool *out)
{
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    if (call->self.type != JINJA_DICT) {
        return run_fail_type(run, "a task's result must be a dict", call->self);
    }
    const struct jinja_value *value = jinja_dict_get_text(call->self.as.dict, name);
    *out = value != NULL && jinja_true(*value);
    return true;
}

static bool test_failed(struct run *run, const struct call *call, bool *out)
{
    return result_flag(run, call, "failed", out);
}

static bool test_succeeded(struct run *run, const struct call *call, bool *out)
{
    bool fine = result_flag(run, call, "failed", out);
    *out = !*out;
    return fine;
}

static bool test_skipped(struct run *run, const struct call *call, bool *out)
{
    return result_flag(run, call, "skipped", out);
}

static bool test_unreachable(struct run *run, const struct call *call, bool *out)
{
    return result_flag(run, call, "unreachable", out);
}

static bool test_reachable(struct run *run, const struct call *call, bool *out)
{
    bool fine = result_flag(run, call, "unreachable", out);
    *out = !*out;
    return fine;
}

static bool test_changed(struct run *run, const struct call *call, bool *out)
{
    if (!result_flag(run, call, "changed", out)) {
        return false;
    }
    const struct jinja_value *results = jinja_dict_get_text(call->self.as.dict, "results");
    if (jinja_dict_get_text(call->self.as.dict, "changed") != NULL || results == NULL ||
        results->type != JINJA_LIST) {
        return true;
    }
    for (size_t i = 0; i < results->as.list->count; i++) {
        const struct jinja_value *item = &results->as.list->items[i];
        const struct jinja_value *changed =
            item->type == JINJA_DICT ? jinja_dict_get_text(item->as.dict, "changed") : NULL;
        *out = *out || (changed != NULL && jinja_true(*changed));
    }
    return true;
}

static bool match_text(struct run *run, const struct call *call, bool anchored, bool *out)
{
    struct jinja_value args[4];
    struct jinja_value value;
    bool ignore;
    bool multi;
    if (!bind_arguments(run, call, "pattern ignorecase multiline match_type", args) ||
        !text_of(run, call->self, &value) || !flag_or(run, args[1], false, &ignore) ||
        !flag_or(run, args[2], false, &multi)) {
        return false;
    }
    if (jinja_is_text(args[3], "match")) {
        anchored = true;
    } else if (!absent(args[3]) && !jinja_is_text(args[3], "search")) {
        return run_fail(run, "match_type must be search or match");
    }
    struct jinja_value pattern = absent(args[0]) ? new_text(run, "") : args[0];
    return regex_matches(run, pattern, value.as.string, ignore, multi, anchored, out);
}

static bool test_match(struct run *run, const struct call *call, bool *out)
{
    return match_text(run, call, true, out);
}

static bool test_search(struct run *run, const struct call *call, bool *out)
{
    return match_text(run, call, false, out);
}

static bool test_any(struct run *run, const struct call *call, bool *out)
{
    struct jinja_list *items;
    *out = false;
    if (!bind_arguments(run, call, "", NULL) || !iterate(run, call->self, &items)) {
        return false;
    }
    for (size_t i = 0; i < items->count && !*out; i++) {
        if (!truth(run, items->items[i], out)) {
            return false;
        }
    }
    return true;
}

static bool test_all(struct run *run, const struct call *call, bool *out)
{
    struct jinja_list *items;
    *out = true;
    if (!bind_arguments(run, call, "", NULL) || !iterate(run, call->self, &items)) {
        return false;
    }
    for (size_t i = 0; i < items->count && *out; i++) {
        if (!truth(run, items->items[i], out)) {
            return false;
        }
    }
    return true;
}

static bool test_contains(struct run *run, const struct call *call, bool *out)
{
    struct jinja_value args[1];
    return bind_arguments(run, call, "!value", args) && contains(run, call->self, args[0], out);
}

static bool subset(struct run *run, struct jinja_value small, struct jinja_value large, bool *out)
{
    struct jinja_list *items;
    struct jinja_list *all;
    *out = true;
    if (!iterate(run, small, &items) || !iterate(run, large, &all)) {
        return false;
    }
    for (size_t i = 0; i < items->count && *out; i++) {
        bool found = false;
        if (!jinja_hashable(items->items[i])) {
            return run_fail_type(run, "a set's element must be hashable", items->items[i]);
        }
        for (size_t k = 0; k < all->count && !found; k++) {
            found = jinja_equal(items->items[i], all->items[k]);
        }
        *out = found;
    }
    return true;
}

static bool test_subset(struct run *run, const struct call *call, bool *out)
{
    struct jinja_value args[1];
    return bind_arguments(run, call, "!b", args) && subset(run, call->self, args[0], out);
}

static bool test_superset(struct run *run, const struct call *call, bool *out)
{
    struct jinja_value args[1];
    return bind_arguments(run, call, "!b", args) && subset(run, args[0], call->self, out);
}

static bool test_nan(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_FLOAT && isnan(call->self.as.number);
    return bind_arguments(run, call, "", NULL);
}

static bool truthiness(struct run *run, const struct call *call, bool *out)
{
    static const char *const yes[] = {"yes", "on", "1", "true", "y", "t"};
    static const char *const no[] = {"no", "off", "0", "false", "n", "f"};
    struct jinja_value args[1];
    bool convert;
    if (!bind_arguments(run, call, "convert_bool", args) ||
        !flag_or(run, args[0], false, &convert)) {
        return false;
    }
    *out = jinja_true(call->self);
    if (convert && call->self.type == JINJA_STRING) {
        struct jinja_value lower = lower_of(run, call->self);
        strip_text(run, lower.as.string, NULL, true, true, &lower);
        for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
            *out = jinja_is_text(lower, yes[i]) ? true : jinja_is_text(lower, no[i]) ? false : *out;
        }
    }
    return true;
}

static bool test_falsy(struct run *run, const struct call *call, bool *out)
{
    bool fine = truthiness(run, call, out);
    *out = !*out;
    return fine;
}

static bool test_vault(struct run *run, const struct call *call, bool *out)
{
    *out = call->self.type == JINJA_UNDEFINED && call->self.as.undefined != NULL &&
           call->self.as.undefined->vault;
    return bind_arguments(run, call, "", NULL);
}

/* LooseVersion: digits and lower-case letters are parts; what stands between is one too, save for
 * dots. */
static struct jinja_value loose_version(struct run *run, const struct jinja_string *text)
{
    struct jinja_value parts = jinja_list(run->arena, 4);
    size_t i = 0;
    while (i < text->length) {
        size_t start = i;
        if (text->bytes[i] == '.') {
            i++;
            continue;
        }
        if (isdigit((unsigned char)text->bytes[i])) {
            int64_t number = 0;
            while (i < text->length && isdigit((unsigned char)text->bytes[i]) &&
                   number < INT64_MAX / 100) {
                number = number * 10 + (text->bytes[i++] - '0');
            }
            jinja_list_append(run->arena, parts.as.list, jinja_int(number));
            continue;
        }
        bool letters = islower((unsigned char)text->bytes[i]);
        while (i < text->length && text->bytes[i] != '.' &&
               !isdigit((unsigned char)text->bytes[i]) &&
               (islower((unsigned char)text->bytes[i]) != 0) == letters) {
            i++;
        }
        jinja_list_append(run->arena, parts.as.list,
                          new_string(run, text->bytes + start, i - start));
    }
    return parts;
}

/* Numbers of "1.2.3" (three, or two or three); returns what follows, NULL if it is none. */
static const char *read_numbers(struct run *run, const char *at, int least, struct jinja_value *out)
{
    *out = jinja_list(run->arena, 4);
    for (int i = 0; i < 3; i++) {
        if (i > 0) {
            if (*at != '.' || !isdigit((unsigned char)at[1])) {
                if (i < least) {
                    return NULL;
                }
                jinja_list_append(run->arena, out->as.list, jinja_int(0));
                continue;
            }
            at++;
        }
        if (!isdigit((unsigned char)*at)) {
            return NULL;
        }
        char *end;
        jinja_list_append(run->arena, out->as.list, jinja_int(strtol(at, &end, 10)));
        at = end;
    }
    return at;
}

/* StrictVersion: 1.2[.3][a|b4]; a version with a letter stands before the one without. */
static bool strict_version(struct run *run, const char *text, struct jinja_value *out)
{
    const char *rest = read_numbers(run, text, 2, out);
    if (rest == NULL || (*rest != '\0' && strchr("ab", *rest) == NULL)) {
        return run_fail(run, "'%s' is no strict version", text);
    }
    jinja_list_append(run->arena, out->as.list,
                      jinja_int(*rest == '\0'  ? 3
                                : *rest == 'a' ? 1
                                               : 2));
    if (*rest != '\0') {
        char *end;
        long number = strtol(rest + 1, &end, 10);
        if (end == rest + 1 || *end != '\0') {
            return run_fail(run, "'%s' is no strict version", text);
        }
        jinja_list_append(run->arena, out->as.list, jinja_int(number));
    }
    return true;
}

/* Semantic versions: pre-release parts compare one by one, numbers before words. */
static bool semantic_version(struct run *run, const char *text, struct jinja_value *out)
{
    const char *rest = read_numbers(run, text, 3, out);
    if (rest == NULL || (*rest != '\0' && *rest != '-' && *rest != '+')) {
        return run_fail(run, "'%s' is no semantic version", text);
    }
    jinja_list_append(run->arena, out->as.list, jinja_int(*rest == '-' ? 0 : 1));
    while (*rest == '-' || *rest == '.') {
        rest++;
        size_t length = strcspn(rest, ".+");
        struct jinja_value pair = jinja_list(run->arena, 2);
        bool number = length > 0 && length < 18 && strspn(rest, "0123456789") >= length;
        jinja_list_append(run->arena, pair.as.list, jinja_int(number ? 0 : 1));
        jinja_list_append(run->arena, pair.as.list,
                          number ? jinja_int(strtol(rest, NULL, 10))
                                 : new_string(run, rest, length));
        jinja_list_append(run->arena, out->as.list, pair);
        rest += length;
    }
    return true;
}

static bool read_version(struct run *run, const struct jinja_string *text, const char *type,
                         struct jinja_value *out)
{
    if (strcmp(type, "loose") == 0) {
        *out = loose_version(run, text);
        return true;
    }
    if (strcmp(type, "strict") == 0) {
        return strict_version(run, text->bytes, out);
    }
    if (strcmp(type, "semver") == 0 || strcmp(type, "semantic") == 0) {
        return semantic_version(run, text->bytes, out);
    }
    return run_fail(run, "the version type '%s' is not known here", type);
}

static bool version_operator(const char *text, enum operator_kind *op)
{
    static const struct {
        const char *text;
        enum operator_kind op;
    } names[] = {
        {"==", OP_EQ}, {"=", OP_EQ},  {"eq", OP_EQ}, {"<", OP_LT},  {"lt", OP_LT},
        {"<=", OP_LE}, {"le", OP_LE}, {">", OP_GT},  {"gt", OP_GT}, {">=", OP_GE},
        {"ge", OP_GE}, {"!=", OP_NE}, {"<>", OP_NE}, {"ne", OP_NE},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].text, text) == 0) {
            *op = names[i].op;
            return true;
        }
    }
    return false;
}

static bool test_version(struct run *run, const struct call *call, bool *out)
{
    struct jinja_value args[4];
    struct jinja_value a;
    struct jinja_value b;
    enum operator_kind op = OP_EQ;
    bool strict;
    if (!bind_arguments(run, call, "!version operator strict version_type", args) ||
        (args[2].type == JINJA_NONE ? (strict = false, false)
                                    : !flag_or(run, args[2], false, &strict))) {
        return false;
    }
    if (!jinja_true(call->self) || !jinja_true(args[0])) {
        return run_fail(run, "a version to compare cannot be empty");
    }
    if (!absent(args[1]) && (!need_string(run, args[1], "the operator") ||
                             !version_operator(args[1].as.string->bytes, &op))) {
        return args[1].type == JINJA_STRING && run_fail(run, "the operator is not known");
    }
    const char *type = strict ? "strict" : "loose";
    if (args[3].type == JINJA_STRING) {
        type = args[3].as.string->bytes;
    }
    if (!text_of(run, call->self, &a) || !text_of(run, args[0], &b) ||
        !read_version(run, a.as.string, type, &a) || !read_version(run, b.as.string, type, &b)) {
        return false;
    }
    return eval_comparison(run, op, a, b, out);
}

const struct test tests_ansible[] = {
    {"failed", test_failed, 0},
    {"failure", test_failed, 0},
    {"succeeded", test_succeeded, 0},
    {"success", test_succeeded, 0},
    {"successful", test_succeeded, 0},
    {"skipped", test_skipped, 0},
    {"skip", test_skipped, 0},
    {"changed", test_changed, 0},
    {"change", test_changed, 0},
    {"unreachable", test_unreachable, 0},
    {"reachable", test_reachable, 0},
    {"match", test_match, 0},
    {"search", test_search, 0},
    {"regex", test_search, 0},
    {"any", test_any, 0},
    {"all", test_all, 0},
    {"contains", test_contains, 0},
    {"subset", test_subset, 0},
    {"issubset", test_subset, 0},
    {"superset", test_superset, 0},
    {"issuperset", test_superset, 0},
    {"nan", test_nan, 0},
    {"isnan", test_nan, 0},
    {"truthy", truthiness, 0},
    {"falsy", test_falsy, 0},
    {"vault_encrypted", test_vault, FILTER_UNDEFINED},
    {"version", test_version, 0},
    {"version_compare", test_version, 0},
    {NULL, NULL, 0},
};
