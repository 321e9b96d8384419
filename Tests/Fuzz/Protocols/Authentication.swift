import FuzzKit
import MailAuth
import MailFormat
import MailTypes
import OpenSSL
import Synchronization

/// A mail from a stranger who also owns the names that are asked about it: its fields X-TXT are what they answer.
func fuzzAuthentication(_ input: FuzzInput) {
    let header = HeaderSection(input.octets)
    checkResults(header)
    let message = digested(header, [Array(input.octets[header.bodyStart...])])
    let inPieces = digested(header, input.pieces(of: Array(input.octets[header.bodyStart...])))
    must(message.bodies == inPieces.bodies, "pieces change a digest")
    waitFor {
        await checkVerdicts(message, input)
        // White space on top would go on with the field that is put there; mail that is filed has none.
        if let first = input.octets.first, first == 0x20 || first == 0x09 { return }
        if input.chooses(0) { await checkSigned(input) }
        if input.chooses(1) { await checkSealed(input) }
    }
}

private let now = Timestamp(seconds: 1_780_000_000)

private func digested(_ header: HeaderSection, _ body: [[UInt8]]) -> DigestedMessage {
    var digests = MessageDigests(header)
    for piece in body { piece.withUnsafeBytes { digests.update($0) } }
    return digests.finish()
}

/// What others say they found is one field of one line for every method when it is written again.
private func checkResults(_ header: HeaderSection) {
    _ = AuthenticationResults.claims(of: "mx.acme.example", in: header)
    for field in header.all("Authentication-Results") {
        guard var results = AuthenticationResults(header.octets[field.body]) else { continue }
        results.authenticationServer = "mx.acme.example"
        let written = HeaderSection(results.field + Array("\r\nbody".utf8))
        must(written.fields.count == 1 && written.octets.count - written.bodyStart == 4, "\(results) is not one field")
        let again = AuthenticationResults(written.octets[written.fields[0].body])
        must(again?.results.map(\.method) == results.results.map(\.method), "\(results) came back as \(again as Any)")
        must(again?.results.map(\.result) == results.results.map(\.result), "\(results) came back as \(again as Any)")
    }
}

private func checkVerdicts(_ message: DigestedMessage, _ input: FuzzInput) async {
    guard let client = IPAddress(input.chooses(2) ? "2001:db8::7" : "192.0.2.7") else { return }
    let senders = message.header.addresses(of: "Sender").map(\.address)
    let sender = senders.first.map { ($0.localPart, $0.domain.ascii) }
    let authors = message.header.addresses(of: "From").map(\.address).map(\.domain)
    let names = FuzzNames(message.header)
    let request = SPFRequest(
        client: client, helo: "mail.example.org", reversePath: sender, receiver: "mx.acme.example", seconds: now.seconds)
    let verdicts = await MailCheck(lookup: names).run(message, sender: request, authors: authors, now: now)
    must(names.questions <= MailCheck.Limits().questions, "\(names.questions) questions")
    must(verdicts.dkim.count <= SignatureLimits.fields, "\(verdicts.dkim.count) verdicts")
    // Nobody has a key that would do.
    must(verdicts.dkimResult != .pass && verdicts.arc.result != .pass, "a signature out of nothing")
    let field = HeaderSection(verdicts.results(by: "mx.acme.example").field + [0x0D, 0x0A])
    must(field.fields.count == 1 && field.fields.allSatisfy { !$0.isMalformed }, "verdicts are not one field")
    let read = AuthenticationResults(field.octets[field.fields[0].body])
    must(read?.results.first?.result == verdicts.spf.result.rawValue, "verdicts came back as \(read as Any)")
    must(read?.results.last?.result == verdicts.dmarc.result.rawValue, "verdicts came back as \(read as Any)")
}

private let key = SigningKey.generateEd25519()

/// What we sign passes, whatever it is.
private func checkSigned(_ input: FuzzInput) async {
    guard let domain = DomainName("acme.example"), let signer = DKIMSigner(domain: domain, selector: "s1", key: key)
    else { return }
    let signed = signer.sign(DigestedMessage(input.octets), at: now) + input.octets
    let names = FuzzNames(texts: [signer.record])
    let verdicts = await DKIMVerification(DigestedMessage(signed), lookup: names, now: now).run()
    must(verdicts.first?.result == .pass, "what was signed is \(verdicts)")
}

/// What we seal passes where nobody sealed before, and tells what we found.
private func checkSealed(_ input: FuzzInput) async {
    guard let domain = DomainName("acme.example"), let sealer = ARCSealer(domain: domain, selector: "s1", key: key),
        let signer = DKIMSigner(domain: domain, selector: "s1", key: key)
    else { return }
    let names = FuzzNames(texts: [signer.record])
    let message = DigestedMessage(input.octets)
    let before = await ARCVerification(message, lookup: names).run()
    guard before.result == .none else { return }
    let results = AuthenticationResults(authenticationServer: "mx.acme.example", results: [.init("spf", "pass")])
    guard let fields = sealer.seal(message, results: results, chain: before, at: now) else {
        return must(false, "a mail that nobody sealed cannot be sealed")
    }
    let after = await ARCVerification(DigestedMessage(fields + input.octets), lookup: names).run()
    must(after.result == .pass && after.lastResults == results, "what was sealed is \(after)")
}

/// Answers every question from what the mail says.
private final class FuzzNames: AuthenticationLookup {
    private let texts: [String]
    private let asked = Atomic<Int>(0)

    init(texts: [String]) { self.texts = texts }

    convenience init(_ header: HeaderSection) {
        self.init(texts: header.all("X-TXT").prefix(8).map { field in
            let body = header.octets[field.body].filter { $0 != 0x0D && $0 != 0x0A }
            return String(decoding: body.drop { $0 == 0x20 }, as: UTF8.self)
        })
    }

    var questions: Int { asked.load(ordering: .relaxed) }

    func txt(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
        asked.add(1, ordering: .relaxed)
        if name.contains("slow") { throw LookupFailure(.timedOut) }
        let isKey = name.contains("._domainkey.")
        let fitting = texts.filter { isKey == !($0.hasPrefix("v=spf1") || $0.hasPrefix("v=DMARC1")) }
        guard let one = name.utf8.reduce(0, { ($0 &* 31 &+ Int($1)) & 0xFFFF }).isMultiple(of: 2) ? fitting.first : fitting.last
        else { return DNSAnswer(records: [], domainExists: false) }
        return DNSAnswer(records: name.hasPrefix("_dmarc.") ? fitting : [one])
    }

    func addresses(_ name: String, _ family: IPAddress.Family) async throws(LookupFailure) -> DNSAnswer<IPAddress> {
        asked.add(1, ordering: .relaxed)
        return DNSAnswer(records: [family == .v4 ? "192.0.2.9" : "2001:db8::7"].compactMap { IPAddress($0) })
    }

    func mx(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
        asked.add(1, ordering: .relaxed)
        return DNSAnswer(records: ["mail.example.org", name])
    }

    func names(of address: IPAddress) async throws(LookupFailure) -> DNSAnswer<String> {
        asked.add(1, ordering: .relaxed)
        return DNSAnswer(records: ["mail.example.org", "a.example"])
    }
}
