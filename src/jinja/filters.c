/* The register of filters and tests. */
#include "filters.h"

#include <string.h>

static const struct filter *const groups[] = {
    filters_basic,  filters_string, filters_encode, filters_path,   filters_list,
    filters_select, filters_sets,   filters_dict,   filters_number, filters_regex,
    filters_json,   filters_yaml,   filters_net,
};

static const struct test *const test_groups[] = {tests_basic, tests_ansible};

/* "ansible.builtin.bool" is "bool"; ansible.utils keeps its prefix off as well. */
static const char *short_name(const char *name)
{
    static const char *const prefixes[] = {"ansible.builtin.", "ansible.legacy.", "ansible.utils.",
                                           "ansible.netcommon."};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) {
            return name + strlen(prefixes[i]);
        }
    }
    return name;
}

static const struct filter *find_filter(const char *name)
{
    const char *plain = short_name(name);
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        for (const struct filter *filter = groups[i]; filter->name != NULL; filter++) {
            if (strcmp(filter->name, plain) == 0) {
                return filter;
            }
        }
    }
    return NULL;
}

static const struct test *find_test(const char *name)
{
    const char *plain = short_name(name);
    for (size_t i = 0; i < sizeof(test_groups) / sizeof(test_groups[0]); i++) {
        for (const struct test *test = test_groups[i]; test->name != NULL; test++) {
            if (strcmp(test->name, plain) == 0) {
                return test;
            }
        }
    }
    return NULL;
}

bool filter_exists(const char *name)
{
    return find_filter(name) != NULL;
}

bool test_exists(const char *name)
{
    return find_test(name) != NULL;
}

static bool refuse_undefined(struct run *run, const struct call *call)
{
    if (call->self.type == JINJA_UNDEFINED && !is_lenient(call->self)) {
        return run_fail_undefined(run, call->self);
    }
    for (size_t i = 0; i < call->count; i++) {
        if (call->items[i].type == JINJA_UNDEFINED) {
            return run_fail_undefined(run, call->items[i]);
        }
    }
    for (size_t i = 0; i < call->keyword_count; i++) {
        if (call->values[i].type == JINJA_UNDEFINED) {
            return run_fail_undefined(run, call->values[i]);
        }
    }
    return true;
}

bool call_filter(struct run *run, const char *name, const struct call *call,
                 struct jinja_value *out)
{
    const struct filter *filter = find_filter(name);
    if (filter == NULL) {
        return run_fail(run, "the filter '%s' is not known", name);
    }
    struct call named = *call;
    named.name = filter->name;
    if ((filter->flags & FILTER_UNDEFINED) == 0 && !refuse_undefined(run, call)) {
        return false;
    }
    if (!filter->call(run, &named, out)) {
        return false;
    }
    if ((filter->flags & FILTER_NATIVE) != 0 && out->type == JINJA_STRING) {
        struct jinja_value copy = new_string(run, out->as.string->bytes, out->as.string->length);
        ((struct jinja_string *)(uintptr_t)copy.as.string)->native = true;
        *out = copy;
    }
    return true;
}

bool call_test(struct run *run, const char *name, const struct call *call, bool *out)
{
    const struct test *test = find_test(name);
    if (test == NULL) {
        return run_fail(run, "the test '%s' is not known", name);
    }
    struct call named = *call;
    *out = false; /* also where a test fails: its opposite reads it */
    named.name = test->name;
    if ((test->flags & FILTER_UNDEFINED) == 0 && !refuse_undefined(run, call)) {
        return false;
    }
    return test->call(run, &named, out);
}
