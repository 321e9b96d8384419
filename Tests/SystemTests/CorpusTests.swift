import Foundation
import Testing

/// Mails as the world writes them, in by SMTP and out by IMAP.
@Suite struct CorpusTests {
    @Test(.enabled(if: !Fixtures.corpus.isEmpty, "the collection of mails is not beside this package"))
    func `every mail comes back with the same octets, apart from fields added, Subject and References`() throws {
        let appliance = try TestInstallation().start()
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        var refused: [String] = []
        var sent: [(name: String, octets: [UInt8])] = []
        for file in Fixtures.corpus {
            let octets = Self.withCRLF(Array(try Data(contentsOf: file)))
            let reply = try dialogue.mail(from: "sender@customer.example", to: ["help@acme.example"], octets)
            if reply.hasPrefix("250") {
                sent.append((file.lastPathComponent, octets))
            } else {
                refused.append("\(file.lastPathComponent): \(reply)")
            }
        }
        #expect(refused == [])

        // The pool's view shows all of them, whatever became of each.
        let supervisor = try appliance.imap(as: SampleDesk.supervisor1)
        var stored = try supervisor.subjects(in: "Pools/Help").map { try supervisor.content(uid: $0.uid) }
        var lost: [String] = []
        var known: Set<[[UInt8]]> = []
        for mail in sent where known.insert(Self.identity(mail.octets)).inserted {
            if let place = stored.firstIndex(where: { Self.difference(between: mail.octets, and: $0) == nil }) {
                stored.remove(at: place)
            } else {
                let body = Self.split(mail.octets).body
                let nearest = stored.first { Self.split($0).body == body }
                lost.append("\(mail.name): \(nearest.flatMap { Self.difference(between: mail.octets, and: $0) } ?? "no such body")")
            }
        }
        #expect(lost == [])
        #expect(stored.isEmpty)
    }

    /// What makes two mails with a Message-ID the same mail, shown once: Message-ID, From, Date, Subject and body. Mails
    /// without one are never the same: their own octets stand for them.
    static func identity(_ octets: [UInt8]) -> [[UInt8]] {
        let (fields, body) = split(octets)
        let named = { (name: String) in
            fields.filter { String(decoding: $0.prefix(name.utf8.count + 1), as: UTF8.self).lowercased() == name + ":" }
        }
        let id = named("message-id")
        guard let id = id.first, id.contains(0x3C) else { return [octets] }
        return [Array(id.drop { $0 != 0x3C })] + named("from") + named("date") + named("subject") + [body]
    }

    /// CRLF for CR LF, CR and LF alike, and one at the end.
    static func withCRLF(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var previous: UInt8 = 0
        for octet in octets {
            if octet == 0x0A {
                if previous != 0x0D { result += [0x0D, 0x0A] }
            } else if octet == 0x0D {
                result += [0x0D, 0x0A]
            } else {
                result.append(octet)
            }
            previous = octet
        }
        return result.suffix(2) == [0x0D, 0x0A] ? result : result + [0x0D, 0x0A]
    }

    /// What was changed that may not be; `nil`: nothing.
    static func difference(between sent: [UInt8], and stored: [UInt8]) -> String? {
        let (before, after) = (split(sent), split(stored))
        guard before.body == after.body else { return "the body differs" }
        let free = ["subject", "references", "return-path"]
        let names = { (line: [UInt8]) in String(decoding: line.prefix { $0 != 0x3A }, as: UTF8.self).lowercased() }
        let kept = before.fields.filter { !free.contains(names($0)) && !names($0).hasPrefix("x-stempel-") }
        // Every field sent is there, in its order; between them stands what was added.
        var rest = after.fields[...]
        for field in kept {
            guard let place = rest.firstIndex(of: field) else { return "lost or moved: \(String(decoding: field, as: UTF8.self))" }
            rest = rest[(place + 1)...]
        }
        return nil
    }

    /// The fields of the header section, folded lines with theirs, and what follows it.
    static func split(_ octets: [UInt8]) -> (fields: [[UInt8]], body: [UInt8]) {
        var fields: [[UInt8]] = []
        var start = 0
        while start < octets.count {
            let end = (octets[start...].firstIndex(of: 0x0A) ?? octets.count - 1) + 1
            let line = Array(octets[start..<end])
            if line == [0x0D, 0x0A] { return (fields, Array(octets[end...])) }
            if line.first == 0x20 || line.first == 0x09, !fields.isEmpty {
                fields[fields.count - 1] += line
            } else {
                // Lines that are no field stay where they are, too.
                fields.append(line)
            }
            start = end
        }
        return (fields, [])
    }
}
