import Testing

/// CHILDREN (RFC 3348): whether there is something below a mailbox, said with every LIST.
struct RFC3348Tests {
    @Test func `a mailbox has children or has none, and LIST says which, asked or not`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY * CHILDREN *
            S: a OK *
            C: CREATE Private/a/b
            S: a OK *
            C: LIST "" Private/*
            S: * LIST (\HasChildren) "/" "Private/a"
            S: * LIST (\HasNoChildren) "/" "Private/a/b"
            S: a OK *
            C: LIST "" Private
            S: * LIST (\HasChildren) "/" "Private"
            S: a OK *
            C: LIST "" INBOX
            S: * LIST (\HasNoChildren) "/" "INBOX"
            S: a OK *
            # A colleague's INBOX is below Team, which holds nothing itself and can be selected all the same.
            C: LIST "" Team
            S: * LIST (\HasChildren) "/" "Team"
            S: a OK *
            # What a deletion leaves has none.
            C: DELETE Private/a/b
            S: a OK *
            C: LIST "" Private/a
            S: * LIST (\HasNoChildren) "/" "Private/a"
            S: a OK *
            C: LSUB "" Team
            S: * LSUB (\HasChildren) "/" "Team"
            S: a OK *
            C: XLIST "" Private
            S: * XLIST (\HasChildren) "/" "Private"
            S: a OK *
            """#)
    }

    @Test func `never both, and never a child of what may have none`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: CREATE Private/x/y/z
            S: a OK *
            C: LIST "" "*"
            S: ...
            S: a OK *
            S! * LIST (*\HasChildren*\HasNoChildren*
            S! * LIST (*\HasNoChildren*\HasChildren*
            S! * LIST (*\NoInferiors*
            """#)
    }
}
