import Testing

/// IMAP4rev2 (RFC 9051) beside rev1: what is different once it was enabled.
struct RFC9051Tests {
    @Test func `before ENABLE all is as in rev1`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY IMAP4rev1 * IMAP4rev2 *
            S: a OK *
            C: SELECT New
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS *
            S: * 1 EXISTS
            S: * 0 RECENT
            S: * OK [UNSEEN 1] *
            S: ...
            S! * LIST *
            S: a OK *
            C: SEARCH ALL
            S: * SEARCH 1
            S: a OK *
            """#)
    }

    @Test func `ENABLED names what is new`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: ENABLE IMAP4rev2 CONDSTORE
            S: * ENABLED IMAP4rev2 CONDSTORE
            S: a OK *
            C: ENABLE imap4REV2
            S: * ENABLED
            S: a OK *
            """#)
    }

    @Test func `SELECT tells the name and nothing of what is recent or unseen`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a OK *
            C: SELECT New
            S: * FLAGS *
            S: * OK [PERMANENTFLAGS *
            S: * 1 EXISTS
            S: * OK [UIDVALIDITY *
            S: * OK [UIDNEXT 2] *
            S: * OK [HIGHESTMODSEQ *
            S: * OK [MAILBOXID *
            S: * LIST (\HasNoChildren) "/" "New"
            S: a OK [READ-WRITE] *
            # The other language's name is an old one.
            C: EXAMINE Nowe
            S: * OK [CLOSED] *
            S: ...
            S: * LIST (\HasNoChildren) "/" "New" ("OLDNAME" ("Nowe"))
            S: a OK [READ-ONLY] *
            C: SELECT inbox
            S: ...
            S: * LIST (\HasNoChildren) "/" "INBOX"
            S: a OK *
            C: SELECT Sent
            S: ...
            S: * LIST (\HasNoChildren \Sent) "/" "Sent"
            S: a OK *
            C: SELECT Team
            S: ...
            S: * LIST (\HasChildren) "/" "Team"
            S: a OK *
            C: SELECT None
            S: * OK [CLOSED] *
            S: a NO [NONEXISTENT] *
            """#)
    }

    @Test func `new mail is not recent`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a OK *
            C: SELECT New
            S: ...
            S: a OK *
            D: 1
            C: NOOP
            S: * 1 EXISTS
            S: a OK *
            C: FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS ())
            S: a OK *
            C: SEARCH RECENT
            S: * ESEARCH (TAG "d5")
            S: a OK *
            # A session in rev1 finds it recent all the same.
            C anna2: SELECT New
            S: ...
            S: * 0 RECENT
            S: ...
            S: a OK *
            """#)
    }

    @Test func `a session that had a mailbox selected forgets what was recent`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            D: 1
            C: NOOP
            S: * 1 EXISTS
            S: * 1 RECENT
            S: a OK *
            C: ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a OK *
            C: FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS ())
            S: a OK *
            """#)
    }

    @Test func `searches are answered by ESEARCH`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a OK *
            C: SELECT New
            S: ...
            S: a OK *
            C: SEARCH ALL
            S: * ESEARCH (TAG "d3") ALL 1:3
            S: a OK *
            C: UID SEARCH SUBJECT "Question 2"
            S: * ESEARCH (TAG "d4") UID ALL 2
            S: a OK *
            C: UID SEARCH SUBJECT nothing
            S: * ESEARCH (TAG "d5") UID
            S: a OK *
            C: SEARCH RETURN (SAVE) NOT 2
            S: a OK *
            C: FETCH $ UID
            S: * 1 FETCH (UID 1)
            S: * 3 FETCH (UID 3)
            S: a OK *
            C: SEARCH RETURN (MIN COUNT) CHARSET UTF-8 ALL
            S: * ESEARCH (TAG "d8") MIN 1 COUNT 3
            S: a OK *
            C: SEARCH CHARSET KOI8-R ALL
            S: a NO [BADCHARSET (UTF-8 US-ASCII)] *
            """#)
    }

    @Test func `names are UTF-8, and what a name was is told`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a OK *
            C: CREATE "Private/Gęś"
            S: a OK [MAILBOXID *
            C: RENAME "Private/Gęś" "Private/Żółw"
            S: * LIST (\HasNoChildren) "/" "Private/Żółw" ("OLDNAME" ("Private/Gęś"))
            S: a OK *
            C: LIST "" "Private/%"
            S: * LIST (\HasNoChildren) "/" "Private/Żółw"
            S: a OK *
            """#)
        let anna = try await desk.session("anna")
        try await anna.say("ENABLE IMAP4rev2")
        // A name that is not in NFC is shown as it is now, beside what it was.
        let told = try await anna.say("CREATE \"Private/Ko\u{304}\"")
        #expect(told.first == "* LIST (\\HasNoChildren) \"/\" \"Private/K\u{14D}\" (\"OLDNAME\" (\"Private/Ko\u{304}\"))")
        #expect(
            try await anna.say("EXAMINE \"Private/Ko\u{304}\"").contains(
                "* LIST (\\HasNoChildren) \"/\" \"Private/K\u{14D}\" (\"OLDNAME\" (\"Private/Ko\u{304}\"))"))
        #expect(try await anna.say("CREATE Private/plain").count == 1)
    }

    @Test func `what rev2 took in from extensions is there`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a OK *
            C: STATUS New (MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE)
            S: * STATUS "New" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY * UNSEEN 3 SIZE * DELETED 0)
            S: a OK *
            C: LIST "" New RETURN (STATUS (MESSAGES))
            S: * LIST (\HasNoChildren) "/" "New"
            S: * STATUS "New" (MESSAGES 3)
            S: a OK *
            C: NAMESPACE
            S: * NAMESPACE *
            S: a OK *
            C: SELECT New
            S: ...
            S: a OK *
            C: STORE 1 +FLAGS ($Forwarded $MDNSent $Junk $NotJunk $Phishing)
            S: * 1 FETCH (UID 1 FLAGS ($Forwarded $Junk $NotJunk $MDNSent $Phishing))
            S: a OK *
            C: UID FETCH 2 BINARY.PEEK[1]<0.4>
            S: * 2 FETCH (UID 2 BINARY[1]<0> {4}
            S: Text)
            S: a OK *
            C: UID MOVE 1 INBOX
            S: * OK [COPYUID * 1 1] *
            S: * 1 EXPUNGE
            S: a OK MOVE completed
            C: UNSELECT
            S: a OK *
            C: DELETE Private/none
            S: a NO [NONEXISTENT] *
            C: CREATE Private/a/b
            S: a OK *
            C: DELETE Private/a
            S: a NO [HASCHILDREN] *
            # What rev2 has no more still works.
            C: LSUB "" New
            S: * LSUB *
            S: a OK *
            C: CHECK
            S: a BAD Select a mailbox first
            """#)
    }

    @Test func `UID EXPUNGE takes what is named and marked`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.say("ENABLE IMAP4rev2")
        for number in 1...3 {
            let mail = "Subject: \(number)\r\n\r\nx\r\n"
            _ = try await anna.write("x APPEND Templates (\\Deleted) {\(mail.utf8.count)+}\r\n\(mail)\r\n")
        }
        try await anna.say("SELECT Templates")
        try await anna.expect("UID EXPUNGE 2:2", ["* 2 EXPUNGE", "a OK EXPUNGE completed"])
        try await anna.expect("EXPUNGE", ["* 2 EXPUNGE", "* 1 EXPUNGE", "a OK EXPUNGE completed"])
    }
}
