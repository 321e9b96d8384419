import MailTypes
import Storage
import Testing

/// CONDSTORE and QRESYNC (RFC 7162).
struct RFC7162Tests {
    // MARK: - CONDSTORE

    @Test func `the first sign that a client knows mod-sequences is answered with the highest one`() async throws {
        for sign in [
            "ENABLE CONDSTORE", "STATUS INBOX (HIGHESTMODSEQ)", "FETCH 1 MODSEQ", "FETCH 1 FLAGS (CHANGEDSINCE 1)",
            "STORE 1 (UNCHANGEDSINCE 1000) +FLAGS (\\Seen)", "SEARCH MODSEQ 1",
            "LIST \"\" INBOX RETURN (STATUS (HIGHESTMODSEQ))",
        ] {
            let desk = try await TestDesk()
            await desk.deliver(1)
            try await desk.dialogue(
                #"""
                C: SELECT New
                S: ...
                S: * OK [HIGHESTMODSEQ ${h}] *
                S: ...
                S: a OK *
                C: STORE 1 +FLAGS (\Flagged)
                S: * 1 FETCH (UID 1 FLAGS (\Flagged))
                S: a OK *
                """# + "\nC: \(sign)\n" + #"""
                S: ...
                S: * OK [HIGHESTMODSEQ *] *
                S: ...
                S: a OK *
                C: STORE 1 +FLAGS (\Answered)
                S: * 1 FETCH (UID 1 MODSEQ (*) FLAGS (*))
                S: a OK *
                C: NOOP
                S: a OK *
                """#)
        }
    }

    @Test func `STORE passes over what changed since`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New (CONDSTORE)
            S: ...
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: ...
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: STORE 2 +FLAGS.SILENT (\Answered)
            S: a OK *
            C: UID STORE 1:3 (UNCHANGEDSINCE ${h}) +FLAGS.SILENT (\Flagged)
            S: * 1 FETCH (UID 1 MODSEQ (${m}))
            S: * 3 FETCH (UID 3 MODSEQ (${m}))
            S: * 2 FETCH (UID 2 MODSEQ (*) FLAGS (*\Answered*))
            S: a OK [MODIFIED 2] *
            C: STORE 1:3 (UNCHANGEDSINCE 0) +FLAGS (\Seen)
            S: a OK [MODIFIED 1:3] *
            C: FETCH 1:3 (UID) (CHANGEDSINCE ${h})
            S: * 1 FETCH (UID 1 MODSEQ (${m}))
            S: * 2 FETCH (UID 2 MODSEQ (*))
            S: * 3 FETCH (UID 3 MODSEQ (${m}))
            S: a OK *
            C: UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${m})
            S: a OK *
            C: SEARCH MODSEQ "/flags/\\flagged" all ${m}
            S: * SEARCH 1 3 (MODSEQ ${m})
            S: a OK *
            """#)
    }

    @Test func `a message that becomes seen by reading tells UID, mod-sequence and flags`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New (CONDSTORE)
            S: ...
            S: a OK *
            C: FETCH 1 BODY[TEXT]<0.4>
            S: * 1 FETCH (BODY[TEXT]<0> {4}
            S: Text UID 1 MODSEQ (*) FLAGS (\Seen))
            S: a OK *
            """#)
    }

    @Test func `the highest mod-sequence does not fall when a message is discarded`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: APPEND Drafts (\Draft) {15+}␍␊Subject: a␍␊␍␊x
            S: a OK *
            C: SELECT Drafts
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS.SILENT (\Deleted)
            S: a OK *
            C: STATUS INBOX (HIGHESTMODSEQ)
            S: * OK [HIGHESTMODSEQ ${n}] *
            S: * STATUS "INBOX" (HIGHESTMODSEQ ${n})
            S: a OK *
            C: EXPUNGE
            S: * 1 EXPUNGE
            S: a OK *
            C: STATUS INBOX (HIGHESTMODSEQ)
            S: * STATUS "INBOX" (HIGHESTMODSEQ ${n})
            S: a OK *
            """#)
    }

    // MARK: - QRESYNC

    @Test func `nothing of QRESYNC works before ENABLE`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: EXAMINE INBOX (QRESYNC (1 1))
            S: a BAD Say ENABLE QRESYNC first
            C: UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
            S: a BAD Say ENABLE QRESYNC first
            C: ENABLE QRESYNC
            S: * OK [HIGHESTMODSEQ *] *
            S: * ENABLED QRESYNC
            S: a OK *
            C: ENABLE CONDSTORE QRESYNC
            S: * ENABLED
            S: a OK *
            C bartek: ENABLE CONDSTORE QRESYNC
            S: * ENABLED QRESYNC CONDSTORE
            S: a OK *
            C: FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
            S: a BAD *
            C: UID FETCH 1:* (FLAGS) (VANISHED)
            S: a BAD *
            C: SELECT INBOX (QRESYNC (1 1 1:*))
            S: a BAD *
            """#)
    }

    /// Four mails; while anna is away one is taken, one tagged, one arrives.
    private func reconnection(_ desk: TestDesk) async throws -> Dialogue {
        for number in 1...4 { await desk.deliver(number) }
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: a OK *
            C: SELECT New
            S: ...
            S: * OK [UIDVALIDITY ${v}] *
            S: ...
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: ...
            S: a OK *
            C: UNSELECT
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: STORE 1 +FLAGS.SILENT (urgent)
            S: a OK *
            C bartek: UID MOVE 2 INBOX
            S: ...
            S: a OK *
            D: 5
            """#)
        return dialogue
    }

