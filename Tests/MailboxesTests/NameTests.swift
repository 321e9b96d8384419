import Testing

struct NameTests {
    @Test func `LIST shows the account's language and takes both`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        try await anna.expect(
            "LIST \"\" *",
            [
                "* LIST (\\HasNoChildren) \"/\" \"INBOX\"", "* LIST (\\HasNoChildren) \"/\" \"Next\"",
                "* LIST (\\HasNoChildren) \"/\" \"New\"", "* LIST (\\HasNoChildren) \"/\" \"Consultation\"",
                "* LIST (\\HasNoChildren) \"/\" \"Approval\"",
                "* LIST (\\HasChildren) \"/\" \"To send\"",
                "* LIST (\\HasNoChildren) \"/\" \"To send/Confirmed\"", "* LIST (\\HasNoChildren) \"/\" \"Waiting\"",
                "* LIST (\\HasNoChildren) \"/\" \"Done\"", "* LIST (\\HasNoChildren \\Archive) \"/\" \"Closed\"",
                "* LIST (\\HasNoChildren) \"/\" \"Overdue\"", "* LIST (\\HasNoChildren) \"/\" \"Followed\"",
                "* LIST (\\HasNoChildren \\Junk) \"/\" \"Spam\"", "* LIST (\\HasNoChildren \\Drafts) \"/\" \"Drafts\"",
                "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"", "* LIST (\\HasChildren) \"/\" \"Templates\"",
                "* LIST (\\HasNoChildren) \"/\" \"Templates/Shared\"",
                "* LIST (\\HasNoChildren \\Trash) \"/\" \"Trash\"", "* LIST (\\HasNoChildren) \"/\" \"Private\"",
                "* LIST (\\HasChildren) \"/\" \"Team\"", "* LIST (\\HasNoChildren) \"/\" \"Team/Bartek &AXs-ak\"",
                "* LIST (\\HasNoChildren) \"/\" \"Team/Celina Lis\"",
                "* LIST (\\HasNoChildren) \"/\" \"Team/Ewa Wilk\"",
                "* LIST (\\HasNoChildren) \"/\" \"Team/Olga Obca\"", "* LIST (\\HasChildren) \"/\" \"Groups\"",
                "* LIST (\\HasNoChildren) \"/\" \"Groups/Second line\"",
                "* LIST (\\HasNoChildren) \"/\" \"Departments\"", "* LIST (\\HasNoChildren) \"/\" \"Folders\"", "* LIST (\\HasChildren) \"/\" \"Pools\"",
                "* LIST (\\HasNoChildren) \"/\" \"Pools/Help\"", "* LIST (\\HasNoChildren) \"/\" \"Pools/Returns\"",
                "a OK LIST completed",
            ])
        let bartek = try await desk.session("bartek")
        try await bartek.expect("LIST \"\" Nowe", ["* LIST (\\HasNoChildren) \"/\" \"Nowe\"", "a OK LIST completed"])
        try await bartek.expect("LIST \"\" New", ["* LIST (\\HasNoChildren) \"/\" \"New\"", "a OK LIST completed"])
        try await bartek.expect("LIST \"\" Pools/%", has: "* LIST (\\HasNoChildren) \"/\" \"Pools/Help\"")
        try await bartek.expect(
            "LIST \"\" N%",
            [
                "* LIST (\\HasNoChildren) \"/\" \"Nast&ARk-pne\"", "* LIST (\\HasNoChildren) \"/\" \"Nowe\"",
                "a OK LIST completed",
            ])
        try await bartek.expect(
            "NAMESPACE",
            [
                "* NAMESPACE ((\"\" \"/\")) ((\"Zesp&APMBQg-/\" \"/\")) ((\"Grupy/\" \"/\")(\"Dzia&AUI-y/\" \"/\")(\"Foldery/\" \"/\")(\"Pule/\" \"/\"))",
                "a OK NAMESPACE completed",
            ])
        try await bartek.expect("LIST \"\" \"\"", ["* LIST (\\Noselect) \"/\" \"\"", "a OK LIST completed"])
        try await bartek.expect(
            "LIST (SPECIAL-USE) \"\" * RETURN (SUBSCRIBED STATUS (MESSAGES))",
            has: "* LIST (\\HasNoChildren \\Subscribed \\Trash) \"/\" \"Kosz\"", "* STATUS \"Kosz\" (MESSAGES 0)")
    }

    @Test func `both names are one mailbox`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let english = try await anna.say("STATUS Waiting (UIDVALIDITY MAILBOXID)")[0]
        let polish = try await anna.say("STATUS \"Oczekuje na informacje\" (UIDVALIDITY MAILBOXID)")[0]
        #expect(english.split(separator: "(", maxSplits: 1)[1] == polish.split(separator: "(", maxSplits: 1)[1])
    }

    @Test func `every level can be selected`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        for level in ["Team", "Groups", "Pools", "Private", "Pule"] {
            try await anna.expect("SELECT \(level)", has: "* 0 EXISTS", "a OK [READ-ONLY] Selected")
        }
    }

    @Test func `system mailboxes are subscribed until the agent says otherwise`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let first = try await anna.say("LSUB \"\" *")
        #expect(first.contains("* LSUB (\\HasNoChildren) \"/\" \"Waiting\""))
        #expect(!first.contains { $0.contains("Pools/") })
        try await anna.expect("SUBSCRIBE Pools/Help", ["a OK SUBSCRIBE completed"])
        try await anna.expect("UNSUBSCRIBE Waiting", ["a OK UNSUBSCRIBE completed"])
        let second = try await anna.say("LSUB \"\" *")
        #expect(!second.contains("* LSUB (\\HasNoChildren) \"/\" \"Waiting\""))
        #expect(second.contains("* LSUB (\\HasNoChildren) \"/\" \"Pools/Help\""))
        let celina = try await desk.session("celina")
        try await celina.expect(
            "LSUB \"\" Pools/%", ["* LSUB (\\HasChildren) \"/\" \"Pools/Help\"", "a OK LSUB completed"])
    }

    @Test func `an account makes, renames and deletes mailboxes of its own`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        #expect(try await anna.say("CREATE Private/Work/2026").last?.hasPrefix("a OK [MAILBOXID (M") == true)
        try await anna.expect(
            "LIST \"\" Private/*",
            [
                "* LIST (\\HasChildren) \"/\" \"Private/Work\"", "* LIST (\\HasNoChildren) \"/\" \"Private/Work/2026\"",
                "a OK LIST completed",
            ])
        try await anna.say("SUBSCRIBE Private/Work/2026")
        try await anna.expect(
            "LSUB \"\" Private/%",
            [
                "* LSUB (\\Noselect \\HasChildren) \"/\" \"Private/Work\"", "a OK LSUB completed",
            ])
        try await anna.expect("CREATE Prywatne/work", ["a NO [ALREADYEXISTS] There is such a mailbox already"])
        try await anna.expect("CREATE Waiting", ["a NO [ALREADYEXISTS] There is such a mailbox already"])
        try await anna.expect(
            "CREATE Private/\(String(repeating: "x", count: 201))",
            ["a NO [LIMIT] A name has 200 octets at most, at 16 levels at most"])
        try await anna.expect("CREATE Anything", ["a NO [CANNOT] Make mailboxes below Private"])
        try await anna.expect("DELETE Private/Work", ["a NO [HASCHILDREN] There are mailboxes below it"])
        try await anna.expect("DELETE Waiting", ["a NO [CANNOT] Mailboxes of the desk cannot be deleted"])
        try await anna.expect(
            "RENAME Private/Work Private/Work/x", ["a NO [CANNOT] A mailbox cannot be moved below itself"])
        try await anna.expect("RENAME Private/Work Trash/Old", ["a OK RENAME completed"])
        try await anna.expect(
            "LIST \"\" Trash/*",
            [
                "* LIST (\\HasChildren) \"/\" \"Trash/Old\"", "* LIST (\\HasNoChildren) \"/\" \"Trash/Old/2026\"",
                "a OK LIST completed",
            ])
        try await anna.expect("DELETE Trash/Old/2026", ["a OK DELETE completed"])
        try await anna.expect("SELECT Trash/Old/2026", ["a NO [NONEXISTENT] There is no such mailbox"])
        let other = try await desk.session("bartek")
        try await other.expect("LIST \"\" Kosz/*", ["a OK LIST completed"])
    }
}
