import Desk
import MailTypes
import Storage
import Mailboxes
import Testing

struct MoveTests {
    @Test func `moving one message of a case to INBOX takes the whole case`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await desk.deliver(
            """
            From: jan1@customer.example
            To: help@acme.example
            Subject: Re: [#1] Question 1
            In-Reply-To: <q1@customer.example>
            Message-ID: <more@customer.example>

            More

            """, from: "jan1@customer.example")
        await desk.deliver(2)
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await bartek.say("SELECT Nowe")
        try await bartek.say("IDLE")
        #expect(try await anna.say("SELECT New").contains("* 3 EXISTS"))
        let moved = try await anna.say("UID MOVE 2 INBOX")
        #expect(moved.count == 4)
        #expect(moved[0].hasPrefix("* OK [COPYUID ") && moved[0].contains(" 2 2] "))
        #expect(Array(moved.dropFirst()) == ["* 2 EXPUNGE", "* 1 EXPUNGE", "a OK MOVE completed"])
        #expect(try await bartek.told() == ["* 2 EXPUNGE", "* 1 EXPUNGE"])
        #expect(try await anna.say("SELECT INBOX").contains("* 2 EXISTS"))
        #expect(try await bartek.write("DONE\r\n").count == 1)
        #expect(try await bartek.say("SELECT \"Team/Anna Nowak\"").contains("* 2 EXISTS"))
    }

    @Test func `whoever comes second is told who was first`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await anna.say("SELECT New")
        try await bartek.say("SELECT New")
        try await bartek.say("UID MOVE 1 INBOX")
        try await anna.expect(
            "UID MOVE 1 INBOX",
            [
                "* 1 EXPUNGE", "a NO [INUSE] Bartek Żak has taken this case",
            ])
        // Told now: naming it again is no error and moves nothing.
        try await anna.expect("UID MOVE 1 INBOX", ["a OK MOVE completed"])
    }

    @Test func `of many sessions that move a case at once one has it`() async throws {
        let names = ["anna", "bartek", "ewa", "olga"]
        let desk = try await TestDesk {
            $0.pools[0].members = names.map { PoolMember(login: "\($0)@acme.example") }
        }
        for round in 1...5 {
            await desk.deliver(round)
            let results = try await withThrowingTaskGroup(of: [String].self) { group in
                for name in names {
                    group.addTask {
                        let client = try await desk.session(name)
                        try await client.say("SELECT New")
                        return try await client.say("MOVE 1 INBOX")
                    }
                }
                return try await group.reduce(into: [[String]]()) { $0.append($1) }
            }
            #expect(results.filter { $0.last == "a OK MOVE completed" && $0.count > 1 }.count == 1)
        }
    }

    @Test func `what is moved comes back by the inverse move`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        for (from, to) in [("New", "INBOX"), ("New", "Waiting"), ("New", "Done"), ("New", "Closed"), ("New", "Spam")] {
            try await anna.say("SELECT \(from)")
            #expect(try await anna.say("MOVE 1 \(to)").first?.hasPrefix("* OK [COPYUID") == true, "\(to)")
            #expect(try await anna.say("SELECT \(to)").contains("* 1 EXISTS"), "\(to)")
            #expect(try await anna.say("MOVE 1 \(from)").first?.hasPrefix("* OK [COPYUID") == true, "back from \(to)")
        }
        try await anna.say("SELECT New")
        #expect(try await anna.say("MOVE 1 \"Team/bartek\"").first?.hasPrefix("* OK [COPYUID") == true)
        try await anna.expect("UID MOVE 1:* \"Team/olga\"", ["a OK MOVE completed"])
    }

    @Test func `a case is not handed to somebody outside its pool`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.expect("MOVE 1 Team/olga", ["a NO [NOPERM] Olga Obca is not a member of this case's pool"])
        #expect(try await anna.say("MOVE 1 Private").last?.hasPrefix("a NO [CANNOT]") == true)
        #expect(try await anna.say("MOVE 1 Drafts").last?.hasPrefix("a NO [CANNOT] A case cannot be moved") == true)
        #expect(try await anna.say("MOVE 1 Nowhere").last?.hasPrefix("a NO [TRYCREATE]") == true)
        #expect(
            try await anna.say("COPY 1 Team/olga").last?.hasPrefix(
                "a NO [NOPERM] Olga Obca is not a member of this case's pool") == true)
    }

    @Test func `COPY decides at once, and the leaving is told with EXPUNGE`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        let copied = try await anna.say("UID COPY 1 INBOX")
        #expect(copied.count == 1 && copied[0].hasPrefix("a OK [COPYUID "))
        try await anna.expect(
            "UID STORE 1 +FLAGS (\\Deleted)",
            [
                "* 1 FETCH (UID 1 FLAGS (\\Seen \\Deleted))", "a OK STORE completed",
            ])
        try await anna.expect("EXPUNGE", ["* 1 EXPUNGE", "a OK EXPUNGE completed"])
        #expect(try await anna.say("SELECT INBOX").contains("* 1 EXISTS"))
    }

    @Test func `a move from a view acts on the case, and the view shows it anew`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        #expect(try await anna.say("SELECT Pools/Help").contains("* 1 EXISTS"))
        let moved = try await anna.say("UID MOVE 1 INBOX")
        #expect(moved[0].hasPrefix("* OK [COPYUID"))
        #expect(Array(moved.dropFirst()) == ["* 1 EXPUNGE", "* 1 EXISTS", "* 1 RECENT", "a OK MOVE completed"])
        #expect(try await anna.uids() == [2])
        try await anna.expect("UID MOVE 2 Pools/Help", ["a OK MOVE completed"])
    }

    @Test func `a case of another pool goes to its queue, and its old readers see it no more`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await bartek.say("SELECT New")
        try await anna.say("SELECT New")
        let moved = try await anna.say("MOVE 1 Pools/Returns")
        #expect(moved[0].hasPrefix("* OK [COPYUID "))
        #expect(Array(moved.dropFirst()) == ["* 1 EXPUNGE", "* 1 EXISTS", "* 1 RECENT", "a OK MOVE completed"])
        try await bartek.expect("NOOP", ["* 1 EXPUNGE", "a OK NOOP completed"])
    }

    @Test func `cases are counted over the whole command, however many transactions it takes`() async throws {
        let desk = try await TestDesk()
        for number in 1...30 { await desk.deliver(number) }
        var configuration = SessionConfiguration(announcementInterval: .zero)
        configuration.messagesPerMove = 4
        let anna = TestClient(desk, configuration)
        try await anna.start()
        for command in ["LOGIN anna@acme.example secret", "SELECT New"] { try await anna.say(command) }
        try await anna.expect("MOVE 1:26 Done", ["a NO [LIMIT] More than 25 cases at once need a supervisor"])
        try await anna.expect("SEARCH RETURN (COUNT) ALL", has: "* ESEARCH (TAG \"a4\") COUNT 30")
        #expect(try await anna.say("MOVE 1:25 Done").last == "a OK MOVE completed")
    }

    @Test func `more than 25 cases at once need a supervisor`() async throws {
        let desk = try await TestDesk()
        for number in 1...26 { await desk.deliver(number) }
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.expect("MOVE 1:26 Done", ["a NO [LIMIT] More than 25 cases at once need a supervisor"])
        // A plain copy decides nothing.
        try await anna.say("CREATE Private/Kept")
        #expect(try await anna.say("COPY 1:26 Private/Kept").last?.hasPrefix("a OK [COPYUID ") == true)
        let celina = try await desk.session("celina")
        try await celina.say("SELECT New")
        #expect(try await celina.say("MOVE 1:26 Done").last == "a OK MOVE completed")
        #expect(try await celina.say("STATUS Done (MESSAGES)").first == "* STATUS \"Done\" (MESSAGES 26)")
    }

    @Test func `deleting a case needs the right to`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.expect(
            "STORE 1 +FLAGS.SILENT (\\Deleted)",
            [
                "* 1 FETCH (UID 1 FLAGS ())",
                "a NO [NOPERM] You may not delete cases; close them, or mark them as spam",
            ])
        #expect(try await anna.say("MOVE 1 Trash").last?.hasPrefix("a NO [NOPERM]") == true)
        let celina = try await desk.session("celina")
        try await celina.say("SELECT New")
        #expect(try await celina.say("STORE 1 +FLAGS (\\Deleted)").last == "a OK STORE completed")
        try await celina.expect("EXPUNGE", ["* 1 EXPUNGE", "a OK EXPUNGE completed"])
        #expect(try await celina.say("SELECT Trash").contains("* 1 EXISTS"))
        #expect(try await celina.say("FETCH 1 FLAGS").first?.contains("Deleted") == false)
        #expect(try await celina.say("MOVE 1 New").first?.hasPrefix("* OK [COPYUID") == true)
        #expect(try await anna.say("NOOP").contains("* 1 EXISTS"))
    }

    @Test func `a copy among one's own mail is a mail of one's own`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("CREATE Private/x")
        try await anna.say("SELECT New")
        let copied = try await anna.say("COPY 1 Private/x")
        #expect(copied.last?.hasSuffix(" 1 1] COPY completed") == true)
        try await anna.say("SELECT Private/x")
        #expect(
            try await anna.say("FETCH 1 (EMAILID THREADID BODY.PEEK[TEXT])")[0].hasPrefix(
                "* 1 FETCH (EMAILID (E1) THREADID (T1)"))
        try await anna.say("STORE 1 +FLAGS (\\Deleted own)")
        try await anna.expect("EXPUNGE", ["* 1 EXPUNGE", "a OK EXPUNGE completed"])
        try await anna.say("SELECT New")
        try await anna.expect(
            "FETCH 1 (FLAGS EMAILID BODY.PEEK[TEXT])",
            ["* 1 FETCH (FLAGS () EMAILID (E1) BODY[TEXT] {8}", "Text 1", ")", "a OK FETCH completed"])
    }

    @Test func `a pool where deleting means done needs no right`() async throws {
        let desk = try await TestDesk { $0.pools[0].deleteMeans = .done }
        await desk.deliver(1)
        await desk.deliver(2)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await anna.say("STORE 1 +FLAGS.SILENT (\\Deleted)")
        try await anna.expect("EXPUNGE", ["* 1 EXPUNGE", "a OK EXPUNGE completed"])
        let moved = try await anna.say("MOVE 1 Trash")
        #expect(moved[0].hasPrefix("* OK [COPYUID ") && moved.last == "a OK MOVE completed")
        try await anna.expect("STATUS Done (MESSAGES)", has: "* STATUS \"Done\" (MESSAGES 2)")
        try await anna.expect("STATUS Trash (MESSAGES UIDNEXT)", has: "* STATUS \"Trash\" (MESSAGES 0 UIDNEXT 2)")
    }

    @Test func `a group's case waits for its members`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await anna.say("SELECT New")
        #expect(try await anna.say("MOVE 1 \"Groups/Second line\"").first?.hasPrefix("* OK [COPYUID ") == true)
        try await anna.say("SELECT \"Groups/Second line\"")
        #expect(
            try await anna.say("MOVE 1 INBOX").last?.hasPrefix("a NO [NOPERM] This case waits for a member") == true)
        try await bartek.say("SELECT \"Groups/Second line\"")
        #expect(try await bartek.say("MOVE 1 INBOX").last == "a OK MOVE completed")
        try await bartek.expect("STATUS INBOX (MESSAGES)", has: "* STATUS \"INBOX\" (MESSAGES 1)")
    }

    @Test func `a move over several cases moves those it may and names the others`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        let anna = try await desk.session("anna")
        let bartek = try await desk.session("bartek")
        try await anna.say("SELECT Pools/Help")
        try await bartek.say("SELECT New")
        try await bartek.say("MOVE 2 INBOX")
        let moved = try await anna.say("MOVE 1:3 INBOX")
        #expect(moved[0].hasPrefix("* OK [COPYUID ") && moved[0].contains(" 1,3 1:2] "))
        #expect(moved.last == "a NO [INUSE] Bartek Żak has this case")
        try await anna.expect("STATUS INBOX (MESSAGES)", has: "* STATUS \"INBOX\" (MESSAGES 2)")
        try await anna.expect("COPY 1:* Done", ["a NO [INUSE] Bartek Żak has this case"])
        try await anna.expect("STATUS Done (MESSAGES)", has: "* STATUS \"Done\" (MESSAGES 0)")
    }

    @Test func `what this agent moved elsewhere is moved already`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        let phone = try await desk.session("anna")
        try await anna.say("SELECT New")
        try await phone.say("SELECT New")
        try await phone.say("MOVE 1 Done")
        try await anna.expect("MOVE 1 Done", ["* 1 EXPUNGE", "a OK MOVE completed"])
    }

    @Test func `many messages of a case in one command are one decision`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        for number in 2...4 {
            await desk.deliver(
                "From: jan1@customer.example\nTo: help@acme.example\nSubject: Re: [#1] Question 1\n"
                    + "In-Reply-To: <q1@customer.example>\nMessage-ID: <r\(number)@customer.example>\n\nMore\n",
                from: "jan1@customer.example")
        }
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        let moved = try await anna.say("UID MOVE 2,4 INBOX")
        #expect(moved[0].contains(" 2,4 2,4] "))
        #expect(moved.count == 6)
        let decisions = try await desk.store.database.read {
            try $0.integer("SELECT count(*) FROM event WHERE agent_id IS NOT NULL AND kind = \(EventKind.assigned)")
        }
        #expect(decisions == 1)
    }
}

