#include "tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/secret.h"

enum { DAY = 24 * 60 * 60 };

static EVP_PKEY *new_key(void)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
    if (context == NULL || EVP_PKEY_keygen_init(context) <= 0 ||
        EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) <= 0 ||
        EVP_PKEY_keygen(context, &key) <= 0) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[8];
    uint64_t serial = 0;
    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        serial = serial << 8 | bytes[i];
    }
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

/* What a certificate says. From and to are seconds from now. */
struct subject {
    const char *name;         /* CN */
    const char *organization; /* O; NULL: none */
    const char *usage;        /* NULL: an authority */
    const char *alt_names;    /* NULL: none */
    long from;
    long to;
};

static bool add_names(X509 *certificate, const struct subject *subject)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return (subject->organization == NULL ||
            X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                                       (const unsigned char *)subject->organization, -1, -1,
                                       0) == 1) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      (const unsigned char *)subject->name, -1, -1, 0) == 1;
}

static bool add_uses(X509 *certificate, X509 *signer, const struct subject *subject)
{
    if (subject->usage == NULL) {
        return add_extension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE") &&
               add_extension(certificate, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    return add_extension(certificate, signer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, signer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, signer, NID_ext_key_usage, subject->usage) &&
           (subject->alt_names == NULL ||
            add_extension(certificate, signer, NID_subject_alt_name, subject->alt_names));
}

/* issuer NULL: signs itself. */
static X509 *new_certificate(const struct subject *subject, EVP_PKEY *key, X509 *issuer,
                             EVP_PKEY *issuer_key)
{
    X509 *certificate = X509_new();
    if (certificate == NULL) {
        return NULL;
    }
    X509 *signer = issuer != NULL ? issuer : certificate;
    bool ok = X509_set_version(certificate, 2) == 1 && set_serial(certificate) &&
              X509_gmtime_adj(X509_getm_notBefore(certificate), subject->from) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), subject->to) != NULL &&
              X509_set_pubkey(certificate, key) == 1 && add_names(certificate, subject) &&
              X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1 &&
              add_uses(certificate, signer, subject) &&
              add_extension(certificate, signer, NID_subject_key_identifier, "hash") &&
              X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
    if (!ok) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

static char *take_text(BIO *bio)
{
    char *data = NULL;
    long length = BIO_get_mem_data(bio, &data);
    char *text = xstrndup(data == NULL ? "" : data, length > 0 ? (size_t)length : 0);
    BIO_free(bio);
    return text;
}

static char *certificates_text(X509 *first, X509 *second)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, first);
    if (second != NULL) {
        PEM_write_bio_X509(bio, second);
    }
    return take_text(bio);
}

static char *key_text(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    return take_text(bio);
}

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

static void make_authority(struct authority *authority, const char *name)
{
    const struct subject subject = {.name = name, .from = -DAY, .to = 365L * DAY};
    authority->key = new_key();
    authority->certificate = authority->key == NULL
                                 ? NULL
                                 : new_certificate(&subject, authority->key, NULL, authority->key);
}

static void free_authority(struct authority *authority)
{
    EVP_PKEY_free(authority->key);
    X509_free(authority->certificate);
}

/* False if OpenSSL fails. chain: the authority's certificate goes behind it. */
static bool make_identity(const struct authority *authority, const struct subject *subject,
                          bool chain, struct sim_identity *out)
{
    EVP_PKEY *key = new_key();
    X509 *certificate = key == NULL || authority->certificate == NULL
                            ? NULL
                            : new_certificate(subject, key, authority->certificate, authority->key);
    bool ok = certificate != NULL;
    if (ok) {
        out->certificate = certificates_text(certificate, chain ? authority->certificate : NULL);
        out->key = key_text(key);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return ok;
}

static bool make_clients(const struct authority *authority, bool expired,
                         struct sim_certificates *out)
{
    long to = expired ? -1L * DAY : 365L * DAY;
    const struct subject admin = {.name = "admin",
                                  .organization = "system:masters",
                                  .usage = "clientAuth",
                                  .from = -2L * DAY,
                                  .to = to};
    const struct subject viewer = {
        .name = "viewer", .usage = "clientAuth", .from = -2L * DAY, .to = to};
    return make_identity(authority, &admin, false, &out->admin) &&
           make_identity(authority, &viewer, false, &out->viewer);
}

bool sim_certificates_make(const struct sim_server_options *options, struct sim_certificates *out,
                           struct error *err)
{
    enum sim_certificate kind = options->certificate;
    struct authority trusted;
    struct authority foreign = {NULL, NULL};
    make_authority(&trusted, "pullmend-sim-ca");
    struct authority *signer = &trusted;
    if (kind == SIM_CERTIFICATE_FOREIGN) {
        make_authority(&foreign, "pullmend-sim-other-ca");
        signer = &foreign;
    }
    const struct subject subject = {
        .name = "pullmend-sim",
        .usage = "serverAuth",
        .alt_names = kind == SIM_CERTIFICATE_OTHER_NAME
                         ? "DNS:other.example.com"
                         : "DNS:localhost,DNS:kubernetes,IP:127.0.0.1,IP:::1",
        .from = -2L * DAY,
        .to = kind == SIM_CERTIFICATE_EXPIRED ? -1L * DAY : 365L * DAY,
    };
    struct sim_identity server = {NULL, NULL};
    bool expired = options->login == SIM_USER_EXPIRED_CERTIFICATE;
    bool ok = make_identity(signer, &subject, true, &server) && trusted.certificate != NULL &&
              make_clients(&trusted, expired, out);
    out->certificate = server.certificate;
    out->key = server.key;
    if (ok) {
        out->ca = certificates_text(trusted.certificate, NULL);
    } else {
        error_set(err, ERROR_INTERNAL, "cannot make the server's certificate: %s",
                  ERR_error_string(ERR_get_error(), NULL));
    }
    free_authority(&trusted);
    free_authority(&foreign);
    return ok;
}

static void free_identity(struct sim_identity *identity)
{
    free(identity->certificate);
    secret_free_string(identity->key);
    *identity = (struct sim_identity){NULL, NULL};
}

void sim_certificates_free(struct sim_certificates *certificates)
{
    free(certificates->ca);
    free(certificates->certificate);
    secret_free_string(certificates->key);
    certificates->ca = certificates->certificate = certificates->key = NULL;
    free_identity(&certificates->admin);
    free_identity(&certificates->viewer);
}
