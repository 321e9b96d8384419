import Testing

/// LIST-STATUS (RFC 5819).
struct RFC5819Tests {
    @Test func `a STATUS response stands for every mailbox that is listed`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: LIST "" (New Team Drafts) RETURN (STATUS (MESSAGES UIDNEXT UNSEEN SIZE))
            S: * LIST (\HasNoChildren) "/" "New"
            S: * LIST (\HasNoChildren \Drafts) "/" "Drafts"
            S: * LIST (\HasChildren) "/" "Team"
            S: * STATUS "New" (MESSAGES 2 UIDNEXT 3 UNSEEN 2 SIZE *)
            S: * STATUS "Drafts" (MESSAGES 0 UIDNEXT 1 UNSEEN 0 SIZE 0)
            S: * STATUS "Team" (MESSAGES 0 UIDNEXT 1 UNSEEN 0 SIZE 0)
            S: a OK *
            # By the name that was asked for, and with the other options.
            C bartek: LIST (SUBSCRIBED) "" (Nowe New) RETURN (CHILDREN STATUS (MESSAGES))
            S: * LIST (\HasNoChildren \Subscribed) "/" "Nowe"
            S: * STATUS "Nowe" (MESSAGES 2)
            S: a OK *
            """#)
    }

    @Test func `a level that matched only for its children has no STATUS`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CREATE Private/a/b
            S: a OK *
            C: SUBSCRIBE Private/a/b
            S: a OK *
            C: LIST (SUBSCRIBED RECURSIVEMATCH) "" Private/% RETURN (STATUS (MESSAGES))
            S: * LIST (\HasChildren) "/" "Private/a" ("CHILDINFO" ("SUBSCRIBED"))
            S: a OK *
            C: LIST "" % RETURN (STATUS)
            S: a BAD *
            C: LIST "" % RETURN (STATUS ())
            S: a BAD *
            C: LIST "" % RETURN (STATUS (UNHEARD))
            S: a BAD *
            """#)
    }
}
