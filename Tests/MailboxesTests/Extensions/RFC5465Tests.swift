import Desk
import Testing

/// NOTIFY (RFC 5465).
struct RFC5465Tests {
    @Test func `new mail comes with what was asked for, between commands`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: NOTIFY SET (SELECTED (MessageNew (UID BODY[TEXT]) MessageExpunge FlagChange))
            S: a OK NOTIFY completed
            C: SELECT New
            S: ...
            S: a OK *
            W:
            D: 2
            D: 3
            W:
            S: * 3 EXISTS
            S: * 2 RECENT
            S: * 2 FETCH (UID 2 BODY[TEXT] {8}
            S: Text 2
            S: )
            S: * 3 FETCH (UID 3 BODY[TEXT] {8}
            S: Text 3
            S: )
            # To be told of a mail is not to have read it.
            C: SEARCH UNSEEN
            S: * SEARCH 1 2 3
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: STORE 1 +FLAGS.SILENT (urgent)
            S: a OK *
            W:
            S: * FLAGS (* urgent)
            S: * OK [PERMANENTFLAGS *
            S: * 1 FETCH (UID 1 FLAGS (urgent))
            C bartek: MOVE 2 INBOX
            S: ...
            S: a OK *
            W:
            S: * 2 EXPUNGE
            # What it does itself is answered, and told no more.
            C: STORE 1 +FLAGS (\Answered)
            S: * 1 FETCH (UID 1 FLAGS (*\Answered* urgent))
            S: a OK *
            W:
            """#)
    }

    @Test func `with SELECTED-DELAYED sequence numbers shift only where they may`() async throws {
        let desk = try await TestDesk()
        for number in 1...3 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: NOTIFY SET (selected-delayed (MessageNew MessageExpunge))
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: MOVE 1 INBOX
            S: ...
            S: a OK *
            D: 4
            W:
            S: * 4 EXISTS
            S: * 1 RECENT
            C: FETCH 3 UID
            S: * 3 FETCH (UID 3)
            S: a OK *
            C: NOOP
            S: * 1 EXPUNGE
            S: a OK *
            # FlagChange was not asked for.
            C bartek: STORE 1 +FLAGS.SILENT (\Answered)
            S: ...
            S: a OK *
            W:
            C: NOOP
            S: a OK *
            """#)
    }

