/*
 * YAML as PyYAML's CSafeDumper writes it: the same emitter (libyaml), fed the same events. What is
 * written here is PyYAML's representer (styles, order, anchors) and its resolver (what must be
 * quoted).
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "doc/yaml.h"
#include "filters.h"

enum { MAX_DEPTH = 150 };

/* Plain text that PyYAML would read as something else than a string (YAML 1.1). */
static const char implicit_pattern[] =
    "^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"
    "|[-+]?(?:[0-9][0-9_]*)\\.[0-9_]*(?:[eE][-+][0-9]+)?|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    "|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)"
    "|[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
    "|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+|<<|~|null|Null|NULL||=|!|&|\\*"
    "|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    "|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \\t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}"
    "(?:\\.[0-9]*)?(?:[ \\t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?)$";

struct dumper {
    struct run *run;
    yaml_emitter_t emitter;
    pcre2_code *implicit;
    pcre2_match_data *data;
    struct jinja_dict *anchors; /* address: 0 seen once, else the anchor's number */
    struct jinja_dict *written;
    int64_t last_anchor;
    bool sort_keys;
    int flow; /* -1: leaf collections; 0: block; 1: flow */
};

static bool emit(struct dumper *dumper, yaml_event_t *event)
{
    return yaml_emitter_emit(&dumper->emitter, event) ||
           run_fail(dumper->run, "YAML: %s",
                    dumper->emitter.problem == NULL ? "cannot be written"
                                                    : dumper->emitter.problem);
}

static bool looks_otherwise(const struct dumper *dumper, const struct jinja_string *string)
{
    return pcre2_match(dumper->implicit, (PCRE2_SPTR)string->bytes, string->length, 0, 0,
                       dumper->data, NULL) >= 0;
}

/* The number as PyYAML's representer spells it. */
static void float_text(struct buffer *text, double value)
{
    if (isnan(value) || isinf(value)) {
        buffer_append_string(text, isnan(value) ? ".nan" : value < 0 ? "-.inf" : ".inf");
        return;
    }
    jinja_write_float(text, value);
    char *e = strchr(text->data, 'e');
    if (e != NULL && strchr(text->data, '.') == NULL) {
        char exponent[16];
        snprintf(exponent, sizeof(exponent), "%s", e);
        buffer_truncate(text, (size_t)(e - text->data));
        buffer_printf(text, ".0%s", exponent);
    }
}

static bool emit_scalar(struct dumper *dumper, const char *tag, const char *text, size_t length,
                        bool plain, bool quoted)
{
    yaml_event_t event;
    return (yaml_scalar_event_initialize(&event, NULL, (yaml_char_t *)(uintptr_t)tag,
                                         (const yaml_char_t *)text, (int)length, plain, quoted,
                                         YAML_PLAIN_SCALAR_STYLE) ||
            run_fail(dumper->run, "YAML: the text is not UTF-8")) &&
           emit(dumper, &event);
}

static bool write_scalar(struct dumper *dumper, struct jinja_value value)
{
    struct buffer text;
    const char *tag = YAML_STR_TAG;
    if (value.type == JINJA_STRING) {
        return emit_scalar(dumper, tag, value.as.string->bytes, value.as.string->length,
                           !looks_otherwise(dumper, value.as.string), true);
    }
    text_buffer(dumper->run, &text);
    switch (value.type) {
    case JINJA_NONE:
        tag = YAML_NULL_TAG;
        buffer_append_string(&text, "null");
        break;
    case JINJA_BOOL:
        tag = YAML_BOOL_TAG;
        buffer_append_string(&text, value.as.boolean ? "true" : "false");
        break;
    case JINJA_INT:
        tag = YAML_INT_TAG;
        jinja_write_str(&text, value);
        break;
    case JINJA_FLOAT:
        tag = YAML_FLOAT_TAG;
        float_text(&text, value.as.number);
        break;
    case JINJA_DATE:
        tag = YAML_TIMESTAMP_TAG;
        jinja_write_str(&text, value);
        break;
    default:
        buffer_free(&text);
        return run_fail_type(dumper->run, "this cannot be written as YAML", value);
    }
    bool fine = emit_scalar(dumper, tag, text.data, text.length, true, false);
    buffer_free(&text);
    return fine;
}

