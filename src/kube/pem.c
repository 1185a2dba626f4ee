#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "config_internal.h"

/* Looks at certificates and keys before a connection does, because TLS would only say "failed". */

bool pem_check_certificates(const char *pem, const char *label, struct error *err)
{
    BIO *bio = BIO_new_mem_buf(pem, (int)strlen(pem));
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool good = certificate != NULL;
    X509_free(certificate);
    BIO_free(bio);
    ERR_clear_error();
    if (!good) {
        return error_set(
            err, ERROR_CONFIG,
            "%s holds no certificate: it must be PEM text (-----BEGIN CERTIFICATE-----)", label);
    }
    return true;
}

struct passphrase {
    bool asked;
};

static int refuse_passphrase(char *out, int size, int writing, void *context)
{
    struct passphrase *passphrase = context;
    (void)out;
    (void)size;
    (void)writing;
    passphrase->asked = true;
    return -1;
}

bool pem_check_pair(const char *certificate, const char *key, const char *label, struct error *err)
{
    struct passphrase passphrase = {false};
    BIO *key_bio = BIO_new_mem_buf(key, (int)strlen(key));
    BIO *certificate_bio = BIO_new_mem_buf(certificate, (int)strlen(certificate));
    EVP_PKEY *private_key =
        key_bio == NULL ? NULL
                        : PEM_read_bio_PrivateKey(key_bio, NULL, refuse_passphrase, &passphrase);
    X509 *own =
        certificate_bio == NULL ? NULL : PEM_read_bio_X509(certificate_bio, NULL, NULL, NULL);
    bool good = false;
    if (passphrase.asked || strstr(key, "ENCRYPTED") != NULL) {
        error_set(err, ERROR_CONFIG,
                  "%s: the client key is encrypted; Kubernetes clients cannot ask for its "
                  "passphrase, so store it decrypted or use a credential plugin",
                  label);
    } else if (private_key == NULL) {
        error_set(err, ERROR_CONFIG,
                  "%s: the client key is not a PEM private key (-----BEGIN PRIVATE KEY-----)",
                  label);
    } else if (own == NULL) {
        error_set(err, ERROR_CONFIG, "%s: the client certificate is not a PEM certificate", label);
    } else if (X509_check_private_key(own, private_key) != 1) {
        error_set(err, ERROR_CONFIG, "%s: client certificate and client key do not belong together",
                  label);
    } else {
        good = true;
    }
    EVP_PKEY_free(private_key);
    X509_free(own);
    BIO_free(key_bio);
    BIO_free(certificate_bio);
    ERR_clear_error();
    return good;
}