    @Test func `with SELECTED an expunge that a command held back follows it`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: NOTIFY SET (SELECTED (MessageNew MessageExpunge))
            S: a OK *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: MOVE 1 INBOX
            S: ...
            S: a OK *
            C: FETCH 2 UID
            S: * 2 FETCH (UID 2)
            S: a OK *
            W:
            S: * 1 EXPUNGE
            """#)
    }

    @Test func `without events of the selected mailbox it stands still, but for what the client does`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            S: a OK *
            C: NOTIFY SET (SELECTED NONE)
            S: a OK *
            D: 3
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: STORE 1 +FLAGS.SILENT (\Answered)
            S: a OK *
            W:
            C: NOOP
            S: a OK *
            C: UID MOVE 2 INBOX
            S: * OK [COPYUID *
            S: * 2 EXPUNGE
            S: a OK *
            # NOTIFY SET implies NOOP (§3.1): what was not told is told now.
            C: NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange))
            S: * 2 EXISTS
            S: ...
            S: a OK *
            C: NOTIFY NONE
            S: a OK *
            D: 4
            W:
            C: IDLE
            S: + idling
            W:
            C| DONE
            S: a OK *
            """#)
    }

    @Test func `other mailboxes are told of by STATUS`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT Drafts
            S: ...
            S: a OK *
            C: NOTIFY SET STATUS (SELECTED (MessageNew MessageExpunge)) (MAILBOXES (New INBOX Nowhere) (MessageNew MessageExpunge))
            S: * STATUS "INBOX" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY *)
            S: * STATUS "New" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ${v})
            S: a OK *
            W:
            D: 2
            D: 3
            # Coalesced: one response for both.
            W:
            S: * STATUS "New" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY ${v})
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: MOVE 1 INBOX
            S: ...
            S: a OK *
            W:
            S: * STATUS "New" (MESSAGES 2 UIDNEXT 4 UIDVALIDITY ${v})
            # Flags were not asked for.
            C bartek: STORE 1 +FLAGS.SILENT (\Answered)
            S: a OK *
            W:
            # While it is selected, what SELECTED says counts.
            C: SELECT New
            S: ...
            S: a OK *
            D: 4
            W:
            S: * 3 EXISTS
            S: * 1 RECENT
            # As it was left, it is one of the others again.
            C: UNSELECT
            S: a OK *
            W:
            S: * STATUS "New" (MESSAGES 3 UIDNEXT 5 UIDVALIDITY ${v})
            C: IDLE
            S: + idling
            D: 5
            W:
            S: * STATUS "New" (MESSAGES 4 UIDNEXT 6 UIDVALIDITY ${v})
            C| DONE
            S: a OK *
            """#)
    }

    @Test func `flags in other mailboxes are told by UNSEEN, and by HIGHESTMODSEQ where it is known`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: NOTIFY SET STATUS (MAILBOXES New (MessageNew MessageExpunge FlagChange))
            S: * STATUS "New" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY * UNSEEN 1 HIGHESTMODSEQ *)
            S: a OK *
            C anna2: SELECT New
            S: ...
            S: a OK *
            C anna2: STORE 1 +FLAGS.SILENT (\Seen)
            S: a OK *
            W:
            S: * STATUS "New" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY * UNSEEN 0)
            C anna2: STORE 1 +FLAGS.SILENT (tag)
            S: a OK *
            W:
            C: ENABLE CONDSTORE
            S: ...
            S: a OK *
            C anna2: STORE 1 +FLAGS.SILENT (other)
            S: a OK *
            W:
            S: * STATUS "New" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY * UNSEEN 0 HIGHESTMODSEQ *)
            """#)
    }

    @Test func `what the client does itself it is not told of`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge)) (PERSONAL (MessageNew MessageExpunge MailboxName SubscriptionChange))
            S: a OK *
            C: CREATE Private/a/b
            S: a OK *
            C: SUBSCRIBE Private/a/b
            S: a OK *
            C: RENAME Private/a Private/c
            S: a OK *
            C: DELETE Private/c/b
            S: a OK *
            W:
            C: APPEND Private/c {19+}␍␊Subject: x␍␊␍␊Text!
            S: a OK *
            W:
            C: SELECT Private/c
            S: ...
            S: a OK *
            # EXISTS there must be, FETCH there need not (§5.2).
            C: APPEND Private/c {19+}␍␊Subject: y␍␊␍␊Text!
            S: * 2 EXISTS
            S: * 1 RECENT
            S: a OK *
            W:
            C anna2: APPEND Private/c {19+}␍␊Subject: z␍␊␍␊Text!
            S: a OK *
            W:
            S: * 3 EXISTS
            S: * 2 RECENT
            S: * 3 FETCH (UID 3)
            """#)
    }

    @Test func `names and subscriptions that another client changes are told`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: NOTIFY SET (PERSONAL (MailboxName SubscriptionChange))
            S: a OK *
            C anna2: CREATE Private/a
            S: a OK *
            W:
            S: * LIST (\HasNoChildren) "/" "Private/a"
            S: * LIST (\HasChildren \Subscribed) "/" "Private"
            C anna2: CREATE Private/a/b
            S: a OK *
            W:
            S: * LIST (\HasNoChildren) "/" "Private/a/b"
            S: * LIST (\HasChildren) "/" "Private/a"
            C anna2: SUBSCRIBE Private/a
            S: a OK *
            W:
            S: * LIST (\HasChildren \Subscribed) "/" "Private/a"
            # What is below goes along without a word (§5.4).
            C anna2: RENAME Private/a Private/z
            S: a OK *
            W:
            S: * LIST (\HasChildren \Subscribed) "/" "Private/z" ("OLDNAME" ("Private/a"))
            C anna2: DELETE Private/z/b
            S: a OK *
            W:
            S: * LIST (\NonExistent) "/" "Private/z/b"
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/z"
            C anna2: UNSUBSCRIBE Waiting
            S: a OK *
            W:
            S: * LIST (\HasNoChildren) "/" "Waiting"
            # Another account's are none of its business.
            C bartek: CREATE Prywatne/x
            S: a OK *
            W:
            """#)
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: NOTIFY SET (SUBTREE Groups (MailboxName))
            S: a OK *
            """#)
        try await desk.apply { $0.groups.append(GroupDefinition(name: "Third", members: ["anna@acme.example"])) }
        try await dialogue.run(
            #"""
            W:
            S: ...
            S: * LIST (\HasNoChildren \Subscribed) "/" "Groups/Third"
            S: ...
            """#)
    }

    @Test func `annotations that another client changes are told by name`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: SELECT INBOX
            S: ...
            S: a OK *
            C anna2: SETMETADATA Drafts (/private/old "1" /private/kept "1")
            S: a OK *
            C: NOTIFY SET (PERSONAL (MailboxMetadataChange))
            S: a OK *
            W:
            C anna2: SETMETADATA Drafts (/private/comment "mine" /private/old NIL /private/kept "1")
            S: a OK *
            C anna2: SETMETADATA Szablony (/private/comment "mine")
            S: a OK *
            # The selected mailbox is a mailbox, too; a level above mailboxes as well.
            C anna2: SETMETADATA INBOX (/private/comment "mine")
            S: a OK *
            C anna2: SETMETADATA Private (/private/comment "mine")
            S: a OK *
            W:
            S: * METADATA "INBOX" /private/comment
            S: * METADATA "Drafts" /private/comment /private/old
            S: * METADATA "Templates" /private/comment
            S: * METADATA "Private" /private/comment
            C anna2: SETMETADATA Drafts (/private/comment "new")
            S: a OK *
            W:
            S: * METADATA "Drafts" /private/comment
            # The same value again is no change.
            C anna2: SETMETADATA Drafts (/private/comment "new")
            S: a OK *
            W:
            # Not asked for: of the server, and of mailboxes that are not its own.
            C anna2: SETMETADATA "" (/private/comment "server")
            S: a OK *
            C anna2: SETMETADATA Team (/private/comment "level")
            S: a OK *
            W:
            # Another account's are none of its business.
            C bartek: SETMETADATA INBOX (/private/comment "his")
            S: a OK *
            W:
            # What the client does itself it is not told of, unless somebody changes it again.
            C: SETMETADATA Sent (/private/comment "1")
            S: a OK *
            W:
            C: SETMETADATA Sent (/private/comment NIL)
            S: a OK *
            W:
            C: SETMETADATA Sent (/private/comment "2")
            S: a OK *
            C anna2: SETMETADATA Sent (/private/comment "3")
            S: a OK *
            W:
            S: * METADATA "Sent" /private/comment
            # While idling, too.
            C: IDLE
            S: + idling
            C anna2: SETMETADATA Sent (/private/comment NIL)
            S: a OK *
            W:
            S: * METADATA "Sent" /private/comment
            C| DONE
            S: a OK *
            C: NOTIFY NONE
            S: a OK *
            C anna2: SETMETADATA Sent (/private/comment "4")
            S: a OK *
            W:
            """#)
    }

    @Test func `annotations of the server are told whatever mailboxes the group is about`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: NOTIFY SET (MAILBOXES Drafts (ServerMetadataChange))
            S: a OK *
            C anna2: SETMETADATA "" (/private/vendor/acme/a "1" /private/vendor/acme/b "1")
            S: a OK *
            C anna2: SETMETADATA Drafts (/private/comment "not asked for")
            S: a OK *
            W:
            S: * METADATA "" /private/vendor/acme/a /private/vendor/acme/b
            C: SETMETADATA "" (/private/vendor/acme/a NIL)
            S: a OK *
            W:
            C anna2: SETMETADATA "" (/private/vendor/acme/b NIL)
            S: a OK *
            W:
            S: * METADATA "" /private/vendor/acme/b
            """#)
    }

    @Test func `what the desk says of a mailbox is told when it changes`() async throws {
        let desk = try await TestDesk()
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: NOTIFY SET (SUBTREE (Groups Pools) (MailboxMetadataChange)) (PERSONAL (ServerMetadataChange))
            S: a OK *
            """#)
        try await desk.apply { $0.groups[0].members.append("ewa@acme.example") }
        try await dialogue.run(
            #"""
            W:
            S: * METADATA "Groups/Second line" /shared/comment
            C: GETMETADATA "Groups/Second line" /shared/comment
            S: * METADATA "Groups/Second line" (/shared/comment {21}
            S: Bartek Żak, Ewa Wilk)
            S: a OK *
            """#)
    }

    @Test func `an account without METADATA has no events of it`() async throws {
        try await TestDesk { $0.agents[0].imapWithout = ["METADATA"] }.dialogue(
            #"""
            C: NOTIFY SET (PERSONAL (MailboxMetadataChange))
            S: a NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange)] *
            C: NOTIFY SET (PERSONAL (MailboxName))
            S: a OK *
            """#)
    }

    @Test func `many annotations are told in responses of bounded length`() async throws {
        let desk = try await TestDesk()
        let other = try await desk.session("anna")
        let dialogue = Dialogue(desk)
        try await dialogue.run("C: NOTIFY SET (PERSONAL (MailboxMetadataChange))\nS: a OK *")
        for part in 0..<3 {
            let entries = (0..<50).map { "/private/e\(100 + part * 50 + $0) \"x\"" }
            try await other.say("SETMETADATA INBOX (\(entries.joined(separator: " ")))")
        }
        try await dialogue.run(
            #"""
            W:
            S: * METADATA "INBOX" /private/e100 * /private/e199
            S: * METADATA "INBOX" /private/e200 * /private/e249
            """#)
    }

    @Test func `filters choose mailboxes, and more than one may concern a mailbox`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CREATE Private/t/u
            S: a OK *
            C: NOTIFY SET STATUS (INBOXES (MessageNew MessageExpunge))
            S: * STATUS "INBOX" *
            S: * STATUS "New" *
            S: * STATUS "Spam" *
            S: a OK *
            C: NOTIFY SET STATUS (SUBTREE (Private/t Pule) (MessageNew MessageExpunge))
            S: * STATUS "Private/t" *
            S: * STATUS "Private/t/u" *
            S: * STATUS "Pools/Help" *
            S: * STATUS "Pools/Returns" *
            S: a OK *
            # Wildcards mean nothing (§6.6).
            C: NOTIFY SET STATUS (MAILBOXES (* Private/%) (MessageNew MessageExpunge))
            S: a *
            C: NOTIFY SET STATUS (MAILBOXES ("*" "Private/%") (MessageNew MessageExpunge))
            S: a OK *
            C: NOTIFY SET STATUS (MAILBOXES INBOX (MessageNew MessageExpunge)) (PERSONAL (SubscriptionChange))
            S: * STATUS "INBOX" *
            S: a OK *
            C: NOTIFY SET STATUS (PERSONAL (MessageNew MessageExpunge))
            S: * STATUS "INBOX" *
            S: ...
            S: * STATUS "Private/t/u" *
            S: a OK *
            S! * STATUS "Team/*
            S! * STATUS "Groups/*
            S! * STATUS "Pools/*
            C: NOTIFY SET STATUS (SUBSCRIBED (MessageNew MessageExpunge))
            S: * STATUS "INBOX" *
            S: ...
            S: a OK *
            S! * STATUS "Private/t*
            S! * STATUS "Pools/*
            # The list is evaluated anew when it changes (§6.4).
            C: SUBSCRIBE Private/t
            S: a OK *
            W:
            C anna2: APPEND Private/t {19+}␍␊Subject: x␍␊␍␊Text!
            S: a OK *
            W:
            S: * STATUS "Private/t" (MESSAGES 1 UIDNEXT 2 *)
            """#)
    }

    @Test func `what cannot be asked for is refused and changes nothing`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: NOTIFY SET (MAILBOXES New (MessageNew MessageExpunge))
            S: a OK *
            C: NOTIFY
            S: a BAD *
            C: NOTIFY SET
            S: a BAD *
            C: NOTIFY SET (SELECTED MessageNew)
            S: a BAD *
            C: NOTIFY SET (SELECTED ())
            S: a BAD *
            C: NOTIFY SET (UNHEARD (MessageNew MessageExpunge))
            S: a BAD *
            C: NOTIFY SET (SELECTED (MessageNew))
            S: a BAD MessageNew and MessageExpunge go together
            C: NOTIFY SET (SELECTED (FlagChange))
            S: a BAD FlagChange needs MessageNew and MessageExpunge
            C: NOTIFY SET (SELECTED (MessageNew MessageExpunge MailboxName))
            S: a BAD Only events of messages *
            C: NOTIFY SET (SELECTED (MailboxMetadataChange))
            S: a BAD Only events of messages *
            C: NOTIFY SET (SELECTED-DELAYED (ServerMetadataChange))
            S: a BAD Only events of messages *
            C: NOTIFY SET (PERSONAL (MessageNew (UID) MessageExpunge))
            S: a BAD Items *
            C: NOTIFY SET (SELECTED (MessageNew () MessageExpunge))
            S: a BAD *
            C: NOTIFY SET (SELECTED NONE) (SELECTED-DELAYED NONE)
            S: a BAD *
            C: NOTIFY SET (MAILBOXES () NONE)
            S: a BAD *
            C: NOTIFY SET (SELECTED (MessageNew MessageExpunge AnnotationChange))
            S: a NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)] *
            C: NOTIFY SET (PERSONAL (Unheard))
            S: a NO [BADEVENT (MessageNew *)] *
            # The first still holds.
            D: 2
            W:
            S: * STATUS "New" (MESSAGES 2 *)
            """#)
        try await desk.dialogue(
            as: nil,
            #"""
            C: NOTIFY NONE
            S: a BAD Log in first
            C: LOGIN bartek@acme.example secret
            S: a OK [CAPABILITY * NOTIFY *
            """#)
    }

    @Test func `more mailboxes than can be watched are refused, or end it`() async throws {
        let desk = try await TestDesk()
        let other = try await desk.session("anna")
        for number in 1...489 { try await other.say("CREATE Private/n\(number)") }
        let dialogue = Dialogue(desk)
        try await dialogue.run(
            #"""
            C: NOTIFY SET (SUBTREE Private (MessageNew MessageExpunge))
            S: a OK *
            """#)
        for number in 490...501 { try await other.say("CREATE Private/n\(number)") }
        try await dialogue.run(
            #"""
            W:
            S: * OK [NOTIFICATIONOVERFLOW] *
            C: NOTIFY SET (PERSONAL (MessageNew MessageExpunge))
            S: a NO [NOTIFICATIONOVERFLOW] *
            """#)
        try await other.say("APPEND Private/n1 {19+}\r\nSubject: x\r\n\r\nText!")
        try await dialogue.run("W:\n")
    }
}
