import Desk
import Testing

/// SORT=DISPLAY (RFC 5957): sorting by the names that a list shows.
struct RFC5957Tests {
    /// From and To of a mail.
    private static let people: [(from: String, to: String)] = [
        ("\"zoë\" <a@x.example>", "\"Abel\" <z@x.example>"), ("bert@x.example", "\"Żaneta\" <b@x.example>"),
        ("=?utf-8?Q?=C5=81ukasz?= <c@x.example>", "carl@x.example, \"Aaron\" <q@x.example>"), ("\"\" <adam@x.example>", ""),
    ]

    @Test func `the display name counts, else the address; of several the first`() async throws {
        let anna = try await TestDesk().session("anna")
        try await anna.say("CREATE Private/Box")
        for (from, to) in Self.people {
            let text = crlf("From: \(from)\n\(to.isEmpty ? "" : "To: \(to)\n")Subject: x\n\nText\n")
            try await anna.say("APPEND Private/Box {\(text.utf8.count)+}\r\n\(text)")
        }
        try await anna.say("SELECT Private/Box")
        #expect(try await anna.say("CAPABILITY")[0].contains(" SORT=DISPLAY "))
        for (criteria, numbers) in [
            // A letter without a mark that could be taken off stands behind all others (RFC 5051), Ł that is, not Ż.
            ("(DISPLAYFROM)", " 4 2 1 3"), ("(REVERSE DISPLAYFROM)", " 3 1 2 4"), ("(DISPLAYTO)", " 4 1 3 2"),
            // Not so by the addresses alone.
            ("(FROM)", " 1 4 2 3"), ("(DISPLAYFROM ARRIVAL)", " 4 2 1 3"),
        ] {
            try await anna.expect("SORT \(criteria) UTF-8 ALL", ["* SORT\(numbers)", "a OK SORT completed"])
        }
    }

    @Test func `an account without it has SORT all the same`() async throws {
        try await TestDesk { $0.agents[0].imapWithout = ["SORT=DISPLAY"] }.dialogue(
            #"""
            C: CAPABILITY
            S: * CAPABILITY * SORT *
            S: a OK *
            S! * CAPABILITY *SORT=DISPLAY*
            C: SELECT New
            S: ...
            S: a OK *
            C: SORT (FROM) UTF-8 ALL
            S: * SORT
            S: a OK *
            C: SORT (DISPLAYFROM) UTF-8 ALL
            S: a BAD *
            """#)
    }
}
