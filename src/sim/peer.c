#include "peer.h"

#include <gnutls/gnutls.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/alloc.h"

/* The names of one kind in a subject; returns how many. */
static size_t read_names(X509_NAME *subject, int nid, char out[][256], size_t limit)
{
    size_t count = 0;
    for (int at = X509_NAME_get_index_by_NID(subject, nid, -1); at >= 0 && count < limit;
         at = X509_NAME_get_index_by_NID(subject, nid, at)) {
        const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
        int length = ASN1_STRING_length(text);
        if (length > 0 && length < 256) {
            snprintf(out[count++], 256, "%.*s", length, (const char *)ASN1_STRING_get0_data(text));
        }
    }
    return count;
}

/* libmicrohttpd speaks TLS by GnuTLS, which has seen the certificate; what is in it is read by
 * OpenSSL as everywhere here. */
struct sim_peer *sim_peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    gnutls_session_t session = info == NULL ? NULL : info->tls_session;
    unsigned count = 0;
    const gnutls_datum_t *chain =
        session == NULL ? NULL : gnutls_certificate_get_peers(session, &count);
    if (chain == NULL || count == 0) {
        return NULL;
    }
    unsigned faults = 0;
    struct sim_peer *peer = xcalloc(1, sizeof(*peer));
    const unsigned char *bytes = chain[0].data;
    X509 *certificate = d2i_X509(NULL, &bytes, (long)chain[0].size);
    if (certificate != NULL) {
        X509_NAME *subject = X509_get_subject_name(certificate);
        char name[1][256];
        if (read_names(subject, NID_commonName, name, 1) == 1) {
            snprintf(peer->name, sizeof(peer->name), "%s", name[0]);
        }
        peer->organization_count =
            read_names(subject, NID_organizationName, peer->organizations, SIM_GROUP_LIMIT - 1);
    }
    X509_free(certificate);
    peer->trusted = gnutls_certificate_verify_peers2(session, &faults) == GNUTLS_E_SUCCESS &&
                    faults == 0 && peer->name[0] != '\0';
    return peer;
}
