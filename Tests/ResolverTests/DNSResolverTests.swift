import MailTypes
import Resolver
import Synchronization
import TestKit
import Testing

@Suite struct DNSResolverTests {
    /// 20,000 octets of text: more than any datagram takes.
    private static let longText = (0..<100).map { "\"" + String(repeating: "\($0 % 10)", count: 200) + "\"" }.joined(
        separator: " ")

    private static let server = Result {
        try NameServer([
            .init(
                "signed",
                [
                    "www A 192.0.2.1", "www A 192.0.2.2", "www AAAA 2001:db8::1", "@ MX 20 mx2", "@ MX 10 mx1",
                    "alias CNAME chain", "chain CNAME www", "loop CNAME pool", "pool CNAME loop",
                    "@ TXT \"v=spf1 \" \"-all\"", "long TXT \(longText)", "nomail MX 0 .",
                    "_25._tcp.mx1 TLSA 3 1 1 \(String(repeating: "ab", count: 32))", "_imap._tcp SRV 1 2 143 mx1",
                    "odd\\.label A 192.0.2.9", "ptr PTR odd\\.label",
                ], isSigned: true),
            .init("unsigned", ["www A 192.0.2.3"]),
            .init(
                "forged", ["www A 192.0.2.66", "other A 192.0.2.4"], isSigned: true,
                forgery: ("192.0.2.66", "192.0.2.67")),
            .init("broken", [], isMissing: true),
            .init("arpa", ["1.2.0.192.in-addr PTR www.signed."]),
        ])
    }

    private func resolver(
        deadline: Duration = .seconds(10), limit: Int = 500, anchored: Bool = true, asRoot: Bool = false
    ) throws -> DNSResolver {
        let server = try Self.server.get()
        return try DNSResolver(
            Configuration(
                forwarders: asRoot ? [] : [server.address], rootServers: asRoot ? [server.address] : [],
                trustAnchor: anchored ? server.anchor : nil, deadline: deadline, maximumOutstanding: limit))
    }

