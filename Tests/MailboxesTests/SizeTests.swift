import Foundation
import Testing

/// Sizes are exact: what is announced, comes, and the pieces of a mail make up the whole.
struct SizeTests {
    @Test(.enabled(if: !CorpusMails.files.isEmpty, "the collection of mails is not beside this package"))
    func `the pieces of every mail of the collection make up its octets`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/A")
        try await anna.say("SELECT Private/A")
        var number = 0
        for file in CorpusMails.files {
            let mail = try CorpusMails.octets(file)
            guard !mail.isEmpty else { continue }
            number += 1
            let head = Array("x APPEND Private/A ~{\(mail.count)+}\r\n".utf8)
            let told = try await anna.exchange(head + mail + Array("\r\n".utf8))
            #expect(told.contains(Array("x OK [APPENDUID".utf8)), "\(file.lastPathComponent)")
            try await check(anna, number, mail.map { $0 == 0 ? 0x80 : $0 }, file.lastPathComponent)
        }
        #expect(number > 0)
    }

    @Test(arguments: [
        "x", "\r\n", "\r\n\r\n", "Subject: x", "Subject: x\r\n", "Subject: x\n\ny\n", "\r\nbody", ": x\r\n\r\ny",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b--",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\nnone at all\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y",
        "Content-Type: message/rfc822\r\n\r\n", "Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nz",
        "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nFrom: a\r\n\r\nz\r\n--b\r\n--b--\r\nend",
    ]) func `the pieces of an odd mail make up its octets`(mail: String) async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        _ = try await anna.write("x APPEND Drafts {\(mail.utf8.count)+}\r\n\(mail)\r\n")
        try await anna.say("SELECT Drafts")
        try await check(anna, 1, Array(mail.utf8), mail)
    }

    private func check(_ anna: TestClient, _ number: Int, _ mail: [UInt8], _ name: String) async throws {
        let sized = try await anna.say("FETCH \(number) RFC822.SIZE")
        #expect(sized.first == "* \(number) FETCH (RFC822.SIZE \(mail.count))", "\(name)")
        let pieces = try await literals(
            anna, number, "BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] RFC822.HEADER BINARY.PEEK[]")
        try #require(pieces.count == 5, "\(name)")
        #expect(pieces[0] == mail, "\(name)")
        #expect(pieces[1] + pieces[2] == mail, "\(name)")
        #expect(pieces[3] == pieces[1], "\(name)")
        #expect(pieces[4].count == mail.count, "\(name)")
        let size = mail.count
        for (offset, count) in [(0, 1), (size / 3, size / 2 + 1), (size - 1, 5), (size, 1), (size + 7, 9)] {
            let piece = try await literals(anna, number, "BODY.PEEK[]<\(offset).\(count)>")
            #expect(piece == [Array(mail.dropFirst(offset).prefix(count))], "\(name) \(offset) \(count)")
        }
        try await checkParts(anna, number, mail, [], name)
    }

    /// Every part lies within the message, its own header section before it, and has the size that is said of it.
    private func checkParts(
        _ anna: TestClient, _ number: Int, _ mail: [UInt8], _ path: [Int], _ name: String
    ) async throws {
        guard path.count < 6 else { return }
        for index in 1...20 {
            let part = (path + [index]).map(String.init).joined(separator: ".")
            let found = try await literals(
                anna, number, "BODY.PEEK[\(part).MIME] BODY.PEEK[\(part)] BODY.PEEK[\(part)]<1.3>")
            guard found.count == 3 else { return }
            let (mime, content) = (found[0], found[1])
            // The only part of a message that is no multipart shares its header section.
            #expect(mail.contains(content), "\(name) \(part)")
            #expect(mail.contains(mime + content) || mail.contains(mime), "\(name) \(part)")
            #expect(found[2] == Array(content.dropFirst().prefix(3)), "\(name) \(part)")
            let inner = try await literals(anna, number, "BODY.PEEK[\(part).HEADER] BODY.PEEK[\(part).TEXT]")
            if inner.count == 2 { #expect(inner[0] + inner[1] == content, "\(name) \(part)") }
            try await checkParts(anna, number, mail, path + [index], name)
        }
    }

    /// The literals of an answer in their order; NIL is none. The answer must end where the last one and `)` end.
    private func literals(_ anna: TestClient, _ number: Int, _ items: String) async throws -> [[UInt8]] {
        let answer = try await anna.exchange(Array("x FETCH \(number) (\(items))\r\n".utf8))
        var result: [[UInt8]] = []
        var rest = answer[...]
        while let end = rest.firstIndex(of: 0x0A) {
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            guard line.dropLast().last == UInt8(ascii: "}"), let brace = line.lastIndex(of: UInt8(ascii: "{")),
                let count = Int(String(decoding: line[(brace + 1)...].dropLast(2), as: UTF8.self)), rest.count >= count
            else { continue }
            result.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let end = Array(")\r\nx OK FETCH completed\r\n".utf8)
        #expect(Array(answer.suffix(end.count)) == end, "\(items)")
        return result
    }
}
