#ifndef KUBE_STATUS_H
#define KUBE_STATUS_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "net/http.h"

/* Turns an answer that is not 2xx into an error: its Status (may be NULL), or the plain text or
 * HTML that came in its place. secret: the request carried a Secret, whose values a server may
 * quote in its message; then only what cannot hold them is taken over. */
void status_explain(struct error *err, const struct http_response *response, const cJSON *status,
                    bool secret);
/* The same for the Status in an ERROR frame of a watch. */
void status_explain_object(struct error *err, const cJSON *status);
enum error_kind status_error_kind(int code);
/* True for kind Status. */
bool status_is_status(const cJSON *object);
/* The texts of the Warning headers (RFC 7234: 299 - "text"), NULL-terminated, safe to print; free
 * with status_free_warnings(). */
char **status_read_warnings(const struct http_response *response);
void status_free_warnings(char **warnings);

#endif
