import Desk
import MailTypes
import Testing

/// Folders of the company, archives by year and followed cases, as clients make and use them (DESIGN §3).
struct FolderTests {
    /// Celina may make folders and delete; Bartek's account is Polish.
    private static func desk() async throws -> TestDesk {
        try await TestDesk { definition in
            for index in definition.agents.indices where definition.agents[index].login.hasPrefix("celina") {
                definition.agents[index].rights = [.delete, .folders]
            }
            definition.folders = ["Systems"]
        }
    }

    @Test func `who has the right makes a folder, and everybody has it at once`() async throws {
        try await Self.desk().dialogue(
            as: "celina",
            #"""
            C: CREATE Folders/Newsletters
            S: a OK [MAILBOXID (*)] CREATE completed
            C anna: LIST (SUBSCRIBED) "" Folders/*
            S: * LIST (\HasNoChildren \Subscribed) "/" "Folders/Newsletters"
            S: * LIST (\HasNoChildren \Subscribed) "/" "Folders/Systems"
            S: a OK *
            C bartek: LIST "" Foldery/%
            S: * LIST (\HasNoChildren) "/" "Foldery/Newsletters"
            S: * LIST (\HasNoChildren) "/" "Foldery/Systems"
            S: a OK *
            C: CREATE folders/newsletters
            S: a NO [ALREADYEXISTS] *
            C: MYRIGHTS Folders
            S: * MYRIGHTS "Folders" "lrkc"
            S: a OK *
            C anna: CREATE Folders/Mine
            S: a NO [NOPERM] *
            C anna: DELETE Folders/Newsletters
            S: a NO [NOPERM] *
            C anna: RENAME Folders/Newsletters Folders/Other
            S: a NO [NOPERM] *
            C: CREATE Folders/a/b
            S: a NO [CANNOT] *
            C: RENAME Folders/Newsletters Private/Newsletters
            S: a NO [CANNOT] *
            C: CREATE Team/Nobody
            S: a NO [CANNOT] *
            C: DELETE Pools/Help
            S: a NO [CANNOT] *
            """#)
    }

    @Test func `a renamed folder keeps what is in it, one that comes back is another one`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        let dialogue = Dialogue(desk, as: "celina")
        try await dialogue.run(
            #"""
            C: SELECT New
            S: ...
            C: UID MOVE 1 Folders/Systems
            S: * OK [COPYUID ${v} 1 1] Moved
            S: * 1 EXPUNGE
            S: a OK *
            C: RENAME Folders/Systems Folders/Machines
            S: a OK RENAME completed
            C: STATUS Folders/Machines (MESSAGES UIDVALIDITY)
            S: * STATUS "Folders/Machines" (MESSAGES 1 UIDVALIDITY ${v})
            S: a OK *
            C: STATUS Folders/Systems (MESSAGES)
            S: a NO [NONEXISTENT] *
            # With a case in it, it stays, whichever way a client deletes.
            C: DELETE Folders/Machines
            S: a NO [INUSE] *
            C: RENAME Folders/Machines Trash/Machines
            S: a NO [INUSE] *
            C: SELECT Folders/Machines
            S: ...
            C: UID MOVE 1 New
            S: * OK [COPYUID * 1 2] Moved
            S: * 1 EXPUNGE
            S: a OK *
            C: RENAME Folders/Machines Trash/Machines
            S: a OK RENAME completed
            C: LIST "" Trash/*
            S: * LIST (\HasNoChildren) "/" "Trash/Machines"
            S: a OK *
            C: LIST "" Folders/*
            S: a OK *
            C anna: LSUB "" Folders/*
            S: a OK *
            C: CREATE Folders/Machines
            S: a OK [MAILBOXID *
            C: STATUS Folders/Machines (MESSAGES UIDVALIDITY)
            S: * STATUS "Folders/Machines" (MESSAGES 0 UIDVALIDITY ${w})
            S: a OK *
            """#)
        #expect(try #require(dialogue.kept["w"].flatMap { Int($0) }) > #require(dialogue.kept["v"].flatMap { Int($0) }))
    }

    @Test func `a case in a folder leaves it by any decision, and everybody sees that`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: MOVE 1 Folders/Systems
            S: ...
            C bartek: SELECT Foldery/Systems
            S: ...
            S: * 1 EXISTS
            S: ...
            C: SELECT Folders/Systems
            S: ...
            C: MOVE 1 INBOX
            S: * OK [COPYUID * 1 1] Moved
            S: ...
            C bartek: NOOP
            S: * 1 EXPUNGE
            S: a OK *
            C: STATUS INBOX (MESSAGES)
            S: * STATUS "INBOX" (MESSAGES 1)
            S: a OK *
            """#)
    }

    // MARK: - Archives

    @Test func `the Archive button of a client closes, into a view by year that was filled`() async throws {
        let desk = try await Self.desk()
        for number in 1...3 { await desk.deliver(number) }
        let year = desk.clock.now.seconds / 31_556_952 + 1970
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: MOVE 1 Closed
            S: ...
            # As Thunderbird does: the archive is asked for by its usual name, and made where it is not there.
            C: LIST "" Archives
            S: * LIST (*\Archive*) "/" "Archives"
            S: a OK *
            C: CREATE Archives
            S: a OK *
            C: LIST "" Archives/YYYY
            S: a OK *
            C: CREATE Archives/YYYY
            S: a OK [MAILBOXID (*)] CREATE completed
            C: LIST "" Archives/YYYY
            S: * LIST (\HasNoChildren) "/" "Archives/YYYY"
            S: a OK *
            C: LIST "" Closed/*
            S: * LIST (\HasNoChildren) "/" "Closed/YYYY"
            S: a OK *
            C: CREATE Archives/YYYY
            S: a NO [ALREADYEXISTS] *
            C: STATUS Archives/YYYY (MESSAGES)
            S: * STATUS "Archives/YYYY" (MESSAGES 1)
            S: a OK *
            C: UID MOVE 2 Archives/YYYY
            S: * OK [COPYUID * 2 2] Moved
            S: * 1 EXPUNGE
            S: a OK *
            C: STATUS Closed (MESSAGES)
            S: * STATUS "Closed" (MESSAGES 2)
            S: a OK *
            C: SELECT Closed/YYYY
            S: ...
            # And back again: out of the view, and to work.
            C: UID MOVE 2 INBOX
            S: * OK [COPYUID * 2 1] Moved
            S: * 2 EXPUNGE
            S: a OK *
            C: STATUS Closed (MESSAGES)
            S: * STATUS "Closed" (MESSAGES 1)
            S: a OK *
            C bartek: LIST "" "Zamkni&ARk-te/*"
            S: a OK *
            """#.replacing("YYYY", with: "\(year)"))
    }

    @Test func `an archive of many cases is filled whole`() async throws {
        let desk = try await TestDesk()
        for number in 1...120 { await desk.deliver(number) }
        let year = desk.clock.now.seconds / 31_556_952 + 1970
        let celina = try await desk.session("celina")
        try await celina.say("SELECT New")
        #expect(try await celina.say("MOVE 1:* Closed").last == "a OK MOVE completed")
        #expect(try await celina.say("CREATE Closed/\(year)").last?.hasPrefix("a OK") == true)
        try await celina.expect(
            "STATUS Closed/\(year) (MESSAGES)", has: "* STATUS \"Closed/\(year)\" (MESSAGES 120)")
    }

    // MARK: - Following

    @Test func `a case is followed where it is, and deleting there ends it`() async throws {
        let desk = try await Self.desk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: UID COPY 1:2 Followed
            S: a OK [COPYUID * 1:2 1:2] COPY completed
            C: STATUS New (MESSAGES)
            S: * STATUS "New" (MESSAGES 2)
            S: a OK *
            C: SELECT Followed
            S: ...
            S: * 2 EXISTS
            S: ...
            C: UID STORE 1 +FLAGS.SILENT (\Deleted)
            S: a OK *
            C: EXPUNGE
            S: * 1 EXPUNGE
            S: a OK *
            C: UID MOVE 2 Trash
            S: * OK [COPYUID *
            S: * 1 EXPUNGE
            S: a OK *
            C: STATUS New (MESSAGES)
            S: * STATUS "New" (MESSAGES 2)
            S: a OK *
            C: STATUS Trash (MESSAGES)
            S: * STATUS "Trash" (MESSAGES 0)
            S: a OK *
            """#)
    }

    @Test func `a copy to a colleague lets her follow, a copy to a group its members`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: COPY 1 Team/celina
            S: a OK [COPYUID *
            C: COPY 1 "Groups/Second line"
            S: a OK [COPYUID *
            C: STATUS New (MESSAGES)
            S: * STATUS "New" (MESSAGES 1)
            S: a OK *
            C celina: STATUS Followed (MESSAGES)
            S: * STATUS "Followed" (MESSAGES 1)
            S: a OK *
            C bartek: STATUS Obserwowane (MESSAGES)
            S: * STATUS "Obserwowane" (MESSAGES 1)
            S: a OK *
            C: COPY 1 Team/olga
            S: a NO [NOPERM] *
            """#)
    }

    @Test func `a decision from Followed acts on the case, which is followed on`() async throws {
        let desk = try await Self.desk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: MOVE 1 Followed
            S: ...
            C: SELECT Followed
            S: ...
            C: UID MOVE 1 INBOX
            S: * OK [COPYUID * 1 1] Moved
            S: ...
            S: a OK *
            C: UID SEARCH ALL
            S: * SEARCH 2
            S: a OK *
            C: STATUS INBOX (MESSAGES)
            S: * STATUS "INBOX" (MESSAGES 1)
            S: a OK *
            """#)
    }

    // MARK: - Language

    @Test func `a change of language renames, and nothing else changes`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let anna = try await desk.session("anna")
        try await anna.say("SELECT Waiting")
        try await anna.say("UNSUBSCRIBE Done")
        let before = try await anna.say("STATUS New (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID)")[0]
        try await desk.apply { $0.agents[0].language = .polish }
        let after = try await anna.say("STATUS Nowe (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID)")[0]
        #expect(before.replacing("\"New\"", with: "") == after.replacing("\"Nowe\"", with: ""))
        try await anna.expect(
            "LIST \"\" Zamk*", has: "* LIST (\\HasNoChildren \\Archive) \"/\" \"Zamkni&ARk-te\"")
        try await anna.expect("NOOP", ["a OK NOOP completed"])
        let subscribed = try await anna.say("LSUB \"\" *")
        #expect(!subscribed.contains { $0.contains("Wykonane") })
        #expect(subscribed.contains { $0.contains("Oczekuje") })
        try await anna.expect(
            "LIST \"\" Waiting", ["* LIST (\\HasNoChildren) \"/\" \"Waiting\"", "a OK LIST completed"])
    }
}
