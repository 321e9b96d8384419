import Desk
import Mailboxes
import Testing

/// What mail clients send, as far as it is known, and what they punish.
struct WhatClientsSendTests {
    @Test func `commands in the packet of DONE are carried out`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: IDLE
            S: + idling
            # Phones do so since iOS 18.
            C| DONE␍␊x UID FETCH 1 (FLAGS)␍␊y IDLE
            S: a OK IDLE ended
            S: * 1 FETCH (UID 1 FLAGS ())
            S: x OK *
            S: + idling
            C| DONE␍␊z NOOP
            S: y OK IDLE ended
            S: z OK *
            """#)
    }

    @Test func `every form of a set is understood`() async throws {
        let desk = try await TestDesk()
        for number in 1...6 { await desk.deliver(number) }
        let rows = [
            ("1,3,5", "1 3 5"), ("2:4", "2 3 4"), ("4:2", "2 3 4"), ("*", "6"), ("*:5", "5 6"), ("5:*", "5 6"),
            ("99:*", "6"), ("*:99", "6"), ("1:2,2:3,6", "1 2 3 6"), ("1:*", "1 2 3 4 5 6"), ("99", ""),
            ("4294967295:*", "6"), ("3,99", "3"), ("*,1", "1 6"),
        ]
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        for (set, uids) in rows {
            let told = try await anna.say("UID FETCH \(set) (UID)").dropLast().compactMap {
                $0.split(separator: " ").last?.dropLast()
            }
            #expect(told.joined(separator: " ") == uids, "\(set)")
            #expect(try await anna.say("UID SEARCH UID \(set)")[0] == "* SEARCH" + (uids.isEmpty ? "" : " \(uids)"))
        }
        for set in ["", "0", "1:", ":1", "1,,2", "1:2:3", "a", "-1", "4294967296", "1,", "*:"] {
            #expect(try await anna.say("UID FETCH \(set) (UID)").last?.hasPrefix("a BAD") == true, "\(set)")
        }
    }

    @Test func `EXISTS comes on change and at no other time`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: NOOP
            S: a OK *
            C: CHECK
            S: a OK *
            C: SEARCH ALL
            S: * SEARCH 1
            S: a OK *
            # Nothing to remove: a client of Apple begins IDLE anew for ever if this brings EXISTS.
            C: EXPUNGE
            S: a OK *
            C: UID EXPUNGE 1:*
            S: a OK *
            C: IDLE
            S: + idling
            W:
            C| DONE
            S: a OK *
            C: UID MOVE 1 INBOX
            S: * OK [COPYUID *
            S: * 1 EXPUNGE
            S: a OK *
            """#)
    }

    @Test(arguments: ["anna", "bartek", "celina", "olga"])
    func `every level can be selected, and nothing that is listed is not there`(agent: String) async throws {
        let desk = try await TestDesk()
        let client = try await desk.session(agent)
        try await client.say("CREATE Private/one/two/three")
        let lines = try await client.say("LIST \"\" *").dropLast()
        #expect(lines.count > 20)
        for line in lines {
            #expect(!line.contains("\\Noselect") && !line.contains("\\NonExistent"), "\(line)")
            guard let name = line.split(separator: "\"/\" ").last else { continue }
            #expect(try await client.say("EXAMINE \(name)").last == "a OK [READ-ONLY] Selected", "\(name)")
            #expect(try await client.say("STATUS \(name) (MESSAGES)").count == 2, "\(name)")
        }
    }

    @Test func `system mailboxes are subscribed, and no more when they go`() async throws {
        let desk = try await TestDesk()
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: LSUB "" (Groups/%)
            S: a BAD *
            C: LSUB "" Groups/%
            S: * LSUB (\HasNoChildren) "/" "Groups/Second line"
            S: a OK *
            C: SUBSCRIBE "Groups/Second line"
            S: a OK *
            """#)
        try await desk.apply { $0.groups = [] }
        try await dialogue.run(
            #"""
            C: LSUB "" Groups/%
            S: a OK *
            C: LIST (SUBSCRIBED) "" Groups/%
            S: a OK *
            """#)
    }

    @Test func `a MOVE of what is gone is OK, but for what a colleague took unseen`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C anna2: SELECT New
            S: ...
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            # Moved by the same agent on another device.
            C anna2: UID MOVE 1 Done
            S: ...
            S: a OK *
            C: UID MOVE 1 Done
            S: * 1 EXPUNGE
            S: a OK MOVE completed
            # Taken by a colleague, and this session was not told.
            C bartek: UID MOVE 2 INBOX
            S: ...
            S: a OK *
            C: UID MOVE 2 INBOX
            S: * 1 EXPUNGE
            S: a NO [INUSE] Bartek Żak has taken this case
            # Told by now.
            C: UID MOVE 2 INBOX
            S: a OK MOVE completed
            """#)
    }

    @Test func `news come where Thunderbird looks for them, and to others a moment later`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        var configuration = SessionConfiguration(announcementInterval: .zero)
        configuration.newsDelay = .seconds(5)
        let dialogue = Dialogue(desk, as: "anna", configuration)
        func news(_ number: Int) -> String {
            #"""
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: UID MOVE * INBOX
            S: ...
            S: a OK *
            D: \#(number)
            C: UID FETCH 1 (UID)
            S: * 1 FETCH (UID 1)
            S: a OK *
            C: UID STORE 1 +FLAGS.SILENT (\Answered)
            S: a OK *
            C: GETQUOTAROOT New
            S: * QUOTAROOT "New"
            S: a OK *

            """#
        }
        try await dialogue.run(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            \#(news(4))
            C: IDLE
            S: + idling
            S: * 3 EXPUNGE
            S: * 3 EXISTS
            S: ...
            C| DONE␍␊x NOOP
            S: a OK *
            S: x OK *
            """#)
        // One that never idles or asks.
        try await dialogue.run(news(5))
        desk.clock.advance(by: .seconds(5))
        try await dialogue.run(
            #"""
            C: UID FETCH 1 (UID)
            S: * 1 FETCH (UID 1)
            S: * 3 EXPUNGE
            S: * 3 EXISTS
            S: ...
            S: a OK *
            """#)
        // VANISHED is looked for everywhere.
        try await dialogue.run(
            #"""
            C: ENABLE QRESYNC
            S: ...
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: UID MOVE * INBOX
            S: ...
            S: a OK *
            C: UID FETCH 1 (UID)
            S: * 1 FETCH (UID 1)
            S: * VANISHED *
            S: ...
            S: a OK *
            """#)
    }

    @Test func `sizes are exact`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        func number(in line: String, behind mark: String) -> Int? {
            line.firstRange(of: mark).flatMap { Int(line[$0.upperBound...].prefix { $0.isNumber }) }
        }
        let size = number(in: try await anna.say("FETCH 1 RFC822.SIZE")[0], behind: "RFC822.SIZE ")
        let whole = try await anna.say("FETCH 1 BODY.PEEK[]")
        let header = number(in: try await anna.say("FETCH 1 BODY.PEEK[HEADER]")[0], behind: "{")
        let text = number(in: try await anna.say("FETCH 1 BODY.PEEK[TEXT]")[0], behind: "{")
        #expect(size == number(in: whole[0], behind: "{"))
        #expect(size == (header ?? 0) + (text ?? 0))
        // The lines between the first and the closing parenthesis, with their line ends.
        #expect(size == whole.dropFirst().dropLast(2).reduce(0) { $0 + $1.utf8.count + 2 })
        #expect(size == number(in: try await anna.say("STATUS New (SIZE)")[0], behind: "SIZE "))
    }

    @Test func `Thunderbird's first minute`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: NAMESPACE
            S: ...
            S: a OK *
            C: ID ("name" "Thunderbird" "version" "128.0")
            S: ...
            S: a OK *
            C: ENABLE UTF8=ACCEPT
            S: * ENABLED*
            S: a OK *
            C: LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE)
            S: * LIST (*\Subscribed*) "/" "INBOX"
            S: ...
            S: * LIST (*\Subscribed \Trash) "/" "Trash"
            S: ...
            S: a OK *
            C: SELECT "New"
            S: ...
            S: * OK [PERMANENTFLAGS (* \*)] *
            S: ...
            S: a OK *
            C: UID FETCH 1:* (FLAGS)
            S: * 1 FETCH (UID 1 FLAGS ())
            S: a OK *
            C: UID FETCH 1 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)])
            S: * 1 FETCH (UID 1 RFC822.SIZE * FLAGS () BODY[HEADER.FIELDS (From To *)] {*}
            S: ...
            S: a OK *
            C: UID STORE 1 +FLAGS ($label1 zw=c3=b3lw)
            S: ...
            S: * 1 FETCH (UID 1 FLAGS (*$label1*))
            S: a OK *
            C: STATUS "INBOX" (UIDNEXT MESSAGES UNSEEN RECENT)
            S: * STATUS "INBOX" (MESSAGES 0 RECENT 0 UIDNEXT 1 UNSEEN 0)
            S: a OK *
            """#)
    }

    @Test func `Apple Mail, Outlook and the phones`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            # Apple: SELECT before any LIST, everything by range, and mod-sequence 0.
            C: SELECT INBOX
            S: ...
            S: a OK *
            C: FETCH 1:* (FLAGS UID)
            S: a OK *
            C: SELECT New (CONDSTORE)
            S: ...
            S: a OK *
            C: UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)
            S: * 1 FETCH (UID 1 FLAGS () MODSEQ (*))
            S: a OK *
            C: LIST "" "*" RETURN (SPECIAL-USE)
            S: ...
            S: * LIST (*\Drafts) "/" "Drafts"
            S: ...
            S: a OK *
            # Outlook: plain LIST, the old names of items, XLIST where it hopes for it.
            C: LIST "" "*"
            S: ...
            S: a OK *
            C: UID FETCH 1 (RFC822.PEEK RFC822.SIZE)
            S: * 1 FETCH (UID 1 RFC822 {*}
            S: ...
            S: a OK *
            C: XLIST "" "*"
            S: ...
            S: a OK *
            # K-9 finds its draft by Message-ID.
            C: UID SEARCH HEADER MESSAGE-ID <q1@customer.example>
            S: * SEARCH 1
            S: a OK *
            """#)
    }

    @Test func `a session knows what it appended, whatever command came before`() async throws {
        let desk = try await TestDesk()
        var configuration = SessionConfiguration(announcementInterval: .zero)
        configuration.newsDelay = .seconds(5)
        try await Dialogue(desk, as: "anna", configuration).run(
            #"""
            C: SELECT Drafts
            S: ...
            S: a OK *
            C: APPEND Drafts {8+}␍␊A: b␍␊␍␊
            S: * 1 EXISTS
            S: ...
            S: a OK [APPENDUID * 1] APPEND completed
            C: UID FETCH 1 (UID)
            S: * 1 FETCH (UID 1)
            S: a OK *
            C: APPEND Drafts {8+}␍␊A: c␍␊␍␊
            S: * 2 EXISTS
            S: ...
            S: a OK [APPENDUID * 2] APPEND completed
            C: UID FETCH 2 (UID)
            S: * 2 FETCH (UID 2)
            S: a OK *
            C: UID REPLACE 2 Drafts {8+}␍␊A: d␍␊␍␊
            S: ...
            S: * 3 EXISTS
            S: ...
            S: * 2 EXPUNGE
            S: a OK *
            """#)
    }

    @Test func `tags that come with an APPEND are as few and as short as those of STORE`() async throws {
        let anna = try await TestDesk().session("anna")
        let many = (1...101).map { "k\($0)" }.joined(separator: " ")
        try await anna.expect("APPEND Drafts (\(many)) {3+}\r\nabc", ["a NO [LIMIT] A message has 100 tags at most"])
        let long = String(repeating: "k", count: 101)
        try await anna.expect("APPEND Drafts (\(long)) {3+}\r\nabc", ["a NO [LIMIT] A keyword has 100 octets at most"])
        try await anna.expect("STATUS Drafts (MESSAGES)", has: "* STATUS \"Drafts\" (MESSAGES 0)")
    }

    @Test func `an IDLE that an APPEND cuts off is answered under its tag`() async throws {
        let anna = try await TestDesk().session("anna")
        #expect(try await anna.write("i IDLE\r\n") == ["+ idling"])
        let answers = try await anna.write("b APPEND Drafts {3+}\r\nabc\r\n")
        #expect(answers.first == "i BAD IDLE ends with DONE")
        #expect(answers.last?.hasPrefix("b OK ") == true)
    }

    @Test func `mistakes are forgiven to who does something right in between`() async throws {
        let anna = try await TestDesk().session("anna")
        for _ in 1...50 {
            #expect(try await anna.say("NONSENSE").last?.hasPrefix("a BAD ") == true)
            try await anna.expect("NOOP", ["a OK NOOP completed"])
        }
    }

    @Test func `a mailbox made anew has a higher UIDVALIDITY`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        var last = 0
        for _ in 1...3 {
            try await anna.say("CREATE Private/again")
            let line = try await anna.say("STATUS Private/again (UIDVALIDITY)")[0]
            let validity = Int(line.split(separator: " ").last?.dropLast() ?? "") ?? 0
            #expect(validity > last)
            last = validity
            try await anna.say("DELETE Private/again")
        }
    }

    @Test func `what clients were found to stumble over is not offered`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY *
            S! * UIDONLY*
            S! * COMPRESS*
            S! * URLAUTH*
            S: a OK *
            """#)
    }

    @Test func `a command may be 64 KiB long`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        // Ranges that do not touch, as long as a line may be.
        var set = "1"
        var next = 3
        while set.utf8.count < 50_000 {
            set += ",\(next)"
            next += 2
        }
        #expect(try await anna.say("UID FETCH \(set) (UID)").first == "* 1 FETCH (UID 1)")
        let tooLong = String(repeating: "x", count: 70_000)
        #expect(try await anna.say("NOOP \(tooLong)").last?.hasPrefix("a BAD [LIMIT]") == true)
        try await anna.expect("NOOP", ["a OK NOOP completed"])
    }
}
