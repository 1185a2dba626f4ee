#include "kube/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client_internal.h"
#include "doc/json.h"

/* SelfSubjectAccessReview (authorization.k8s.io/v1): POST, 201 with status.allowed. */

static const char review_path[] = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

struct review_call {
    struct kube_call call;
    struct request *request;
    struct loop_timer *timer;
    kube_review_callback callback;
    void *context;
};

static void free_review(struct kube_call *call)
{
    struct review_call *review = (struct review_call *)call;
    request_cancel(review->request);
    if (review->timer != NULL) {
        loop_cancel_timer(call->client->loop, review->timer);
    }
    free(review);
}

static void finish(struct review_call *review, enum kube_answer answer, const char *reason)
{
    kube_review_callback callback = review->callback;
    void *context = review->context;
    call_unlink(&review->call);
    free_review(&review->call);
    callback(context, answer, reason);
}

static void on_end(void *context, struct request_result *result)
{
    struct review_call *review = context;
    review->request = NULL;
    if (result->err != NULL) {
        finish(review, KUBE_UNKNOWN, result->err->message);
        return;
    }
    const cJSON *status = json_object(result->object, "status");
    if (status == NULL) {
        finish(review, KUBE_UNKNOWN, "the server's review says nothing");
        return;
    }
    finish(review, json_bool(status, "allowed", false) ? KUBE_ALLOWED : KUBE_DENIED,
           json_string_or(status, "reason", ""));
}

static void on_read_only(void *context)
{
    struct review_call *review = context;
    review->timer = NULL;
    finish(review, KUBE_UNKNOWN, "read-only: no review is sent");
}

static void write_body(struct buffer *out, const struct kube_question *question)
{
    cJSON *review = cJSON_CreateObject();
    json_set_string(review, "apiVersion", "authorization.k8s.io/v1");
    json_set_string(review, "kind", "SelfSubjectAccessReview");
    cJSON *attributes = json_need_object(json_need_object(review, "spec"), "resourceAttributes");
    json_set_string(attributes, "verb", question->verb);
    json_set_string(attributes, "group", question->resource->group);
    json_set_string(attributes, "version", question->resource->version);
    json_set_string(attributes, "resource", question->resource->plural);
    if (question->ns != NULL) {
        json_set_string(attributes, "namespace", question->ns);
    }
    if (question->name != NULL) {
        json_set_string(attributes, "name", question->name);
    }
    json_write(out, review);
    cJSON_Delete(review);
}

struct kube_call *kube_review(struct kube_client *client, const struct kube_question *question,
                              kube_review_callback callback, void *context)
{
    static const struct request_handler handler = {.on_end = on_end};
    struct review_call *review = xcalloc(1, sizeof(*review));
    review->callback = callback;
    review->context = context;
    call_link(client, &review->call, free_review);
    if (client->read_only) {
        review->timer = loop_after(client->loop, 0, on_read_only, review);
        return &review->call;
    }
    struct buffer body;
    buffer_init(&body, 64 * 1024);
    write_body(&body, question);
    struct request_spec spec = {
        .method = HTTP_POST,
        .path = review_path,
        .content_type = "application/json",
        .body = body.data,
        .body_length = body.length,
    };
    review->request = request_start(client, &spec, &handler, review);
    buffer_free(&body);
    return &review->call;
}