bool is_view(struct jinja_value value)
{
    const char *view = value.type == JINJA_LIST ? value.as.list->view : NULL;
    return view != NULL && (strncmp(view, "dict_", 5) == 0 || strcmp(view, "range") == 0);
}

static bool is_collection(struct jinja_value value)
{
    return value.type == JINJA_LIST || value.type == JINJA_TUPLE || value.type == JINJA_DICT;
}

static struct jinja_value address(struct jinja_value value)
{
    return jinja_int((int64_t)(intptr_t)value.as.object);
}

/* Objects that can be aliased: collections (not the empty tuple) and dates. */
static bool can_be_aliased(struct jinja_value value)
{
    return value.type == JINJA_DATE ||
           (is_collection(value) && !(value.type == JINJA_TUPLE && value.as.list->count == 0));
}

static struct jinja_value *sorted_order(struct dumper *dumper, const struct jinja_dict *dict)
{
    struct jinja_arena *arena = dumper->run->arena;
    struct jinja_value *order = jinja_arena_alloc(arena, (dict->count + 1) * sizeof(*order));
    struct jinja_value *keys = jinja_arena_alloc(arena, (dict->count + 1) * sizeof(*keys));
    for (size_t i = 0; i < dict->count; i++) {
        order[i] = jinja_int((int64_t)i);
        keys[i] = dict->entries[i].key;
    }
    if (dumper->sort_keys) {
        /* Keys that cannot be compared leave the order as it is. */
        struct error ignored = ERROR_INIT;
        struct run quiet = *dumper->run;
        quiet.err = &ignored;
        sort_items(&quiet, order, keys, dict->count, false);
    }
    return order;
}

/* First pass: which objects stand more than once. */
static bool count_uses(struct dumper *dumper, struct jinja_value value, int depth)
{
    if (value.type == JINJA_UNDEFINED) {
        return run_fail_undefined(dumper->run, value);
    }
    if (depth > MAX_DEPTH) {
        return run_fail(dumper->run, "the value is nested too deeply for YAML");
    }
    if (!can_be_aliased(value)) {
        return true;
    }
    struct jinja_value *known = jinja_dict_get(dumper->anchors, address(value));
    if (known != NULL) {
        if (known->as.integer == 0) {
            known->as.integer = ++dumper->last_anchor;
        }
        return true;
    }
    jinja_dict_set(dumper->run->arena, dumper->anchors, address(value), jinja_int(0));
    if (value.type == JINJA_DICT) {
        const struct jinja_dict *dict = value.as.dict;
        if (dict->access != NULL) {
            return run_fail(dumper->run, "this dict can only be asked for one key at a time");
        }
        const struct jinja_value *order = sorted_order(dumper, dict);
        for (size_t i = 0; i < dict->count; i++) {
            const struct jinja_entry *entry = &dict->entries[order[i].as.integer];
            if (!count_uses(dumper, entry->key, depth + 1) ||
                !count_uses(dumper, entry->value, depth + 1)) {
                return false;
            }
        }
    } else if (value.type != JINJA_DATE) {
        for (size_t i = 0; i < value.as.list->count; i++) {
            if (!count_uses(dumper, value.as.list->items[i], depth + 1)) {
                return false;
            }
        }
    }
    return true;
}

static bool all_scalars(struct jinja_value value)
{
    if (value.type == JINJA_DICT) {
        for (size_t i = 0; i < value.as.dict->count; i++) {
            if (is_collection(value.as.dict->entries[i].key) ||
                is_collection(value.as.dict->entries[i].value)) {
                return false;
            }
        }
        return true;
    }
    for (size_t i = 0; i < value.as.list->count; i++) {
        if (is_collection(value.as.list->items[i])) {
            return false;
        }
    }
    return true;
}

static bool write_node(struct dumper *dumper, struct jinja_value value);

