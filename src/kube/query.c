#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client_internal.h"

void query_copy(struct query_copy *out, const struct kube_query *query)
{
    *out = (struct query_copy){
        .resource = query->resource,
        .ns = xstrdup_or_null(query->ns),
        .label_selector = xstrdup_or_null(query->label_selector),
        .field_selector = xstrdup_or_null(query->field_selector),
        .table = query->table,
        .cells_only = query->cells_only,
        .metadata_only = query->metadata_only,
        .limit = query->limit,
        .fields = query->fields,
    };
}

void query_free(struct query_copy *query)
{
    free(query->ns);
    free(query->label_selector);
    free(query->field_selector);
    *query = (struct query_copy){0};
}

void query_want(struct json_pick *pick, const struct query_copy *query, const char *under)
{
    static const char *const all[] = {"", NULL};
    const char *const *field = query->fields != NULL ? query->fields : all;
    for (; *field != NULL; field++) {
        json_pick_want(pick, under, *field);
    }
    if (query->fields == NULL) {
        json_pick_want(pick, under,
                       query->table ? "- object metadata managedFields"
                                    : "- metadata managedFields");
    }
}

void query_append(struct buffer *path, const char *name, const char *value)
{
    if (value == NULL || *value == '\0') {
        return;
    }
    static const char digits[] = "0123456789ABCDEF";
    buffer_append_char(path, strchr(path->data, '?') == NULL ? '?' : '&');
    buffer_append_string(path, name);
    buffer_append_char(path, '=');
    for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++) {
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            strchr("-._~", *c) != NULL) {
            buffer_append_char(path, (char)*c);
        } else {
            buffer_append_char(path, '%');
            buffer_append_char(path, digits[*c >> 4]);
            buffer_append_char(path, digits[*c & 15]);
        }
    }
}

static void append_number(struct buffer *path, const char *name, int value)
{
    char text[16];
    if (value > 0) {
        snprintf(text, sizeof(text), "%d", value);
        query_append(path, name, text);
    }
}

void query_write(struct buffer *path, const struct query_copy *query, const struct query_page *page)
{
    kube_resource_append_path(path, query->resource, query->ns, NULL);
    query_append(path, "labelSelector", query->label_selector);
    query_append(path, "fieldSelector", query->field_selector);
    if (query->table) {
        query_append(path, "includeObject", query->cells_only ? "None" : "Metadata");
    }
    append_number(path, "limit", page->limit);
    query_append(path, "continue", page->continue_token);
    query_append(path, "resourceVersion", page->resource_version);
    query_append(path, "resourceVersionMatch", page->version_match);
    if (page->watch) {
        query_append(path, "watch", "true");
        query_append(path, "allowWatchBookmarks", "true");
        append_number(path, "timeoutSeconds", page->timeout_s);
    }
    if (page->initial_events) {
        query_append(path, "sendInitialEvents", "true");
    }
}

const char *query_accept(const struct query_copy *query, bool watch)
{
    if (query->table) {
        return "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    }
    if (query->metadata_only && watch) {
        return "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
    }
    if (query->metadata_only) {
        return "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
    }
    return "application/json";
}
