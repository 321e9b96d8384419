import Testing

/// Response codes (RFC 5530).
struct RFC5530Tests {
    @Test func `every refusal says by its code what kind it is`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        try await desk.dialogue(
            as: nil,
            #"""
            C: LOGIN anna@acme.example wrong
            S: a NO [AUTHENTICATIONFAILED] *
            C: LOGIN nobody@acme.example secret
            S: a NO [AUTHENTICATIONFAILED] *
            # NUL anna@acme.example as bartek@acme.example
            C: AUTHENTICATE PLAIN YmFydGVrQGFjbWUuZXhhbXBsZQBhbm5hQGFjbWUuZXhhbXBsZQBzZWNyZXQ=
            S: a NO [AUTHORIZATIONFAILED] *
            C: LOGIN anna@acme.example secret
            S: a OK *
            C: CREATE Waiting
            S: a NO [ALREADYEXISTS] *
            C: CREATE Anything
            S: a NO [CANNOT] *
            C: DELETE Private/none
            S: a NO [NONEXISTENT] *
            C: RENAME Private/none Private/other
            S: a NO [NONEXISTENT] *
            C: STATUS None (MESSAGES)
            S: a NO [NONEXISTENT] *
            C: CREATE Private/a/b
            S: a OK *
            C: DELETE Private/a
            S: a NO [HASCHILDREN] *
            C: SELECT New
            S: ...
            S: a OK *
            C: MOVE 1 Team/olga
            S: a NO [NOPERM] *
            C: STORE 1 +FLAGS (\Deleted)
            S: * 1 FETCH (UID 1 FLAGS (*))
            S: a NO [NOPERM] *
            C bartek: SELECT Nowe
            S: ...
            S: a OK *
            C bartek: MOVE 1 INBOX
            S: ...
            S: a OK *
            C: MOVE 1 INBOX
            S: * 1 EXPUNGE
            S: a NO [INUSE] Bartek Żak *
            """#)
    }

    @Test func `too many connections of an account are told from a wrong password`() async throws {
        let desk = try await TestDesk()
        let dialogue = Dialogue(desk, as: nil)
        try await dialogue.run(
            #"""
            C a: LOGIN anna@acme.example secret
            S: a OK *
            C b: LOGIN anna@acme.example secret
            S: a OK *
            C c: LOGIN anna@acme.example secret
            S: a OK *
            C d: LOGIN anna@acme.example secret
            S: a NO [LIMIT] Too many connections of this account
            S: * BYE [UNAVAILABLE] *
            """#)
    }

    @Test func `a client that sends nothing but nonsense is told so and let go`() async throws {
        let desk = try await TestDesk()
        var text = ""
        for _ in 1...19 { text += "C: NONSENSE\nS: a BAD *\n" }
        try await desk.dialogue(text + "C: NONSENSE\nS: a BAD *\nS: * BYE [CLIENTBUG] *\n")
    }
}
