import Testing

/// What clients older than the extensions send (RFC 3501, RFC 1730, XLIST).
struct RFC3501Tests {
    @Test func `XLIST shows special uses by their old names`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: XLIST "" %
            S: * XLIST (\Inbox \HasNoChildren) "/" "INBOX"
            S: ...
            S: * XLIST (\HasNoChildren \Spam) "/" "Spam"
            S: * XLIST (\HasNoChildren \Drafts) "/" "Drafts"
            S: * XLIST (\HasNoChildren \Sent) "/" "Sent"
            S: ...
            S: * XLIST (\HasNoChildren \Trash) "/" "Trash"
            S: ...
            S: a OK XLIST completed
            C: XLIST "" % RETURN (CHILDREN)
            S: a BAD *
            """#)
    }

    /// RFC 9051 §9: a sequence number beyond the last message is a mistake. A UID is none: its message may have gone.
    @Test func `a sequence number that no message has is refused, 1 to the last of nothing is not`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: FETCH 3 UID
            S: a BAD The mailbox has no message of that number
            C: FETCH 1:3 UID
            S: a BAD *
            C: FETCH *:3 UID
            S: a BAD *
            C: STORE 3 +FLAGS (\Seen)
            S: a BAD *
            C: COPY 3 INBOX
            S: a BAD *
            C: MOVE 2,3 INBOX
            S: a BAD *
            C: UID FETCH 900 UID
            S: a OK *
            C: FETCH 2:* UID
            S: * 2 FETCH (UID 2)
            S: a OK *
            C: SELECT Drafts
            S: ...
            S: a OK *
            C: FETCH 1:* UID
            S: a OK *
            C: FETCH 1 UID
            S: a BAD *
            """#)
    }

    @Test func `the RFC822 items answer by their own names, and PEEK leaves mail unseen`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: FETCH 1 (RFC822.PEEK)
            S: * 1 FETCH (RFC822 {*}
            S: ...
            S: )
            S: a OK *
            C: FETCH 1 RFC822.TEXT.PEEK
            S: * 1 FETCH (RFC822.TEXT {8}
            S: Text 1
            S: )
            S: a OK *
            C: FETCH 1 (RFC822.SIZE RFC822.HEADER)
            S: * 1 FETCH (RFC822.SIZE * RFC822.HEADER {*}
            S: ...
            S: )
            S: a OK *
            C: FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS ())
            S: a OK *
            C: FETCH 1 RFC822.TEXT
            S: * 1 FETCH (RFC822.TEXT {8}
            S: Text 1
            S:  FLAGS (\Seen))
            S: a OK *
            """#)
    }

    @Test func `LSUB shows what is subscribed, with percent also levels above it`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CREATE Private/a/b
            S: a OK *
            C: SUBSCRIBE Private/a/b
            S: a OK *
            C: LSUB "" Private/*
            S: * LSUB (\HasNoChildren) "/" "Private/a/b"
            S: a OK *
            # The one place where \Noselect has to stand: it means "not subscribed itself" (§6.3.9).
            C: LSUB "" Private/%
            S: * LSUB (\Noselect \HasChildren) "/" "Private/a"
            S: a OK *
            C: LSUB Private a/b
            S: a OK *
            C: LSUB Private/ a/%
            S: * LSUB (\HasNoChildren) "/" "Private/a/b"
            S: a OK *
            C: LSUB "" %
            S: ...
            S: * LSUB (\HasChildren) "/" "Private"
            S: ...
            S! * LSUB (*\Noselect*
            S: a OK *
            C: LSUB (SUBSCRIBED) "" *
            S: a BAD *
            """#)
    }

    @Test func `mail is recent to the first session that selects it, and to no other`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: * 0 RECENT
            S: ...
            S: a OK *
            C: UNSELECT
            S: a OK *
            D: 1
            C: STATUS New (RECENT)
            S: * STATUS "New" (RECENT 1)
            S: a OK *
            # EXAMINE takes nothing away (§6.3.2).
            C anna2: EXAMINE New
            S: ...
            S: * 1 RECENT
            S: ...
            S: a OK *
            C: SELECT New
            S: ...
            S: * 1 RECENT
            S: ...
            S: a OK *
            C: SEARCH RECENT
            S: * SEARCH 1
            S: a OK *
            C: SEARCH NEW
            S: * SEARCH 1
            S: a OK *
            C: FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS (\Recent))
            S: a OK *
            C anna2: SELECT New
            S: ...
            S: * 0 RECENT
            S: ...
            S: a OK *
            C anna2: SEARCH OLD
            S: * SEARCH 1
            S: a OK *
            # Nobody can set it (§2.3.2).
            C: STORE 1 FLAGS (\Recent)
            S: * 1 FETCH (UID 1 FLAGS (\Recent))
            S: a OK *
            """#)
    }

    @Test func `CHECK, CLOSE and EXAMINE do what they did in 2003`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: CHECK
            S: a BAD Select a mailbox first
            C: CLOSE
            S: a BAD Select a mailbox first
            C: EXAMINE New
            S: ...
            S: a OK [READ-ONLY] *
            C: CHECK
            S: a OK CHECK completed
            C: STORE 1 +FLAGS (\Seen)
            S: a NO This mailbox is selected read-only
            C: FETCH 1 BODY[TEXT]
            S: * 1 FETCH (BODY[TEXT] {8}
            S: Text 1
            S: )
            S: a OK *
            C: CLOSE
            S: a OK CLOSE completed
            C: SELECT Nowhere
            S: a NO [NONEXISTENT] *
            # A failed SELECT leaves nothing selected (§6.3.1).
            C: SELECT New
            S: ...
            S: a OK *
            C: SELECT Nowhere
            S: * OK [CLOSED] *
            S: a NO [NONEXISTENT] *
            C: FETCH 1 FLAGS
            S: a BAD Select a mailbox first
            """#)
    }
}
