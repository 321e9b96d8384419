import Testing

/// SPECIAL-USE (RFC 6154).
struct RFC6154Tests {
    @Test func `special uses are shown by every LIST, asked for or not`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: LIST "" %
            S: ...
            S: * LIST (\HasNoChildren \Junk) "/" "Spam"
            S: * LIST (\HasNoChildren \Drafts) "/" "Drafts"
            S: * LIST (\HasNoChildren \Sent) "/" "Sent"
            S: ...
            S: * LIST (\HasNoChildren \Trash) "/" "Trash"
            S: ...
            S: a OK *
            C: LSUB "" Trash
            S: * LSUB (\HasNoChildren \Trash) "/" "Trash"
            S: a OK *
            C bartek: LIST "" Kosz RETURN (SPECIAL-USE)
            S: * LIST (\HasNoChildren \Trash) "/" "Kosz"
            S: a OK *
            """#)
    }

    @Test func `SPECIAL-USE selects mailboxes that have one`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: LIST (SPECIAL-USE) "" *
            S: * LIST (\HasNoChildren \Archive) "/" "Closed"
            S: * LIST (\HasNoChildren \Junk) "/" "Spam"
            S: * LIST (\HasNoChildren \Drafts) "/" "Drafts"
            S: * LIST (\HasNoChildren \Sent) "/" "Sent"
            S: * LIST (\HasNoChildren \Trash) "/" "Trash"
            S: a OK *
            C: UNSUBSCRIBE Sent
            S: a OK *
            C: LIST (SPECIAL-USE SUBSCRIBED) "" (S% Trash)
            S: * LIST (\HasNoChildren \Subscribed \Junk) "/" "Spam"
            S: * LIST (\HasNoChildren \Subscribed \Trash) "/" "Trash"
            S: a OK *
            # It is an option of its own, which RECURSIVEMATCH cannot modify (§6, RFC 5258 §6).
            C: LIST (SPECIAL-USE RECURSIVEMATCH) "" *
            S: a BAD *
            """#)
    }

    @Test func `the uses are given already, so CREATE refuses to give them and makes nothing`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY * SPECIAL-USE *
            S! *CREATE-SPECIAL-USE*
            S: a OK *
            C: CREATE Private/Archive (USE (\Archive))
            S: a NO [USEATTR] *
            C: CREATE Private/Odd (USE (\Odd))
            S: a NO [USEATTR] *
            C: LIST "" Private/*
            S: a OK *
            C: CREATE Private/Plain (USE ())
            S: a OK [MAILBOXID (*)] *
            C: CREATE Private/Plain2 (ABUSE ())
            S: a BAD *
            """#)
    }
}