static bool write_collection(struct dumper *dumper, struct jinja_value value, const char *anchor)
{
    yaml_event_t event;
    yaml_char_t *name = (yaml_char_t *)(uintptr_t)anchor;
    bool flow = dumper->flow < 0 ? all_scalars(value) : dumper->flow == 1;
    bool fine = true;
    if (value.type == JINJA_DICT) {
        const struct jinja_dict *dict = value.as.dict;
        const struct jinja_value *order = sorted_order(dumper, dict);
        yaml_mapping_start_event_initialize(&event, name, (yaml_char_t *)YAML_MAP_TAG, 1,
                                            flow ? YAML_FLOW_MAPPING_STYLE
                                                 : YAML_BLOCK_MAPPING_STYLE);
        fine = emit(dumper, &event);
        for (size_t i = 0; i < dict->count && fine; i++) {
            const struct jinja_entry *entry = &dict->entries[order[i].as.integer];
            fine = write_node(dumper, entry->key) && write_node(dumper, entry->value);
        }
        yaml_mapping_end_event_initialize(&event);
        return fine && emit(dumper, &event);
    }
    yaml_sequence_start_event_initialize(&event, name, (yaml_char_t *)YAML_SEQ_TAG, 1,
                                         flow ? YAML_FLOW_SEQUENCE_STYLE
                                              : YAML_BLOCK_SEQUENCE_STYLE);
    fine = emit(dumper, &event);
    for (size_t i = 0; i < value.as.list->count && fine; i++) {
        fine = write_node(dumper, value.as.list->items[i]);
    }
    yaml_sequence_end_event_initialize(&event);
    return fine && emit(dumper, &event);
}

static bool write_node(struct dumper *dumper, struct jinja_value value)
{
    char anchor[24] = "";
    if (can_be_aliased(value)) {
        const struct jinja_value *number = jinja_dict_get(dumper->anchors, address(value));
        if (number != NULL && number->as.integer > 0) {
            snprintf(anchor, sizeof(anchor), "id%03lld", (long long)number->as.integer);
            if (jinja_dict_get(dumper->written, address(value)) != NULL) {
                yaml_event_t event;
                yaml_alias_event_initialize(&event, (yaml_char_t *)anchor);
                return emit(dumper, &event);
            }
            jinja_dict_set(dumper->run->arena, dumper->written, address(value), jinja_none());
        }
    }
    if (is_view(value)) {
        return run_fail_type(dumper->run, "this cannot be written as YAML", value);
    }
    if (is_collection(value)) {
        return write_collection(dumper, value, anchor[0] == '\0' ? NULL : anchor);
    }
    return write_scalar(dumper, value);
}

static int write_bytes(void *context, unsigned char *bytes, size_t length)
{
    return buffer_append(context, bytes, length) ? 1 : 0;
}

static bool write_document(struct dumper *dumper, struct jinja_value value, bool start, bool end)
{
    yaml_event_t event;
    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    if (!emit(dumper, &event)) {
        return false;
    }
    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, !start);
    if (!emit(dumper, &event) || !write_node(dumper, value)) {
        return false;
    }
    yaml_document_end_event_initialize(&event, !end);
    if (!emit(dumper, &event)) {
        return false;
    }
    yaml_stream_end_event_initialize(&event);
    return emit(dumper, &event);
}

