import Foundation
import MailAuth
import MailTypes
import TestKit
import Testing
import Yams

/// The test suite of openspf.org for RFC 7208, as published (Fixtures/rfc7208-tests.yml, its licence beside it).
@Suite struct SPFSuiteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var results: [String]
        var explanation: String?
        var request: SPFRequest
        var zone: FixedDNS
        var testDescription: String { name }
    }

    static let cases = Result { try load() }

    @Test func `all published cases are there`() throws {
        #expect(try Self.cases.get().count == 203)
    }

    @Test(arguments: try cases.get()) func `the published cases come out as published`(_ row: Case) async {
        var check = SPFCheck(row.request, lookup: row.zone)
        let verdict = await check.run()
        #expect(row.results.contains(verdict.result.rawValue), "\(verdict)")
        if let explanation = row.explanation, verdict.result == .fail {
            #expect((verdict.explanation ?? "DEFAULT").lowercased() == explanation.lowercased())
        }
    }

    private struct Unreadable: Error { var what: String }

    private static func load() throws -> [Case] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/rfc7208-tests", withExtension: "yml"))
        let text = try String(contentsOf: url, encoding: .utf8)
        var cases: [Case] = []
        for document in try Yams.compose_all(yaml: text) {
            guard let tests = document["tests"]?.mapping else { continue }
            let zone = FixedDNS(try zone(document["zonedata"]?.mapping ?? [:]))
            for (name, test) in tests { cases.append(try read(name.string ?? "", test, zone)) }
        }
        return cases
    }

    private static func read(_ name: String, _ test: Node, _ zone: FixedDNS) throws -> Case {
        guard let address = test["host"]?.string.flatMap({ IPAddress($0) }), let helo = test["helo"]?.string,
            let sender = test["mailfrom"]?.string, let result = test["result"]
        else { throw Unreadable(what: name) }
        var reversePath: (localPart: String, domain: String)?
        if !sender.isEmpty {
            let at = sender.lastIndex(of: "@")
            reversePath = at.map { (String(sender[..<$0]), String(sender[sender.index(after: $0)...])) } ?? ("", sender)
        }
        return Case(
            name: name, results: result.sequence?.compactMap(\.string) ?? [result.string ?? ""],
            explanation: test["explanation"]?.string,
            request: SPFRequest(
                client: address, helo: helo, reversePath: reversePath, receiver: "receiver.example",
                seconds: 1_700_000_000),
            zone: zone)
    }

    /// Records of type SPF stand for TXT where no TXT is listed, as the suite's own driver has it.
    private static func zone(_ names: Node.Mapping) throws -> [String: [FixedDNS.Entry]] {
        var zone: [String: [FixedDNS.Entry]] = [:]
        for (name, records) in names {
            let list = records.sequence.map(Array.init) ?? []
            let hasText = list.contains { $0.mapping?.contains { $0.key.string == "TXT" } ?? false }
            var entries: [FixedDNS.Entry] = []
            for record in list {
                guard let (type, value) = record.mapping?.first else {
                    entries.append(.timeout)
                    continue
                }
                let strings = value.sequence?.compactMap(\.string) ?? [value.string ?? ""]
                switch type.string {
                case "TXT" where strings != ["NONE"], "SPF" where !hasText: entries.append(.txt(strings.joined()))
                case "A": entries.append(.a(strings[0]))
                case "AAAA": entries.append(.aaaa(strings[0]))
                case "MX": entries.append(.mx(strings[1]))
                case "PTR": entries.append(.ptr(strings[0]))
                case "CNAME": entries.append(.cname(strings[0]))
                default: break
                }
            }
            zone[name.string ?? "", default: []] += entries
        }
        return zone
    }
}
