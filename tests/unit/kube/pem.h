#ifndef TESTS_PEM_H
#define TESTS_PEM_H

/* Made for these tests; they open nothing. */
static const char test_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdjCCARugAwIBAgIUNmUin2jYfHCE/qMn3X4iILH8DEowCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMxMjMyNDZaGA8yMTI2MTAzMDEyMzI0\n"
    "NlowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFkv\n"
    "vGfq/Qa/Y6bJihg+opevTJvFMSilt9d7RQ7yLXqn/T6WzJzgab1B8KjznSipCnS7\n"
    "47/m8DO3wzqpoCJg7ASjUzBRMB0GA1UdDgQWBBSX80kg/1uskouBMswohIpKbNKM\n"
    "BzAfBgNVHSMEGDAWgBSX80kg/1uskouBMswohIpKbNKMBzAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0kAMEYCIQC0IJmPpSps2bDxAA4donmApSYixVimyxD7\n"
    "nsvB0psS7wIhAJ4d7F3Nvl231rKYthbklO1/IEBv7RIYsa3nT/XWF83i\n"
    "-----END CERTIFICATE-----\n";

static const char test_key[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7hZfJznnpE2vlLU8\n"
                               "P29FIUvISjEivg9g9DmEfQAkosKhRANCAARZL7xn6v0Gv2OmyYoYPqKXr0ybxTEo\n"
                               "pbfXe0UO8i16p/0+lsyc4Gm9QfCo850oqQp0u+O/5vAzt8M6qaAiYOwE\n"
                               "-----END PRIVATE KEY-----\n";

static const char test_other_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgK02XFLCSps0YAbXF\n"
    "pJnbTrmNRReDuZnwT8P+m9jNX1WhRANCAASoAaJ2bpeTo4ZtIgX5O3tU7VjzMNt/\n"
    "oIBd4Xi/L1MpqdJcohnZRsgYE7DiFs6G5Oo3NMzO3GXrcDxjG5Fh4EEc\n"
    "-----END PRIVATE KEY-----\n";

static const char test_encrypted_key[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAizePJllxJzPQICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEG3pCKsjfxTBWRMT6xSWZl8EgZAg\n"
    "nUZOdV2ziJ5z5TDlTDie2twdzNbeU8Gwgk9h3J1K7vPz8UezQ5s+6W9Oqs9wX5Z2\n"
    "kFfouKxDc5KRz8IUTeRH5HnNQJyf7pBFA0t6au9B5eWfcJ3391YkedpJ+AD7mGeh\n"
    "PMtwpOZtWNs1E1S6G26rwT6pnVlr164swU3eBxwPvax/Qep/ZfGmpSXIBcB0aeE=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

#endif
