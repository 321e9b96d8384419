import Desk
import Testing

/// Delete and Junk buttons, swipes and emptied trashes, as the clients say them (INTEROP §1a, FEATURES S49).
struct DeletionTests {
    @Test func `Thunderbird's delete key moves to Trash, or is refused with a sentence`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: UID MOVE 1 Trash
            S: a NO [NOPERM] You may not delete cases; close them, or mark them as spam
            C: UID STORE 1 +FLAGS (\Deleted)
            S: * 1 FETCH (UID 1 FLAGS (*))
            S: a NO [NOPERM] *
            C: EXPUNGE
            S: a OK *
            C celina: SELECT New
            S: ...
            C celina: UID MOVE 1 Trash
            S: * OK [COPYUID * 1 1] Moved
            S: * 1 EXPUNGE
            S: a OK *
            C: NOOP
            S: * 1 EXPUNGE
            S: a OK *
            # Nobody else sees it any more, in no view.
            C: STATUS Pools/Help (MESSAGES)
            S: * STATUS "Pools/Help" (MESSAGES 1)
            S: a OK *
            # Ctrl+Z
            C celina: SELECT Trash
            S: ...
            C celina: UID MOVE 1 New
            S: * OK [COPYUID * 1 3] Moved
            S: * 1 EXPUNGE
            S: a OK *
            C: NOOP
            S: * 2 EXISTS
            S: ...
            """#)
    }

    @Test func `emptying the trash on exit hides the case, and a customer's mail brings it back`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            as: "celina",
            #"""
            C: SELECT New
            S: ...
            C: UID MOVE 1 Trash
            S: ...
            C: SELECT Trash
            S: ...
            C: UID STORE 1:* +FLAGS.SILENT (\Deleted)
            S: a OK *
            C: EXPUNGE
            S: * 1 EXPUNGE
            S: a OK *
            C: STATUS Pools/Help (MESSAGES)
            S: * STATUS "Pools/Help" (MESSAGES 0)
            S: a OK *
            """#)
        await desk.deliver(
            """
            From: jan1@customer.example
            To: help@acme.example
            Subject: Re: Question 1
            In-Reply-To: <q1@customer.example>
            Message-ID: <again@customer.example>

            Hello?

            """, from: "jan1@customer.example")
        let anna = try await desk.session("anna")
        try await anna.expect("STATUS New (MESSAGES)", has: "* STATUS \"New\" (MESSAGES 2)")
    }

    @Test func `the swipes of K-9 and iOS copy and expunge where there is no MOVE, in one packet`() async throws {
        let desk = try await TestDesk()
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            as: "celina",
            #"""
            C: SELECT New
            S: ...
            C: UID COPY 1 Trash
            S: a OK [COPYUID * 1 1] COPY completed
            C| x1 UID STORE 1 +FLAGS.SILENT (\Deleted)␍␊x2 UID EXPUNGE 1
            S: x1 OK STORE completed
            S: * 1 EXPUNGE
            S: x2 OK *
            C: STATUS Trash (MESSAGES)
            S: * STATUS "Trash" (MESSAGES 1)
            S: a OK *
            # Apple Mail marks first and expunges later; the case is in Trash then.
            C: UID STORE 2 +FLAGS (\Deleted)
            S: * 1 FETCH (UID 2 FLAGS (*\Deleted*))
            S: a OK *
            C: CLOSE
            S: a OK *
            C: STATUS Trash (MESSAGES)
            S: * STATUS "Trash" (MESSAGES 2)
            S: a OK *
            """#)
    }

    @Test func `where deleting means done, the delete key and the swipe do so`() async throws {
        let desk = try await TestDesk { $0.pools[0].deleteMeans = .done }
        for number in 1...2 { await desk.deliver(number) }
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: UID MOVE 1 Trash
            S: * OK [COPYUID * 1 1] Moved
            S: * 1 EXPUNGE
            S: a OK *
            C: UID STORE 2 +FLAGS (\Deleted)
            S: * 1 FETCH (UID 2 FLAGS (*\Deleted*))
            S: a OK *
            C: UID EXPUNGE 2
            S: * 1 EXPUNGE
            S: a OK *
            C: STATUS Done (MESSAGES)
            S: * STATUS "Done" (MESSAGES 2)
            S: a OK *
            C: STATUS Trash (MESSAGES)
            S: * STATUS "Trash" (MESSAGES 0)
            S: a OK *
            """#)
    }

    @Test func `a deletion in a view deletes the case, and the view stays true`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            as: "celina",
            #"""
            C: SELECT Pools/Help
            S: ...
            C: UID STORE 1 +FLAGS.SILENT (\Deleted)
            S: a OK *
            C: EXPUNGE
            S: * 1 EXPUNGE
            S: a OK *
            C: STATUS Trash (MESSAGES)
            S: * STATUS "Trash" (MESSAGES 1)
            S: a OK *
            C: STATUS New (MESSAGES)
            S: * STATUS "New" (MESSAGES 0)
            S: a OK *
            """#)
    }

    // MARK: - Junk

    @Test func `a junk mark moves nothing, and the move to Spam decides`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            #"""
            C: SELECT New
            S: ...
            C: UID STORE 1 +FLAGS (Junk)
            S: ...
            S: a OK *
            C: STATUS Spam (MESSAGES)
            S: * STATUS "Spam" (MESSAGES 0)
            S: a OK *
            C: UID MOVE 1 Spam
            S: * OK [COPYUID * 1 1] Moved
            S: * 1 EXPUNGE
            S: a OK *
            C: STATUS Spam (MESSAGES)
            S: * STATUS "Spam" (MESSAGES 1)
            S: a OK *
            """#)
    }
}
