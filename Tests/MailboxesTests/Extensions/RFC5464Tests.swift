import Desk
import Gateway
import IMAPProtocol
import Mailboxes
import Testing

/// METADATA (RFC 5464): annotations of one's own, and what the desk says.
@Suite struct RFC5464Tests {
    @Test func `what was set is told, to its owner only`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY * METADATA *
            S: a OK *
            C: SETMETADATA INBOX (/private/comment "My \"inbox\"" /private/vendor/acme/color red)
            S: a BAD *
            C: SETMETADATA INBOX (/private/comment "My \"inbox\"" /private/vendor/acme/Color "red")
            S: a OK SETMETADATA completed
            C: GETMETADATA INBOX /private/comment
            S: * METADATA *INBOX* (/private/comment "My \"inbox\"")
            S: a OK GETMETADATA completed
            C: GETMETADATA INBOX (/private/COMMENT /private/nothing)
            S: * METADATA *INBOX* (/private/comment "My \"inbox\"" /private/nothing NIL)
            S: a OK *
            C bartek: GETMETADATA INBOX /private/comment
            S: * METADATA *INBOX* (/private/comment NIL)
            S: a OK *
            C: GETMETADATA Drafts /private/comment
            S: * METADATA *Drafts* (/private/comment NIL)
            S: a OK *
            C: SETMETADATA INBOX (/private/comment NIL)
            S: a OK *
            C: GETMETADATA INBOX /private/comment
            S: * METADATA *INBOX* (/private/comment NIL)
            S: a OK *
            C: SETMETADATA "" (/private/vendor/acme/setting {4+}␍␊a␍␊b)
            S: a OK *
            C: GETMETADATA "" /private/vendor/acme/setting
            S: * METADATA "" (/private/vendor/acme/setting {4}
            S: a
            S: b)
            S: a OK *
            C: SETMETADATA Team (/private/comment "level")
            S: a OK *
            C: GETMETADATA Team /private/comment
            S: * METADATA *Team* (/private/comment "level")
            S: a OK *
            """#)
    }

    @Test func `a value may hold NUL`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: SETMETADATA INBOX (/private/vendor/acme/octets ~{3+}␍␊a␀b)
            S: a OK *
            C: GETMETADATA INBOX /private/vendor/acme/octets
            S: * METADATA *INBOX* (/private/vendor/acme/octets ~{3}
            S: a*b)
            S: a OK *
            C: SETMETADATA INBOX (/private/vendor/acme/octets {3+}␍␊a␀b)
            S: a BAD *
            """#)
    }

    @Test func `what the desk says is read only`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: GETMETADATA "" /shared/admin
            S: * METADATA "" (/shared/admin "mailto:postmaster@acme.example")
            S: a OK *
            C: GETMETADATA Pools/Help (/shared/comment)
            S: * METADATA *Pools/Help* (/shared/comment "help@acme.example")
            S: a OK *
            C: SETMETADATA Pools/Help (/shared/comment "mine")
            S: a NO [NOPERM] *
            C: SETMETADATA "" (/shared/admin NIL)
            S: a NO [NOPERM] *
            C: SETMETADATA INBOX (/private/a "x" /shared/b "y")
            S: a NO [NOPERM] *
            C: GETMETADATA INBOX /private/a
            S: * METADATA *INBOX* (/private/a NIL)
            S: a OK *
            """#)
    }

    @Test func `depth and size choose what is told`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: SETMETADATA INBOX (/private/filters "top" /private/filters/a "one" /private/filters/a/b "deeper" /private/filtersx "other")
            S: a OK *
            C: GETMETADATA (DEPTH 0) INBOX /private/filters
            S: * METADATA *INBOX* (/private/filters "top")
            S: a OK *
            C: GETMETADATA (DEPTH 1) INBOX (/private/filters)
            S: * METADATA *INBOX* (/private/filters "top" /private/filters/a "one")
            S: a OK *
            C: GETMETADATA (DEPTH infinity) INBOX /private/filters
            S: * METADATA *INBOX* (/private/filters "top" /private/filters/a "one" /private/filters/a/b "deeper")
            S: a OK *
            C: GETMETADATA (MAXSIZE 3 DEPTH infinity) INBOX /private/filters
            S: * METADATA *INBOX* (/private/filters "top" /private/filters/a "one")
            S: a OK [METADATA LONGENTRIES 6] *
            C: GETMETADATA INBOX (MAXSIZE 2) (/private/filters/a/b)
            S: a OK [METADATA LONGENTRIES 6] *
            C: GETMETADATA (DEPTH infinity) INBOX /private
            S: * METADATA *INBOX* (/private/filters "top" */private/filtersx "other")
            S: a OK *
            C: GETMETADATA (DEPTH infinity) Drafts /private
            S: a OK *
            """#)
    }

    @Test(arguments: [
        "GETMETADATA INBOX", "GETMETADATA INBOX ()", "GETMETADATA INBOX /comment", "GETMETADATA INBOX /private/",
        "GETMETADATA INBOX /private//a", "GETMETADATA INBOX /private/*", "GETMETADATA INBOX /privatex/a",
        "GETMETADATA (DEPTH 2) INBOX /private/a", "GETMETADATA (MAXSIZE x) INBOX /private/a",
        "GETMETADATA (SIZE 1) INBOX /private/a", "SETMETADATA INBOX ()", "SETMETADATA INBOX (/private/a)",
        "SETMETADATA INBOX /private/a x", "SETMETADATA INBOX (/private/a \"x\" /private/b)",
    ]) func `what breaks the grammar is refused`(command: String) async throws {
        try await TestDesk().dialogue("C: \(command)\nS: a BAD *")
    }

    @Test func `annotations are limited in size and number`() async throws {
        let desk = try await TestDesk()
        var configuration = SessionConfiguration(announcementInterval: .zero)
        (configuration.annotationSize, configuration.annotations, configuration.annotationOctets) = (10, 3, 25)
        let dialogue = Dialogue(desk, configuration)
        try await dialogue.run(
            #"""
            C: SETMETADATA INBOX (/private/a "12345678901")
            S: a NO [METADATA MAXSIZE 10] *
            C: SETMETADATA INBOX (/private/a "1234567890")
            S: a OK *
            C: SETMETADATA Drafts (/private/a "1234567890")
            S: a OK *
            C: SETMETADATA Sent (/private/a "1234567890")
            S: a NO [METADATA TOOMANY] *
            C: SETMETADATA Sent (/private/a "12345")
            S: a OK *
            C: SETMETADATA Sent (/private/b "")
            S: a NO [METADATA TOOMANY] *
            C: SETMETADATA Sent (/private/a NIL)
            S: a OK *
            C: SETMETADATA Sent (/private/b "")
            S: a OK *
            C: GETMETADATA Sent /private/b
            S: * METADATA *Sent* (/private/b "")
            S: a OK *
            """#)
    }

    @Test func `annotations go with their mailbox and stay through a new name`() async throws {
        try await TestDesk().dialogue(
            #"""
            C: CREATE Private/a
            S: a OK *
            C: SETMETADATA Private/a (/private/comment "kept")
            S: a OK *
            C: RENAME Private/a Private/b
            S: a OK *
            C: GETMETADATA Private/b /private/comment
            S: * METADATA *Private/b* (/private/comment "kept")
            S: a OK *
            C: DELETE Private/b
            S: a OK *
            C: GETMETADATA Private/b /private/comment
            S: a NO [NONEXISTENT] *
            C: CREATE Private/b
            S: a OK *
            C: GETMETADATA Private/b /private/comment
            S: * METADATA *Private/b* (/private/comment NIL)
            S: a OK *
            """#)
    }
}
