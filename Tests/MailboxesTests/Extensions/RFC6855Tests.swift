import Testing

/// UTF8=ACCEPT (RFC 6855, RFC 9755).
struct RFC6855Tests {
    private static let mail = "From: Bartek Żak <bartek@acme.example>\r\nSubject: Zażółć\r\n\r\nGęś\r\n"

    @Test func `names are modified UTF-7 until UTF-8 was enabled, then UTF-8`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CREATE "Private/Zamkni&ARk-te"
            S: a OK *
            C: LIST "" Private/%
            S: * LIST (\HasNoChildren) "/" "Private/Zamkni&ARk-te"
            S: a OK *
            C: ENABLE UTF8=ACCEPT
            S: * ENABLED UTF8=ACCEPT
            S: a OK ENABLE completed
            C: LIST "" Private/%
            S: * LIST (\HasNoChildren) "/" "Private/Zamknięte"
            S: a OK *
            C: STATUS "Private/Zamknięte" (MESSAGES)
            S: * STATUS "Private/Zamknięte" (MESSAGES 0)
            S: a OK *
            # An ampersand is one.
            C: CREATE "Private/R&D"
            S: a OK *
            C: CREATE "Private/A&ARk-B"
            S: a OK *
            C: LIST "" "Private/A*"
            S: * LIST (\HasNoChildren) "/" "Private/A&ARk-B"
            S: a OK *
            """#)
        try await desk.dialogue(
            #"""
            C: LIST "" "Private/*&-*"
            S: * LIST (\HasNoChildren) "/" "Private/A&-ARk-B"
            S: * LIST (\HasNoChildren) "/" "Private/R&-D"
            S: a OK *
            """#)
    }

    @Test func `ENABLE names what is enabled now, once`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY * UTF8=ACCEPT*
            S: a OK *
            C: ENABLE utf8=accept X-NONE
            S: * ENABLED UTF8=ACCEPT
            S: a OK *
            C: ENABLE UTF8=ACCEPT
            S: * ENABLED
            S: a OK *
            C: ENABLE UTF8=ONLY
            S: * ENABLED
            S: a OK *
            C: ENABLE
            S: a BAD *
            """#)
        try await desk.dialogue(
            as: nil,
            #"""
            C: ENABLE UTF8=ACCEPT
            S: a BAD Log in first
            """#)
    }

    @Test func `a mail in the UTF8 form of APPEND keeps its octets`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("ENABLE UTF8=ACCEPT")
        let count = Self.mail.utf8.count
        // As Thunderbird sends it.
        #expect(try await anna.write("x APPEND \"Drafts\" (\\Draft) UTF8 (~{\(count)}\r\n") == ["+ OK"])
        #expect(try await anna.write("\(Self.mail))\r\n").last?.hasPrefix("x OK [APPENDUID ") == true)
        #expect(
            try await anna.write("x APPEND Drafts UTF8 (~{\(count)+}\r\n\(Self.mail))\r\n").last?.hasPrefix("x OK") == true)
        #expect(try await anna.write("x APPEND Drafts UTF8 (~{3+}\r\nabc\r\n").last?.hasPrefix("x BAD") == true)
        #expect(try await anna.write("x APPEND Drafts UTF8 ({3+}\r\nabc)\r\n").last?.hasPrefix("x BAD") == true)
        try await anna.say("SELECT Drafts")
        let body = try await anna.say("FETCH 1 BODY.PEEK[]").joined(separator: "\r\n")
        #expect(body == "* 1 FETCH (BODY[] {\(count)}\r\n\(Self.mail))\r\na OK FETCH completed")
    }

    @Test func `who did not enable UTF-8 gets it in literals, never between quotes`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let mail = crlf(
            """
            From: "Żak" <żak@acme.example>
            Subject: Zażółć
            Content-Type: text/plain; name="gęś.txt"

            x

            """)
        _ = try await anna.write("x APPEND Drafts {\(mail.utf8.count)+}\r\n\(mail)\r\n")
        try await anna.say("SELECT Drafts")
        let told = try await anna.say("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (Subject)])")
        let text = told.joined(separator: "\r\n")
        #expect(text.contains("{\("Zażółć".utf8.count)}\r\nZażółć"))
        var isQuoted = false
        var rest = text[...]
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == "\"" { isQuoted.toggle() }
            if character == "{", !isQuoted, let end = rest.firstIndex(of: "}"), let count = Int(rest[..<end]) {
                rest = rest[rest.index(after: end)...].dropFirst()
                rest = String(decoding: rest.utf8.dropFirst(count), as: UTF8.self)[...]
                continue
            }
            #expect(!isQuoted || character.isASCII, "\(text)")
        }
    }

    @Test func `no other charset is named any more`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: SEARCH CHARSET UTF-8 SUBJECT "Question"
            S: * SEARCH 1
            S: a OK *
            C: ENABLE UTF8=ACCEPT
            S: * ENABLED UTF8=ACCEPT
            S: a OK *
            C: SEARCH CHARSET ISO-8859-2 SUBJECT "Question"
            S: a BAD With UTF8=ACCEPT the charset is UTF-8
            C: SEARCH CHARSET UTF-8 SUBJECT "Question"
            S: * SEARCH 1
            S: a OK *
            C: SEARCH OR SUBJECT "Question" SUBJECT "Zażółć"
            S: * SEARCH 1
            S: a OK *
            """#)
        let anna = try await desk.session("anna")
        try await anna.say("ENABLE UTF8=ACCEPT")
        try await anna.say("SELECT New")
        let told = try await anna.exchange(Array("x SEARCH SUBJECT \"".utf8) + [0xC5] + Array("\"\r\n".utf8))
        #expect(String(decoding: told, as: UTF8.self) == "x BAD Text is not UTF-8\r\n")
        let name = try await anna.exchange(Array("x SELECT \"Private/".utf8) + [0xC5] + Array("\"\r\n".utf8))
        #expect(String(decoding: name, as: UTF8.self).hasPrefix("x BAD Mailbox name"))
    }
}
