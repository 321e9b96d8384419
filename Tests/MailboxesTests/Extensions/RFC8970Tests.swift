import Mailboxes
import Testing

/// PREVIEW (RFC 8970).
struct RFC8970Tests {
    private func mail(_ type: String, _ body: String, _ encoding: String = "8bit") -> String {
        """
        From: jan@customer.example
        To: help@acme.example
        Subject: s
        MIME-Version: 1.0
        Content-Type: \(type)
        Content-Transfer-Encoding: \(encoding)

        \(body)

        """
    }

    private static let long = String(repeating: "ab ", count: 200)

    @Test func `a preview is what the writer wrote, made on the spot or by the indexer`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(mail("text/plain; charset=utf-8", "Dzień dobry,\n\n  proszę o   zwrot.\n> dawny tekst\n-- \nJan"))
        await desk.deliver(mail("text/html; charset=utf-8", "<style>p{}</style><p>Za&#380;&oacute;&lstrok;&cacute; <b>x</b></p>"))
        await desk.deliver(mail("application/pdf", "JVBERi0=", "base64"))
        await desk.deliver(mail("text/plain", Self.long))
        await desk.deliver(mail("text/plain", "> only\n> quoted"))
        let anna = try await desk.session("anna")
        #expect(try await anna.say("CAPABILITY")[0].contains(" PREVIEW"))
        try await anna.say("SELECT New")
        let lazy = try await anna.say("FETCH 1:5 PREVIEW (LAZY)")
        #expect(lazy.dropLast() == ["1", "2", "3", "4", "5"].map { "* \($0) FETCH (PREVIEW NIL)" }[...])
        let made = try await anna.say("FETCH 1:5 PREVIEW")
        #expect(made.joined(separator: "\n").contains("Dzień dobry, proszę o zwrot."))
        #expect(made.joined(separator: "\n").contains("Zażółć x"))
        #expect(made.contains("* 3 FETCH (PREVIEW \"\")"))
        #expect(made.contains("* 4 FETCH (PREVIEW \"\(Self.long.prefix(200).trimmingSpace)\")"))
        #expect(made.contains("* 5 FETCH (PREVIEW \"> only > quoted\")"))
        try await TextIndexer(store: desk.store, feed: desk.feed).catchUp()
        #expect(try await anna.say("FETCH 1:5 PREVIEW") == made)
        #expect(try await anna.say("FETCH 1:5 PREVIEW (LAZY)") == made)
        #expect(try await anna.say("FETCH 1 PREVIEW (EAGER)").last?.hasPrefix("a BAD") == true)
    }
}

extension Substring {
    fileprivate var trimmingSpace: Substring { last == " " ? dropLast() : self }
}
