// The low-level SHA-256 functions are "deprecated" since OpenSSL 3.0 in favour of EVP, whose fetch per call costs more
// than hashing a short text does. They stay in libcrypto for as long as its ABI does.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// Swift sees functions, not macros with casts or arguments: each wrapper is the macro it is named after.

static inline EVP_PKEY *stempel_EVP_EC_gen(const char *curve) {
    return EVP_EC_gen(curve);
}

static inline int stempel_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int stempel_SSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_max_proto_version(context, version);
}

static inline void stempel_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_mode(context, mode);
}

static inline void stempel_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int stempel_SSL_CTX_set1_groups_list(SSL_CTX *context, const char *groups) {
    return (int)SSL_CTX_set1_groups_list(context, groups);
}

static inline int stempel_SSL_CTX_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline void stempel_SSL_CTX_set_servername_callback(
    SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

static inline int stempel_SSL_set_tlsext_host_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

static inline X509 *stempel_SSL_get0_peer_certificate(const SSL *session) {
    return SSL_get0_peer_certificate(session);
}

static inline int stempel_SSL_get_extms_support(SSL *session) {
    return (int)SSL_get_extms_support(session);
}

static inline const EVP_MD *stempel_EVP_get_digestbynid(int nid) {
    return EVP_get_digestbynid(nid);
}

static inline int stempel_GENERAL_NAME_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

static inline const GENERAL_NAME *stempel_GENERAL_NAME_at(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

// The name's text if it is a dNSName (RFC 5280 section 4.2.1.6), else NULL.
static inline const ASN1_IA5STRING *stempel_GENERAL_NAME_dns(const GENERAL_NAME *name) {
    return name->type == GEN_DNS ? name->d.dNSName : NULL;
}

static inline int stempel_ERR_GET_LIB(unsigned long code) {
    return ERR_GET_LIB(code);
}

static inline int stempel_ERR_GET_REASON(unsigned long code) {
    return ERR_GET_REASON(code);
}

// The system's error number (errno) if the error came from a system call, else 0.
static inline int stempel_ERR_system_error(unsigned long code) {
    return ERR_SYSTEM_ERROR(code) ? ERR_GET_REASON(code) : 0;
}

// Options are spelled with a macro that Swift cannot evaluate.
static const uint64_t stempel_SSL_OP_common = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION;
static const uint64_t stempel_SSL_OP_server = SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;
static const uint64_t stempel_SSL_OP_NO_TICKET = SSL_OP_NO_TICKET;

static inline EVP_PKEY *stempel_EVP_RSA_gen(unsigned int bits) {
    return EVP_RSA_gen(bits);
}