/// Moves of many messages and many cases, with colleagues who act on the same ones (DESIGN §3).
struct ManyMovesTests {
    private static func followUp(_ number: Int, _ desk: TestDesk) async {
        await desk.deliver(
            """
            From: jan\(number)@customer.example
            To: help@acme.example
            Subject: Re: Question \(number)
            In-Reply-To: <q\(number)@customer.example>
            Message-ID: <r\(number)@customer.example>

            More

            """, from: "jan\(number)@customer.example")
    }

    @Test func `a dragged thread is one decision and one event`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        await Self.followUp(1, desk)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: UID MOVE 1:2 INBOX
            S: * OK [COPYUID * 1:2 1:2] Moved
            S: * 2 EXPUNGE
            S: * 1 EXPUNGE
            S: a OK *
            """#)
        let events = try await desk.store.read { (transaction: Transaction) in
            try transaction.connection.integer("SELECT count(*) FROM event WHERE agent_id IS NOT NULL AND kind = 4")
        }
        #expect(events == 1)
    }

    @Test func `of many cases those move that may, and the NO names the others`() async throws {
        let desk = try await TestDesk()
        for number in 1...4 { await desk.deliver(number) }
        await desk.deliver(5, to: "returns@acme.example")
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: * 5 EXISTS
            S: ...
            C bartek: SELECT Nowe
            S: ...
            C bartek: UID MOVE 2 INBOX
            S: ...
            # Bartek has one, is no member of the pool of another; the rest goes to him.
            C: UID MOVE 1:5 Team/bartek
            S: * OK [COPYUID * 1,3:4 *] Moved
            S: ...
            S: a NO [*Bartek Żak*
            C: NOOP
            S: ...
            C: UID SEARCH ALL
            S: * SEARCH 5
            S: a OK *
            """#)
    }

    @Test func `COPY of many cases with one that may not is refused whole`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        await desk.deliver(3, to: "returns@acme.example")
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: UID COPY 1:3 Team/bartek
            S: a NO [NOPERM] *
            C bartek: STATUS Obserwowane (MESSAGES)
            S: * STATUS "Obserwowane" (MESSAGES 0)
            S: a OK *
            C: UID COPY 1:2 Team/bartek
            S: a OK *
            C bartek: STATUS Obserwowane (MESSAGES)
            S: * STATUS "Obserwowane" (MESSAGES 2)
            S: a OK *
            """#)
    }

    @Test func `a pipelined copy, mark and expunge over several cases is a move`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C| x1 UID COPY 1:3 Waiting␍␊x2 UID STORE 1:3 +FLAGS.SILENT (\Deleted)␍␊x3 EXPUNGE
            S: x1 OK [COPYUID * 1:3 1:3] COPY completed
            S: x2 OK STORE completed
            S: * 3 EXPUNGE
            S: * 2 EXPUNGE
            S: * 1 EXPUNGE
            S: x3 OK *
            C: STATUS Waiting (MESSAGES)
            S: * STATUS "Waiting" (MESSAGES 3)
            S: a OK *
            """#)
    }

    @Test func `who loses a case to a colleague is told in INBOX`() async throws {
        let desk = try await TestDesk { $0.pools[0].mayTakeOver = true }
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: UID MOVE 1 INBOX
            S: ...
            C bartek: SELECT "Zesp&APMBQg-/Anna Nowak"
            S: ...
            C bartek: UID MOVE 1 INBOX
            S: * OK [COPYUID *
            S: ...
            S: a OK *
            C: SELECT INBOX
            S: ...
            S: * 1 EXISTS
            S: ...
            C: FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])
            S: * 1 FETCH *
            S: Subject: *took over #1*
            S: ...
            # A notice is anybody's own to delete.
            C: MOVE 1 Trash
            S: * OK [COPYUID *
            S: * 1 EXPUNGE
            S: a OK *
            """#)
    }

    @Test func `a mail that is no customer's goes to Spam out of a case that we answered`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let (number, now) = (TicketNumber(rawValue: 1), desk.clock.now)
        // A note holds the case back, too.
        _ = try await desk.store.write { (transaction: Transaction) in
            try transaction.connection.run(
                "UPDATE message SET kind = \(MessageKind.note) WHERE ticket_id = \(number) AND internal_date <= \(now)")
        }
        await Self.followUp(1, desk)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: * 2 EXISTS
            S: ...
            C: UID MOVE 1 Spam
            S: a NO [CANNOT] What the desk wrote is no spam; *
            C: UID MOVE 2 Spam
            S: * OK [COPYUID * 2 1] Moved
            S: * 2 EXPUNGE
            S: a OK *
            C: STATUS Spam (MESSAGES)
            S: * STATUS "Spam" (MESSAGES 1)
            S: a OK *
            C: STATUS New (MESSAGES)
            S: * STATUS "New" (MESSAGES 1)
            S: a OK *
            """#)
    }
}
