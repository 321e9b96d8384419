import Testing

/// LIST-EXTENDED (RFC 5258).
struct RFC5258Tests {
    private static let hierarchy = #"""
        C: CREATE Private/foo/bar1
        S: a OK *
        C: CREATE Private/foo/bar2
        S: a OK *
        C: CREATE Private/baz/bar2
        S: a OK *
        C: CREATE Private/baz/deep/bar3
        S: a OK *
        C: CREATE Private/eps/mamba
        S: a OK *
        C: SUBSCRIBE Private/foo/bar1
        S: a OK *
        C: SUBSCRIBE Private/foo/bar2
        S: a OK *
        C: SUBSCRIBE Private/baz/bar2
        S: a OK *
        C: SUBSCRIBE Private/eps
        S: a OK *
        C: SUBSCRIBE Private/eps/mamba
        S: a OK *

        """#

    @Test func `SUBSCRIBED lists what is subscribed, with true attributes`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            Self.hierarchy + #"""
            C: LIST (SUBSCRIBED) "" Private/*
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/baz/bar2"
            S: * LIST (\HasChildren \Subscribed) "/" "Private/eps"
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/eps/mamba"
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/foo/bar1"
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/foo/bar2"
            S: a OK *
            C: LIST (SUBSCRIBED) "" Private/%
            S: * LIST (\HasChildren \Subscribed) "/" "Private/eps"
            S: a OK *
            C: LIST "" Private/% RETURN (SUBSCRIBED CHILDREN)
            S: * LIST (\HasChildren) "/" "Private/baz"
            S: * LIST (\HasChildren \Subscribed) "/" "Private/eps"
            S: * LIST (\HasChildren) "/" "Private/foo"
            S: a OK *
            # Nothing is remote, and REMOTE changes nothing else (§3.1).
            C: LIST (REMOTE SUBSCRIBED SUBSCRIBED) "" Private/%
            S: * LIST (\HasChildren \Subscribed) "/" "Private/eps"
            S: a OK *
            """#)
    }

    @Test func `RECURSIVEMATCH shows levels above a match that the pattern does not reach`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            Self.hierarchy + #"""
            C: LIST (SUBSCRIBED RECURSIVEMATCH) "" Private/%
            S: * LIST (\HasChildren) "/" "Private/baz" ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasChildren \Subscribed) "/" "Private/eps" ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasChildren) "/" "Private/foo" ("CHILDINFO" ("SUBSCRIBED"))
            S: a OK *
            # Where every match is shown itself, the level above would be redundant (§3.3, §3.5).
            C: LIST (RECURSIVEMATCH SUBSCRIBED) "" Private/*
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/baz/bar2"
            S: * LIST (\HasChildren \Subscribed) "/" "Private/eps" ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/eps/mamba"
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/foo/bar1"
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/foo/bar2"
            S: a OK *
            # As in example 9: one of the two children of foo is not reached.
            C: LIST (RECURSIVEMATCH SUBSCRIBED) "" (Private/foo Private/*2)
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/baz/bar2"
            S: * LIST (\HasChildren) "/" "Private/foo" ("CHILDINFO" ("SUBSCRIBED"))
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/foo/bar2"
            S: a OK *
            C: UNSUBSCRIBE Private/eps/mamba
            S: a OK *
            C: LIST (RECURSIVEMATCH SUBSCRIBED) "" Private/e%
            S: * LIST (\HasChildren \Subscribed) "/" "Private/eps"
            S: a OK *
            """#)
    }

    @Test func `RECURSIVEMATCH alone, or with what it cannot modify, is refused`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: LIST (RECURSIVEMATCH) "" *
            S: a BAD *
            C: LIST (RECURSIVEMATCH REMOTE) "" *
            S: a BAD *
            C: LIST (UNHEARD) "" *
            S: a BAD *
            C: LIST "" * RETURN (UNHEARD)
            S: a BAD *
            C: LIST "" * CHILDREN
            S: a BAD *
            C: LIST "" ()
            S: a BAD *
            C: LIST (SUBSCRIBED "" *
            S: a BAD *
            """#)
    }

    @Test func `several patterns show each mailbox once`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            Self.hierarchy + #"""
            C: LIST "" (inbox Drafts Private/% "Private/f*")
            S: * LIST (\HasNoChildren) "/" "INBOX"
            S: * LIST (\HasNoChildren \Drafts) "/" "Drafts"
            S: * LIST (\HasChildren) "/" "Private/baz"
            S: * LIST (\HasChildren) "/" "Private/eps"
            S: * LIST (\HasChildren) "/" "Private/foo"
            S: * LIST (\HasNoChildren) "/" "Private/foo/bar1"
            S: * LIST (\HasNoChildren) "/" "Private/foo/bar2"
            S: a OK *
            C: LIST Private/ (foo %/bar1)
            S: * LIST (\HasChildren) "/" "Private/foo"
            S: * LIST (\HasNoChildren) "/" "Private/foo/bar1"
            S: a OK *
            # With the extended syntax an empty pattern asks for no delimiter (§3).
            C: LIST () "" ""
            S: a OK *
            C: LIST "" ("")
            S: a OK *
            C: LIST "" ""
            S: * LIST (\Noselect) "/" ""
            S: a OK *
            """#)
    }

    @Test func `a subscription goes with its mailbox, so nothing that is gone is listed`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: CREATE Private/gone
            S: a OK *
            C: SUBSCRIBE Private/gone
            S: a OK *
            C: DELETE Private/gone
            S: a OK *
            C: LIST (SUBSCRIBED) "" Private/*
            S: a OK *
            C: LSUB "" Private/*
            S: a OK *
            C: CREATE Private/gone
            S: a OK *
            C: LIST (SUBSCRIBED) "" Private/*
            S: a OK *
            C: SUBSCRIBE Private/never
            S: a NO [NONEXISTENT] *
            C: UNSUBSCRIBE Private/never
            S: a OK *
            # A new name takes the subscription along.
            C: SUBSCRIBE Private/gone
            S: a OK *
            C: RENAME Private/gone Private/back
            S: a OK *
            C: LIST (SUBSCRIBED) "" Private/*
            S: * LIST (\HasNoChildren \Subscribed) "/" "Private/back"
            S: a OK *
            """#)
    }

    @Test func `CHILDREN counts what this account is shown`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: LIST "" (Private Trash Team)
            S: * LIST (\HasNoChildren \Trash) "/" "Trash"
            S: * LIST (\HasNoChildren) "/" "Private"
            S: * LIST (\HasChildren) "/" "Team"
            S: a OK *
            C: CREATE Private/a
            S: a OK *
            C: LIST "" Private
            S: * LIST (\HasChildren) "/" "Private"
            S: a OK *
            C: DELETE Private/a
            S: a OK *
            C: LIST "" Private
            S: * LIST (\HasNoChildren) "/" "Private"
            S: a OK *
            """#)
    }
}
