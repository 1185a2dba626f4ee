/* Filters that encode, escape and hash. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "doc/digest.h"
#include "doc/json.h"
#include "filters.h"

static bool filter_b64encode(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_value value;
    struct buffer text;
    if (!bind_arguments(run, call, "encoding", args) || !text_of(run, call->self, &value)) {
        return false;
    }
    if (!absent(args[0]) && !jinja_is_text(args[0], "utf-8") && !jinja_is_text(args[0], "utf8")) {
        return run_fail(run, "only utf-8 is known as an encoding");
    }
    text_buffer(run, &text);
    base64_encode(&text, value.as.string->bytes, value.as.string->length);
    return finish_text(run, &text, out);
}

static bool filter_b64decode(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_value value;
    struct buffer text;
    if (!bind_arguments(run, call, "encoding", args) || !text_of(run, call->self, &value)) {
        return false;
    }
    text_buffer(run, &text);
    if (!base64_decode(&text, value.as.string->bytes, value.as.string->length, false)) {
        buffer_free(&text);
        return run_fail(run, "this is not base64");
    }
    return finish_text(run, &text, out);
}

static bool hash_with(struct run *run, const struct call *call, const char *name,
                      struct jinja_value *out)
{
    struct jinja_value value;
    char hex[129];
    if (!text_of(run, call->self, &value)) {
        return false;
    }
    if (digest_hex(name, value.as.string->bytes, value.as.string->length, hex) == 0) {
        return run_fail(run, "the hash '%s' is not known", name);
    }
    *out = new_text(run, hex);
    return true;
}

static bool filter_hash(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "hashtype", args) ||
        (!absent(args[0]) && !need_string(run, args[0], "the hash's name"))) {
        return false;
    }
    return hash_with(run, call, absent(args[0]) ? "sha1" : args[0].as.string->bytes, out);
}

static bool filter_sha1(struct run *run, const struct call *call, struct jinja_value *out)
{
    return bind_arguments(run, call, "", NULL) && hash_with(run, call, "sha1", out);
}

static bool filter_md5(struct run *run, const struct call *call, struct jinja_value *out)
{
    return bind_arguments(run, call, "", NULL) && hash_with(run, call, "md5", out);
}

/* uuid5 with Ansible's own namespace. */
static bool filter_to_uuid(struct run *run, const struct call *call, struct jinja_value *out)
{
    static const char ansible[] = "361E6D51FAEC444A9079341386DA8E2E";
    struct jinja_value args[1];
    struct jinja_value value;
    struct buffer bytes;
    char space[40] = "";
    if (!bind_arguments(run, call, "namespace", args) || !text_of(run, call->self, &value) ||
        (!absent(args[0]) && !need_string(run, args[0], "the namespace"))) {
        return false;
    }
    const char *source = absent(args[0]) ? ansible : args[0].as.string->bytes;
    size_t count = 0;
    for (; *source != '\0' && count < 33; source++) {
        if (*source != '-') {
            space[count++] = *source;
        }
    }
    if (count != 32 || strspn(space, "0123456789abcdefABCDEF") != 32) {
        return run_fail(run, "the namespace is no UUID");
    }
    text_buffer(run, &bytes);
    for (size_t i = 0; i < 32; i += 2) {
        unsigned byte;
        sscanf(space + i, "%2x", &byte);
        buffer_append_char(&bytes, (char)byte);
    }
    buffer_append(&bytes, value.as.string->bytes, value.as.string->length);
    char hex[129];
    digest_hex("sha1", bytes.data, bytes.length, hex);
    buffer_free(&bytes);
    hex[12] = '5';
    unsigned variant = (unsigned)(hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10);
    hex[16] = "89ab"[variant & 3];
    char text[40];
    snprintf(text, sizeof(text), "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
    *out = new_text(run, text);
    return true;
}

static bool filter_escape(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value;
    struct buffer text;
    if (!bind_arguments(run, call, "", NULL) || !text_of(run, call->self, &value)) {
        return false;
    }
    text_buffer(run, &text);
    for (size_t i = 0; i < value.as.string->length; i++) {
        char c = value.as.string->bytes[i];
        const char *entity = c == '&'    ? "&amp;"
                             : c == '<'  ? "&lt;"
                             : c == '>'  ? "&gt;"
                             : c == '\'' ? "&#39;"
                             : c == '"'  ? "&#34;"
                                         : NULL;
        if (entity != NULL) {
            buffer_append_string(&text, entity);
        } else {
            buffer_append_char(&text, c);
        }
    }
    return finish_text(run, &text, out);
}

static bool filter_safe(struct run *run, const struct call *call, struct jinja_value *out)
{
    return bind_arguments(run, call, "", NULL) && text_of(run, call->self, out);
}

/* shlex.quote() */
static bool filter_quote(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value = call->self;
    struct buffer text;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    if (value.type == JINJA_NONE) {
        value = new_text(run, "");
    }
    if (!text_of(run, value, &value)) {
        return false;
    }
    bool plain = value.as.string->length > 0;
    for (size_t i = 0; i < value.as.string->length; i++) {
        char c = value.as.string->bytes[i];
        plain = plain && (isalnum((unsigned char)c) || (c != '\0' && strchr("_@%+=:,./-", c)));
    }
    if (plain) {
        *out = value;
        return true;
    }
    text_buffer(run, &text);
    buffer_append_char(&text, '\'');
    for (size_t i = 0; i < value.as.string->length; i++) {
        if (value.as.string->bytes[i] == '\'') {
            buffer_append_string(&text, "'\"'\"'");
        } else {
            buffer_append_char(&text, value.as.string->bytes[i]);
        }
    }
    buffer_append_char(&text, '\'');
    return finish_text(run, &text, out);
}

static void quote_url(struct buffer *text, const struct jinja_string *string, bool query)
{
    for (size_t i = 0; i < string->length; i++) {
        unsigned char c = (unsigned char)string->bytes[i];
        if (isalnum(c) || strchr("_.-~", c) != NULL || (c == '/' && !query)) {
            buffer_append_char(text, (char)c);
        } else if (c == ' ' && query) {
            buffer_append_char(text, '+');
        } else {
            buffer_printf(text, "%%%02X", c);
        }
    }
}

static bool filter_urlencode(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct buffer text;
    struct jinja_value value;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    bool list = is_list(call->self);
    size_t count = list                            ? call->self.as.list->count
                   : call->self.type == JINJA_DICT ? call->self.as.dict->count
                                                   : 0;
    if (!list && call->self.type != JINJA_DICT) {
        if (!text_of(run, call->self, &value)) {
            return false;
        }
        text_buffer(run, &text);
        quote_url(&text, value.as.string, false);
        return finish_text(run, &text, out);
    }
    text_buffer(run, &text);
    for (size_t i = 0; i < count; i++) {
        struct jinja_value key;
        const struct jinja_value *pair = list ? &call->self.as.list->items[i] : NULL;
        if (list && (!is_list(*pair) || pair->as.list->count != 2)) {
            buffer_free(&text);
            return run_fail(run, "urlencode needs a list of pairs");
        }
        if (!text_of(run, list ? pair->as.list->items[0] : call->self.as.dict->entries[i].key,
                     &key) ||
            !text_of(run, list ? pair->as.list->items[1] : call->self.as.dict->entries[i].value,
                     &value)) {
            buffer_free(&text);
            return false;
        }
        if (i > 0) {
            buffer_append_char(&text, '&');
        }
        quote_url(&text, key.as.string, true);
        buffer_append_char(&text, '=');
        quote_url(&text, value.as.string, true);
    }
    return finish_text(run, &text, out);
}

static bool filter_urldecode(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value;
    struct buffer text;
    if (!bind_arguments(run, call, "", NULL) || !text_of(run, call->self, &value)) {
        return false;
    }
    const struct jinja_string *string = value.as.string;
    text_buffer(run, &text);
    for (size_t i = 0; i < string->length; i++) {
        char c = string->bytes[i];
        unsigned byte;
        if (c == '%' && i + 2 < string->length && isxdigit((unsigned char)string->bytes[i + 1]) &&
            isxdigit((unsigned char)string->bytes[i + 2])) {
            sscanf(string->bytes + i + 1, "%2x", &byte);
            buffer_append_char(&text, (char)byte);
            i += 2;
        } else {
            buffer_append_char(&text, c == '+' ? ' ' : c);
        }
    }
    return finish_text(run, &text, out);
}

const struct filter filters_encode[] = {
    {"b64encode", filter_b64encode, 0},
    {"b64decode", filter_b64decode, 0},
    {"hash", filter_hash, 0},
    {"checksum", filter_sha1, 0},
    {"sha1", filter_sha1, 0},
    {"md5", filter_md5, 0},
    {"to_uuid", filter_to_uuid, 0},
    {"escape", filter_escape, 0},
    {"e", filter_escape, 0},
    {"forceescape", filter_escape, 0},
    {"safe", filter_safe, 0},
    {"quote", filter_quote, 0},
    {"urlencode", filter_urlencode, 0},
    {"urldecode", filter_urldecode, 0},
    {NULL, NULL, 0},
};
