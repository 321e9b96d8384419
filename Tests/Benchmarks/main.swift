import COpenSSL
import Glibc
import MailAuth
import MailFormat
import MailTypes
import OpenSSL

// What it costs to verify a DKIM signature, and what libcrypto alone takes for the same hash and signature: CPU time in
// nanoseconds, a line of `name ours libcrypto` for each kind of key and size of mail. `deploy/bench --only authentication`
// runs it. STEMPEL_BENCHMARK_ONLY names some of them.

/// CPU time of this process in nanoseconds.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// A name system with one record, in memory.
struct OneKey: AuthenticationLookup {
    var record: String

    func txt(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
        DNSAnswer(
            records: [record], domainExists: true, security: .insecure, canonicalName: name, timeToLive: .seconds(300))
    }
    func mx(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> { throw LookupFailure(.serverFailure) }
    func names(of address: IPAddress) async throws(LookupFailure) -> DNSAnswer<String> {
        throw LookupFailure(.serverFailure)
    }
    func addresses(_ name: String, _ family: IPAddress.Family) async throws(LookupFailure) -> DNSAnswer<IPAddress> {
        throw LookupFailure(.serverFailure)
    }
}

/// A signed mail with the header of a real one and a body of about so many octets.
struct SignedMail {
    let octets: [UInt8]
    let record: String

    init(_ key: SigningKey, size: Int) {
        guard let domain = DomainName("customer.example"), let signer = DKIMSigner(domain: domain, selector: "s1", key: key)
        else { preconditionFailure("a domain and a selector") }
        let head = [
            "Received: from client.example ([192.0.2.1])", " by mail.customer.example with ESMTPSA id 4f1d9be2;",
            " Mon, 16 Nov 2026 09:12:07 +0100", "Date: Mon, 16 Nov 2026 09:12:07 +0100",
            "From: =?UTF-8?Q?Ma=C5=82gorzata_W=C3=B3jcik?= <jan@customer.example>", "To: ACME Help <help@acme.example>",
            "Subject: Order 4711 arrived damaged, please advise how I can return it at your cost",
            "Message-ID: <0000aa01.4f1d.9be2@mail.customer.example>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=UTF-8; format=flowed", "Content-Transfer-Encoding: 8bit",
            "User-Agent: Mozilla Thunderbird", "", "",
        ].joined(separator: "\r\n")
        let line = Array("I still wait for an answer and would be glad to hear from you soon, kindly.\r\n".utf8)
        let content = Array(head.utf8) + [[UInt8]](repeating: line, count: max(1, size / line.count)).joined()
        octets = signer.sign(DigestedMessage(content), at: Timestamp(seconds: 1_780_000_000)) + content
        record = signer.record
    }
}

/// The least CPU time of rounds in which two works take turns: what else the machine does slows now one, now the other.
func leastTimes(_ rounds: Int, _ first: () async -> Void, _ second: () async -> Void) async -> (Double, Double) {
    var least = (Double.infinity, Double.infinity)
    for _ in 0..<rounds {
        let begun = processorTime()
        await first()
        let middle = processorTime()
        await second()
        least = (min(least.0, middle - begun), min(least.1, processorTime() - middle))
    }
    return least
}

/// The verification as the way in does it: the header section is there, the body passes in pieces.
func verify(_ mail: SignedMail, _ header: HeaderSection, _ lookup: OneKey, _ keys: KeyCache) async -> Bool {
    var digests = MessageDigests(header)
    mail.octets.withUnsafeBytes { octets in
        var rest = octets[header.bodyStart...]
        while !rest.isEmpty {
            digests.update(UnsafeRawBufferPointer(rebasing: rest.prefix(65536)))
            rest = rest.dropFirst(65536)
        }
    }
    let verdicts = await DKIMVerification(
        digests.finish(), lookup: lookup, keys: keys, now: Timestamp(seconds: 1_780_000_000)
    ).run()
    return verdicts.map(\.result) == [.pass]
}

/// The same hash and signature in libcrypto, with everything at hand: as many octets of body and header, one signature.
func makeRaw(_ key: SigningKey, body: Int, header: Int) -> () -> Bool {
    let octets = [UInt8](repeating: 0x61, count: max(body, header))
    var start: UnsafePointer<UInt8>?
    let der = key.publicKey
    let publicKey = der.withUnsafeBufferPointer { pointer in
        start = pointer.baseAddress
        return key.kind == .ed25519
            ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, der, der.count) : d2i_PUBKEY(nil, &start, der.count)
    }
    let isEd25519 = key.kind == .ed25519
    let digest = SHA256.digest(of: Array(octets.prefix(header)))
    let signature = key.signature(digest: digest)
    return {
        var hash = [UInt8](repeating: 0, count: 32)
        SHA256(octets, body, &hash)
        SHA256(octets, header, &hash)
        if isEd25519 {
            let context = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(context) }
            return EVP_DigestVerifyInit(context, nil, nil, nil, publicKey) == 1
                && EVP_DigestVerify(context, signature, signature.count, hash, 32) == 1
        }
        let context = EVP_PKEY_CTX_new(publicKey, nil)
        defer { EVP_PKEY_CTX_free(context) }
        return EVP_PKEY_verify_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
            && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
            && EVP_PKEY_verify(context, signature, signature.count, hash, 32) == 1
    }
}

/// Runs everything outside of the main actor, as the way in does: a hop between threads is no part of a verification.
func measure() async {
    let only = getenv("STEMPEL_BENCHMARK_ONLY").map { String(cString: $0).split(separator: " ").map(String.init) } ?? []
    for (kind, key) in [("rsa", SigningKey.generateRSA(bits: 2048)), ("ed25519", SigningKey.generateEd25519())] {
        for (size, count) in [(4096, 400), (65536, 100), (4_194_304, 2)] {
            let name = "\(kind)-\(size)"
            guard only.isEmpty || only.contains(name) else { continue }
            let mail = SignedMail(key, size: size)
            let header = HeaderSection(mail.octets)
            let section = HeaderSection(mail.octets[..<header.bodyStart])
            let (lookup, keys) = (OneKey(record: mail.record), KeyCache())
            guard await verify(mail, section, lookup, keys) else { preconditionFailure("our own signature") }
            let raw = makeRaw(key, body: mail.octets.count - header.bodyStart, header: header.bodyStart)
            let (ours, theirs) = await leastTimes(
                25,
                {
                    for _ in 0..<count where await !verify(mail, section, lookup, keys) {
                        preconditionFailure("our own signature")
                    }
                }, { for _ in 0..<count where !raw() { preconditionFailure("libcrypto's own signature") } })
            print(name, Int(ours / Double(count)), Int(theirs / Double(count)))
        }
    }
}

await measure()