/* allow_unicode is always set; the other options of yaml.dump() that templates use. */
static bool dump(struct run *run, const struct call *call, bool nice, struct jinja_value *out)
{
    static const char nice_names[] =
        "indent width sort_keys explicit_start explicit_end default_flow_style";
    struct jinja_value args[6];
    struct dumper dumper = {.run = run, .flow = nice ? 0 : -1};
    int64_t indent;
    int64_t width;
    bool start;
    bool end;
    int code;
    PCRE2_SIZE offset;
    struct buffer text;
    if (call->count > (nice ? 1 : 0)) {
        return run_fail(run, "%s takes keyword arguments", call->name);
    }
    if (!bind_arguments(run, call, nice_names, args) ||
        !int_or(run, args[0], nice ? 4 : 0, &indent) || !int_or(run, args[1], 0, &width) ||
        !flag_or(run, args[2], true, &dumper.sort_keys) || !flag_or(run, args[3], false, &start) ||
        !flag_or(run, args[4], false, &end)) {
        return false;
    }
    if (!absent(args[5])) {
        if (nice) {
            return run_fail(run, "to_nice_yaml sets default_flow_style itself");
        }
        dumper.flow = args[5].type == JINJA_NONE ? -1 : jinja_true(args[5]);
    }
    dumper.anchors = jinja_dict(run->arena).as.dict;
    dumper.written = jinja_dict(run->arena).as.dict;
    if (!count_uses(&dumper, call->self, 0)) {
        return false;
    }
    text_buffer(run, &text);
    dumper.implicit =
        pcre2_compile((PCRE2_SPTR)implicit_pattern, PCRE2_ZERO_TERMINATED, 0, &code, &offset, NULL);
    dumper.data = pcre2_match_data_create_from_pattern(dumper.implicit, NULL);
    yaml_emitter_initialize(&dumper.emitter);
    yaml_emitter_set_output(&dumper.emitter, write_bytes, &text);
    yaml_emitter_set_unicode(&dumper.emitter, 1);
    if (indent != 0) {
        yaml_emitter_set_indent(&dumper.emitter, (int)(indent > 100 ? 100 : indent));
    }
    if (width != 0) {
        yaml_emitter_set_width(&dumper.emitter, width > INT32_MAX ? INT32_MAX : (int)width);
    }
    bool fine = write_document(&dumper, call->self, start, end);
    yaml_emitter_delete(&dumper.emitter);
    pcre2_match_data_free(dumper.data);
    pcre2_code_free(dumper.implicit);
    if (!fine) {
        buffer_free(&text);
        return false;
    }
    return finish_text(run, &text, out);
}

static bool filter_to_yaml(struct run *run, const struct call *call, struct jinja_value *out)
{
    return dump(run, call, false, out);
}

static bool filter_to_nice_yaml(struct run *run, const struct call *call, struct jinja_value *out)
{
    return dump(run, call, true, out);
}

static bool from_yaml(struct run *run, const struct call *call, bool all, struct jinja_value *out)
{
    struct doc_stream stream;
    struct error err = ERROR_INIT;
    const struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = "from_yaml"};
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    if (call->self.type != JINJA_STRING) {
        *out = call->self;
        return true;
    }
    if (!doc_parse_yaml(call->self.as.string->bytes, call->self.as.string->length, &options,
                        &stream, &err)) {
        return run_fail(run, "%s", err.message);
    }
    struct jinja_value list = jinja_list(run->arena, stream.count);
    bool fine = all || stream.count <= 1 || run_fail(run, "from_yaml: more than one document");
    for (size_t i = 0; i < stream.count && fine; i++) {
        struct jinja_value value;
        fine = jinja_from_yaml(run->arena, stream.documents[i], "from_yaml", &value, &err) ||
               run_fail(run, "%s", err.message);
        if (fine) {
            jinja_list_append(run->arena, list.as.list, value);
        }
    }
    doc_stream_free(&stream);
    *out = all ? list : list.as.list->count > 0 ? list.as.list->items[0] : jinja_none();
    return fine;
}

static bool filter_from_yaml(struct run *run, const struct call *call, struct jinja_value *out)
{
    return from_yaml(run, call, false, out);
}

static bool filter_from_yaml_all(struct run *run, const struct call *call, struct jinja_value *out)
{
    return from_yaml(run, call, true, out);
}

const struct filter filters_yaml[] = {
    {"to_yaml", filter_to_yaml, FILTER_NATIVE},
    {"to_nice_yaml", filter_to_nice_yaml, FILTER_NATIVE},
    {"from_yaml", filter_from_yaml, 0},
    {"from_yaml_all", filter_from_yaml_all, 0},
    {NULL, NULL, 0},
};
