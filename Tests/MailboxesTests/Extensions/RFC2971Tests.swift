import Testing

/// ID (RFC 2971).
struct RFC2971Tests {
    @Test func `the server says its name in every state, whatever the client says of itself`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            as: nil,
            #"""
            C: ID NIL
            S: * ID ("name" "Stempel"*)
            S: a OK ID completed
            C: LOGIN anna@acme.example secret
            S: a OK *
            C: ID ("name" "Mozilla Thunderbird" "version" "128.0" "os" NIL)
            S: * ID ("name" "Stempel"*)
            S: a OK ID completed
            C: ID ()
            S: * ID ("name" "Stempel"*)
            S: a OK ID completed
            C: ID ("name" {7+}␍␊Mail 16 "support-url" {0+}␍␊)
            S: * ID ("name" "Stempel"*)
            S: a OK ID completed
            C: SELECT New
            S: ...
            S: a OK *
            C: id nil
            S: * ID ("name" "Stempel"*)
            S: a OK ID completed
            """#)
    }

    @Test func `what is no list of pairs is refused`() async throws {
        let desk = try await TestDesk()
        try await desk.dialogue(
            #"""
            C: ID
            S: a BAD *
            C: ID ("name")
            S: a BAD *
            C: ID ("name" "x" "version")
            S: a BAD *
            C: ID (NIL "x")
            S: a BAD *
            C: ID "name"
            S: a BAD *
            """#)
    }
}