    @Test func `SELECT tells what a client missed`() async throws {
        try await reconnection(TestDesk()).run(
            #"""
            C: SELECT New (QRESYNC (${v} ${h}))
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS *
            S: * 4 EXISTS
            S: * 1 RECENT
            S: * OK [UNSEEN 1] *
            S: * OK [UIDVALIDITY ${v}] *
            S: * OK [UIDNEXT 6] *
            S: * OK [HIGHESTMODSEQ ${new}] *
            S: * OK [MAILBOXID *
            S: * VANISHED (EARLIER) 2
            S: * 1 FETCH (UID 1 FLAGS (urgent) MODSEQ (*))
            S: * 4 FETCH (UID 5 FLAGS (\Recent) MODSEQ (${new}))
            S: a OK [READ-WRITE] *
            C: SELECT New (QRESYNC (${v} ${new}))
            S: * OK [CLOSED] *
            S: ...
            S: a OK [READ-WRITE] *
            S! * VANISHED *
            S! * * FETCH *
            C: EXAMINE New (QRESYNC (${v} ${h} 2:4))
            S: ...
            S: * VANISHED (EARLIER) 2
            S: a OK [READ-ONLY] *
            S! * * FETCH *
            C: SELECT New (QRESYNC (${v} ${h} 1,3:4))
            S: ...
            S: * 1 FETCH (UID 1 *)
            S: a OK [READ-WRITE] *
            S! * VANISHED *
            """#)
    }

    @Test func `a client with another UIDVALIDITY is told nothing`() async throws {
        try await reconnection(TestDesk()).run(
            #"""
            C: SELECT New (QRESYNC (1 ${h} 1:4))
            S: ...
            S: * OK [UIDVALIDITY ${v}] *
            S: ...
            S: a OK [READ-WRITE] *
            S! * VANISHED *
            S! * * FETCH *
            """#)
    }

    @Test func `a client that was away for too long is told everything that is not there`() async throws {
        let desk = try await TestDesk()
        let dialogue = try await reconnection(desk)
        let later = desk.clock.now + .seconds(1)
        let pruned = try await desk.store.write { (transaction: Transaction) in
            try transaction.sweep(stagedBefore: later, expungedBefore: later)
        }
        #expect(pruned > 0)
        try await dialogue.run(
            #"""
            C: SELECT New (QRESYNC (${v} ${h}))
            S: ...
            S: * VANISHED (EARLIER) 2
            S: * 1 FETCH *
            S: * 4 FETCH *
            S: a OK *
            # Numbers 1 and 2 were UIDs 1 and 2: up to 1 the client knows.
            C: SELECT New (QRESYNC (${v} ${h} 1:4 (1:2 1:2)))
            S: ...
            S: * VANISHED (EARLIER) 2
            S: * 1 FETCH *
            S: a OK *
            # Number 3 is UID 4 still: of what is below it the client knows all.
            C: SELECT New (QRESYNC (${v} ${h} 1:9 (3 4)))
            S: ...
            S: a OK *
            S! * VANISHED *
            C: UID FETCH 1:3 (UID) (CHANGEDSINCE 1 VANISHED)
            S: * VANISHED (EARLIER) 2
            S: * 1 FETCH (UID 1 MODSEQ (*))
            S: * 2 FETCH (UID 3 MODSEQ (*))
            S: a OK *
            """#)
    }

    @Test func `in UID FETCH with VANISHED a star is the highest UID that ever was`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: ENABLE QRESYNC
            S: ...
            S: a OK *
            C: SELECT New
            S: ...
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: ...
            S: a OK *
            C: UID MOVE 3 INBOX
            S: * OK [COPYUID *
            S: * VANISHED 3
            S: a OK [HIGHESTMODSEQ *] MOVE completed
            C: UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${h} VANISHED)
            S: * VANISHED (EARLIER) 3
            S: a OK FETCH completed
            C: UID FETCH 1:2 (FLAGS) (CHANGEDSINCE ${h} VANISHED)
            S: a OK FETCH completed
            """#)
    }

    @Test func `what goes is told by UID, and not while numbers are spoken of`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: ENABLE QRESYNC
            S: ...
            S: a OK *
            C: SELECT New
            S: ...
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: ...
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: UID MOVE 2:3 INBOX
            S: ...
            S: a OK *
            C bartek: UID STORE 4 +FLAGS.SILENT (urgent)
            S: a OK *
            # The client must not believe to know all up to the later change.
            C: FETCH 4 UID
            S: * 4 FETCH (UID 4)
            S: * FLAGS (* urgent)
            S: * OK [PERMANENTFLAGS *
            S: * 4 FETCH (UID 4 MODSEQ (*) FLAGS (*urgent))
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: a OK *
            C: UID SEARCH 4
            S: * SEARCH 4
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: a OK *
            C: UID FETCH 2 (FLAGS) (CHANGEDSINCE 1 VANISHED)
            S: * VANISHED 2:3
            S: * OK [HIGHESTMODSEQ *] *
            S: a OK *
            C: FETCH 2 UID
            S: * 2 FETCH (UID 4)
            S: a OK *
            C: IDLE
            S: + *
            C bartek: UID MOVE 1 INBOX
            S: ...
            S: a OK *
            W:
            S: * VANISHED 1
            C| DONE
            S: a OK *
            """#)
    }

    @Test func `EXPUNGE tells the mod-sequence to go on from, CLOSE tells nothing`() async throws {
        let desk = try await TestDesk()
        let dialogue = Dialogue(desk)
        for _ in 1...4 {
            try await dialogue.run(
                #"""
                C: APPEND Drafts (\Deleted) {15+}␍␊Subject: a␍␊␍␊x
                S: a OK *
                """#)
        }
        try await dialogue.run(
            #"""
            C: ENABLE QRESYNC
            S: ...
            S: a OK *
            C: SELECT Drafts
            S: ...
            S: * OK [UIDVALIDITY ${v}] *
            S: ...
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: ...
            S: a OK *
            C: UID EXPUNGE 2
            S: * VANISHED 2
            S: a OK [HIGHESTMODSEQ ${one}] EXPUNGE completed
            C: STORE 3 -FLAGS.SILENT (\Deleted)
            S: * 3 FETCH (UID 4 MODSEQ (*))
            S: a OK *
            C: EXPUNGE
            S: * VANISHED 1,3
            S: a OK [HIGHESTMODSEQ ${two}] EXPUNGE completed
            C: STORE 1 +FLAGS.SILENT (\Deleted)
            S: * 1 FETCH (UID 4 MODSEQ (*))
            S: a OK *
            C: CLOSE
            S: a OK CLOSE completed
            C: SELECT Drafts (QRESYNC (${v} ${one} 1:9))
            S: ...
            S: * VANISHED (EARLIER) 1,3:4
            S: a OK *
            C: SELECT Drafts (QRESYNC (${v} ${two}))
            S: ...
            S: * VANISHED (EARLIER) 4
            S: a OK *
            """#)
    }

    @Test func `what was copied away holds the mod-sequence back until it is told gone`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: ENABLE QRESYNC
            S: ...
            S: a OK *
            C: SELECT New
            S: ...
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: ...
            S: a OK *
            C: UID COPY 1 INBOX
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: a OK [COPYUID *
            C: UID STORE 1 +FLAGS (\Deleted)
            S: * 1 FETCH (UID 1 MODSEQ (${h}) FLAGS (\Seen \Deleted))
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: a OK *
            C: UID EXPUNGE 1
            S: * VANISHED 1
            S: ...
            S: a OK [HIGHESTMODSEQ *] EXPUNGE completed
            """#)
    }
}