    @Test(arguments: [false, true]) func `a signed answer is secure and its records are typed`(asRoot: Bool)
        async throws
    {
        let resolver = try resolver(asRoot: asRoot)
        let a = try await resolver.lookup("www.signed", .a)
        #expect(Set(a.records.map(\.description)) == ["192.0.2.1", "192.0.2.2"])
        #expect(a.security == .secure)
        #expect(a.timeToLive > .zero && a.timeToLive <= .seconds(60))
        #expect(try await resolver.lookup("WWW.Signed.", .aaaa).records.map(\.description) == ["2001:db8::1"])
        let mx = try await resolver.lookup("signed", .mx).records.sorted { $0.preference < $1.preference }
        #expect(mx == [.init(preference: 10, host: "mx1.signed"), .init(preference: 20, host: "mx2.signed")])
        #expect(try await resolver.lookup("nomail.signed", .mx).records == [.init(preference: 0, host: "")])
        #expect(try await resolver.lookup("signed", .txt).records == ["v=spf1 -all"])
        let tlsa = try await resolver.lookup("_25._tcp.mx1.signed", .tlsa)
        #expect(
            tlsa.records == [
                .init(usage: 3, selector: 1, matchingType: 1, association: [UInt8](repeating: 0xAB, count: 32))
            ])
        #expect(tlsa.security == .secure)
        let srv = try await resolver.lookup("_imap._tcp.signed", .srv).records
        #expect(srv == [.init(priority: 1, weight: 2, port: 143, host: "mx1.signed")])
        #expect(try await resolver.lookup("ptr.signed", .ptr).records == ["odd\\.label.signed"])
    }

    @Test func `aliases are followed to their end`() async throws {
        let answer = try await resolver().lookup("alias.signed", .aaaa)
        #expect(answer.records.map(\.description) == ["2001:db8::1"])
        #expect(answer.canonicalName == "www.signed")
        #expect(answer.security == .secure)
    }

    @Test func `an unsigned zone is insecure`() async throws {
        let answer = try await resolver().lookup("www.unsigned", .a)
        #expect(answer.records.map(\.description) == ["192.0.2.3"])
        #expect(answer.security == .insecure)
    }

    @Test func `without a trust anchor everything is insecure, even what is forged`() async throws {
        let resolver = try resolver(anchored: false)
        #expect(try await resolver.lookup("www.signed", .aaaa).security == .insecure)
        #expect(try await resolver.lookup("www.forged", .a).records.map(\.description) == ["192.0.2.67"])
    }

    @Test func `what does not exist and what has no such records are told apart`() async throws {
        let resolver = try resolver()
        let missing = try await resolver.lookup("nobody.signed", .a)
        #expect(!missing.domainExists && missing.records.isEmpty && missing.security == .secure)
        let bare = try await resolver.lookup("signed", .a)
        #expect(bare.domainExists && bare.records.isEmpty && bare.security == .secure)
    }

    @Test func `names of an address are found in the reverse tree`() async throws {
        let resolver = try resolver()
        let address = try #require(IPAddress("192.0.2.1"))
        #expect(try await resolver.names(of: address).records == ["www.signed"])
    }

    @Test func `an answer that needs TCP arrives whole`() async throws {
        let texts = try await resolver().lookup("long.signed", .txt)
        #expect(texts.records.map(\.utf8.count) == [20_000])
        #expect(texts.security == .secure)
    }

    private static let failures: [(name: String, reason: LookupFailure.Reason)] = [
        ("www.forged", .bogus), ("www.broken", .serverFailure), ("", .impossibleName), ("a..b", .impossibleName),
        (String(repeating: "a", count: 64) + ".signed", .impossibleName),
        (String(repeating: "abcdefgh.", count: 29), .impossibleName),
    ]

    @Test(arguments: failures) func `what cannot be answered says why`(
        name: String, reason: LookupFailure.Reason
    ) async throws {
        let resolver = try resolver()
        let failure = await #expect(throws: LookupFailure.self) { try await resolver.lookup(name, .a) }
        #expect(failure?.reason == reason)
    }

    @Test func `a forged record does not spoil the zone's others`() async throws {
        #expect(try await resolver().lookup("other.forged", .a).security == .secure)
    }

    @Test func `a loop of aliases ends`() async throws {
        let resolver = try resolver()
        do {
            let answer = try await resolver.lookup("loop.signed", .a)
            #expect(answer.records.isEmpty)
        } catch {
            #expect(error.reason == .serverFailure)
        }
    }

    @Test func `a name with octets that no host name has is asked for as it is`() async throws {
        let answer = try await resolver().lookup("what?\\ (is) \"this\".signed", .a)
        #expect(!answer.domainExists)
    }

    @Test func `a server that does not answer costs the deadline and no more`() async throws {
        let silent = try SilentServer()
        let resolver = try DNSResolver(
            Configuration(forwarders: [silent.address], trustAnchor: nil, deadline: .milliseconds(200)))
        let start = ContinuousClock.now
        let failure = await #expect(throws: LookupFailure.self) { try await resolver.lookup("www.signed", .a) }
        #expect(failure?.reason == .timedOut)
        #expect(ContinuousClock.now - start >= .milliseconds(200))
    }

    @Test func `questions beyond the limit fail at once and room comes back`() async throws {
        let silent = try SilentServer()
        let resolver = try DNSResolver(
            Configuration(
                forwarders: [silent.address], trustAnchor: nil, deadline: .milliseconds(300), maximumOutstanding: 3))
        let reasons = await withTaskGroup(of: LookupFailure.Reason?.self) { group in
            for number in 0..<5 {
                group.addTask {
                    do throws(LookupFailure) {
                        _ = try await resolver.lookup("n\(number).signed", .a)
                        return nil
                    } catch { return error.reason }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reasons.count { $0 == .overloaded } == 2)
        #expect(reasons.count { $0 == .timedOut } == 3)
        let later = await #expect(throws: LookupFailure.self) { try await resolver.lookup("later.signed", .a) }
        #expect(later?.reason == .timedOut)
    }

    @Test func `a cancelled question and a closed resolver end the wait`() async throws {
        let silent = try SilentServer()
        let resolver = try DNSResolver(
            Configuration(forwarders: [silent.address], trustAnchor: nil, deadline: .seconds(600)))
        let waiting = Task { () throws(LookupFailure) in try await resolver.lookup("a.signed", .a).records }
        waiting.cancel()
        let cancelled = await #expect(throws: LookupFailure.self) { try await waiting.value }
        #expect(cancelled?.reason == .cancelled)
        let second = Task { () throws(LookupFailure) in try await resolver.lookup("b.signed", .a).records }
        resolver.close()
        let closed = await #expect(throws: LookupFailure.self) { try await second.value }
        #expect(closed?.reason == .closed)
    }

    @Test func `many questions at once are all answered`() async throws {
        let resolver = try resolver()
        let found = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<300 {
                group.addTask {
                    try await resolver.lookup(number % 2 == 0 ? "www.signed" : "n\(number).signed", .a).records.count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(found == 300)
    }

    @Test func `a missing or broken trust anchor is found at the start`() throws {
        #expect(throws: ConfigurationFailure.self) {
            try DNSResolver(Configuration(trustAnchor: "/nonexistent/root.key"))
        }
        let folder = TemporaryDirectory()
        #expect(throws: ConfigurationFailure.self) {
            try DNSResolver(Configuration(trustAnchor: folder.write("no key at all\n", to: "root.key")))
        }
        #expect(throws: ConfigurationFailure.self) { try DNSResolver(Configuration(forwarders: ["no address"])) }
    }
}
