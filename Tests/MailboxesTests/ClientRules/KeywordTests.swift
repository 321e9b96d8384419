import Testing

@testable import Mailboxes

/// A keyword is announced in FLAGS before a message shows it: clients drop what they were not told of (RFC 3501 §7.2.6).
struct KeywordTests {
    @Test func `keywords in use are listed when a mailbox is selected`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: * FLAGS (\Seen \Answered \Flagged \Deleted \Draft *)
            S: * OK [PERMANENTFLAGS (\Seen \Answered \Flagged \Deleted \Draft * \*)] *
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS (Invoice zw=lok=61)
            S: * FLAGS (* Invoice zw=lok=61)
            S: * OK [PERMANENTFLAGS (* Invoice zw=lok=61 \*)] *
            S: * 1 FETCH (UID 1 FLAGS (Invoice zw=lok=61))
            S: a OK *
            C bartek: SELECT Nowe
            S: * FLAGS (* zw=lok=61 Invoice)
            S: * OK [PERMANENTFLAGS (* zw=lok=61 Invoice \*)] *
            S: ...
            S: a OK *
            C bartek: FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (Invoice zw=lok=61))
            S: a OK *
            # Nothing can be changed with EXAMINE, but what is there is listed.
            C bartek: EXAMINE Nowe
            S: *
            S: * FLAGS (* zw=lok=61 Invoice)
            S: * OK [PERMANENTFLAGS ()] *
            S: ...
            S: a OK *
            """#)
    }

    @Test func `a keyword that a session meets for the first time is announced before it is shown`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(2)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            # One's own STORE.
            C: STORE 1 +FLAGS (urgent)
            S: * FLAGS (* urgent)
            S: * OK [PERMANENTFLAGS (* urgent \*)] *
            S: * 1 FETCH (UID 1 FLAGS (urgent))
            S: a OK *
            # A colleague's, at the end of a command.
            C bartek: NOOP
            S: * FLAGS (* urgent)
            S: * OK [PERMANENTFLAGS (* urgent \*)] *
            S: * 1 FETCH (UID 1 FLAGS (urgent))
            S: a OK *
            # Known now, in any case.
            C: STORE 2 +FLAGS (URGENT)
            S: * 2 FETCH (UID 2 FLAGS (URGENT))
            S: a OK *
            # While idling.
            C bartek: IDLE
            S: + idling
            S: * 2 FETCH (UID 2 FLAGS (URGENT))
            # Nothing is shown, so nothing is announced.
            C: STORE 2 +FLAGS.SILENT (later)
            S: a OK *
            W bartek:
            S: * FLAGS (* urgent later)
            S: * OK [PERMANENTFLAGS (* urgent later \*)] *
            S: * 2 FETCH (UID 2 FLAGS (URGENT later))
            """#)
    }

    @Test func `FETCH announces what it shows, once`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: STORE 1,3 +FLAGS.SILENT (red)
            S: ...
            S: a OK *
            C bartek: STORE 2 +FLAGS.SILENT (green)
            S: ...
            S: a OK *
            C: UID FETCH 1:* (FLAGS)
            S: * FLAGS (* red green)
            S: * OK [PERMANENTFLAGS (* red green \*)] *
            S: * 1 FETCH (UID 1 FLAGS (red))
            S: * 2 FETCH (UID 2 FLAGS (green))
            S: * 3 FETCH (UID 3 FLAGS (red))
            S: ...
            S: a OK *
            C: FETCH 1:3 (FLAGS)
            S: * 1 FETCH (FLAGS (red))
            S: * 2 FETCH (FLAGS (green))
            S: * 3 FETCH (FLAGS (red))
            S: a OK *
            # A mail that becomes seen shows its flags, too.
            C bartek: STORE 1 +FLAGS.SILENT (blue)
            S: ...
            S: a OK *
            C: UID FETCH 1 BODY[TEXT]
            S: * FLAGS (* red green blue)
            S: * OK [PERMANENTFLAGS (* red green blue \*)] *
            S: * 1 FETCH (UID 1 BODY[TEXT] {8}
            S: Text 1
            S:  FLAGS (\Seen red blue))
            S: ...
            S: a OK *
            """#)
    }

    @Test func `keywords of an agent's own mail are shown to no one else`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: APPEND Drafts (\Seen secretly) {19+}␍␊Subject: x␍␊␍␊Text!
            S: a OK *
            C: SELECT Drafts
            S: * FLAGS (* secretly)
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS (quietly)
            S: * FLAGS (* secretly quietly)
            S: ...
            S: a OK *
            C: SELECT Trash
            S: *
            S: * FLAGS (* quietly secretly)
            S: ...
            S: a OK *
            C bartek: SELECT Szkice
            S! *secretly*
            S! *quietly*
            S: ...
            S: a OK *
            """#)
    }

    @Test func `what FLAGS lists is bounded, and what it lists no more is announced again`() {
        var keywords = AnnouncedKeywords((1...1000).map { "k\($0)" })
        #expect(keywords.spellings.count == AnnouncedKeywords.limit)
        let news = ["k1 K400", "k1 fresh", "fresh", "k1"].map { keywords.meet($0) }
        #expect(news == [false, true, false, true])
        #expect(keywords.spellings.count == AnnouncedKeywords.limit)
    }
}
