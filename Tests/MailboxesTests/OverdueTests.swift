import Desk
import Mailboxes
import Testing

/// What is overdue shows `\Flagged` and `$label1` without that anybody set them (DESIGN §3), and lies in Overdue.
struct OverdueTests {
    /// Mail to Help is due after an hour.
    private static func desk(starMeansPriority: Bool = false) async throws -> TestDesk {
        try await TestDesk {
            $0.pools[0].firstAnswerWithin = .hours(1)
            $0.pools[0].starMeansPriority = starMeansPriority
        }
    }

    @Test func `the mark appears in the minute, for everybody and everywhere, and goes with the answer`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C bartek: SELECT "Po terminie"
            S: ...
            S: * 0 EXISTS
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS (\Seen vip)
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Seen vip))
            S: a OK *
            """#)
        await desk.pass(.seconds(3599))
        try await dialogue.run(
            #"""
            C: NOOP
            S: a OK *
            """#)
        await desk.pass(.seconds(1))
        try await dialogue.run(
            #"""
            C: NOOP
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Flagged vip $label1))
            S: a OK *
            C bartek: NOOP
            S: * 1 EXISTS
            S: ...
            S: a OK *
            C bartek: FETCH 1 FLAGS
            S: ...
            S: * 1 FETCH (FLAGS (*\Flagged*vip $label1))
            S: a OK *
            C: SEARCH FLAGGED KEYWORD $LABEL1 KEYWORD vip
            S: * SEARCH 1
            S: a OK *
            C: SEARCH UNFLAGGED
            S: * SEARCH
            S: a OK *
            C: SEARCH UNKEYWORD $label1
            S: * SEARCH
            S: a OK *
            C: SORT (DATE) UTF-8 FLAGGED
            S: * SORT 1
            S: a OK *
            C: MOVE 1 INBOX
            S: ...
            S: a OK *
            C: SELECT INBOX
            S: ...
            S: a OK *
            C: FETCH 1 FLAGS
            S: ...
            S: * 1 FETCH (FLAGS (\Seen \Flagged vip $label1))
            S: a OK *
            C: COPY 1 Private
            S: a *
            C: MOVE 1 Waiting
            S: ...
            S: a OK *
            C: SELECT Waiting
            S: ...
            S: a OK *
            C: FETCH 1 FLAGS
            S: ...
            S: * 1 FETCH (FLAGS (\Seen vip))
            S: a OK *
            C bartek: NOOP
            S: ...
            S: * 1 EXPUNGE
            S: ...
            S: a OK *
            """#)
    }

    @Test func `a client that was away learns of it by mod-sequences`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        await desk.deliver(2, to: "returns@acme.example")
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: SELECT New (CONDSTORE)
            S: ...
            S: * OK [UIDVALIDITY ${v}] *
            S: ...
            S: * OK [HIGHESTMODSEQ ${h}] *
            S: ...
            S: a OK *
            C: UNSELECT
            S: a OK *
            """#)
        await desk.pass(.seconds(3600))
        try await dialogue.run(
            #"""
            C: ENABLE QRESYNC
            S: ...
            S: a OK *
            C: SELECT New (QRESYNC (${v} ${h}))
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Flagged $label1) MODSEQ (*))
            S: ...
            S: a OK *
            C: FETCH 1:* FLAGS (CHANGEDSINCE ${h})
            S: * 1 FETCH (*FLAGS (\Flagged $label1) MODSEQ (*))
            S: a OK *
            """#)
    }

    @Test func `IDLE tells of it`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: IDLE
            S: + *
            """#)
        await desk.pass(.seconds(3600))
        try await dialogue.run(
            #"""
            W:
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Flagged $label1))
            S: ...
            C| DONE
            S: a* OK *
            """#)
    }

    @Test func `what is shown is not stored, and a client that asks otherwise is told the truth`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        await desk.pass(.seconds(3600))
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            # Silent or not, since it is not what was asked for.
            C: STORE 1 -FLAGS.SILENT (\Flagged)
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Flagged $label1))
            S: a OK *
            C: STORE 1 -FLAGS.SILENT ($label1)
            S: * 1 FETCH (UID 1 FLAGS (\Flagged $label1))
            S: a OK *
            C: STORE 1 FLAGS.SILENT (\Seen)
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Flagged $label1))
            S: a OK *
            # What is as it was asked for is not told.
            C: STORE 1 FLAGS.SILENT (\Seen \Flagged $Label1)
            S: a OK *
            C: STORE 1 +FLAGS.SILENT (\Answered \Flagged $label1)
            S: a OK *
            C: STORE 1 +FLAGS (tag)
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Answered \Flagged tag $label1))
            S: a OK *
            C: UID MOVE 1 Done
            S: ...
            S: a OK *
            C: SELECT Done
            S: ...
            S: a OK *
            C: FETCH 1 FLAGS
            S: ...
            S: * 1 FETCH (FLAGS (\Seen \Answered tag))
            S: a OK *
            """#)
    }

    @Test func `a star that somebody set outlives the mark`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS (\Flagged $label1)
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Flagged $label1))
            S: a OK *
            """#)
        await desk.pass(.seconds(3600))
        try await dialogue.run(
            #"""
            C: STORE 1 +FLAGS (\Seen)
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Flagged $label1))
            S: a OK *
            C: MOVE 1 Done
            S: ...
            S: a OK *
            C: SELECT Done
            S: ...
            S: a OK *
            C: FETCH 1 FLAGS
            S: ...
            S: * 1 FETCH (FLAGS (\Seen \Flagged $label1))
            S: a OK *
            """#)
    }

    @Test func `a star means priority where the pool says so, for everybody`() async throws {
        let desk = try await Self.desk(starMeansPriority: true)
        await desk.deliver(1)
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS.SILENT (\Seen \Flagged)
            S: a OK *
            C bartek: NOOP
            S: * 1 FETCH (UID 1 FLAGS (\Flagged))
            S: a OK *
            C bartek: STORE 1 -FLAGS (\Flagged)
            S: * 1 FETCH (UID 1 FLAGS ())
            S: a OK *
            C: NOOP
            S: * 1 FETCH (UID 1 FLAGS (\Seen))
            S: a OK *
            C: STORE 1 +FLAGS (\Flagged)
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Flagged))
            S: a OK *
            """#)
        await desk.pass(.seconds(3600))
        try await dialogue.run(
            #"""
            C: STORE 1 -FLAGS.SILENT (\Flagged)
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Flagged $label1))
            S: a OK *
            C: MOVE 1 Done
            S: ...
            S: a OK *
            C: SELECT Done
            S: ...
            S: a OK *
            C: FETCH 1 FLAGS
            S: ...
            S: * 1 FETCH (FLAGS (\Seen))
            S: a OK *
            """#)
    }
}
