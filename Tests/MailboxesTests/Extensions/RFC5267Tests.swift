import Testing

/// SORT RETURN (RFC 5267 §3), with SAVE (RFC 5182) and what it shares with SEARCH RETURN (RFC 4731).
struct RFC5267Tests {
    private func client(_ count: Int) async throws -> TestClient {
        let desk = try await TestDesk()
        for number in 1...count {
            desk.clock.advance(by: .seconds(1))
            await desk.deliver(number)
        }
        let anna = try await desk.session("anna")
        try await anna.say("SELECT New")
        return anna
    }

    /// The answer without its tag.
    private func answer(_ anna: TestClient, _ command: String) async throws -> String {
        let lines = try await anna.say(command)
        #expect(lines.count == 2 && lines.last == "a OK SORT completed", "\(command): \(lines)")
        guard let line = lines.first, line.hasPrefix("* ESEARCH (TAG \""), let end = line.firstIndex(of: ")") else { return "" }
        return String(line[line.index(after: end)...])
    }

    @Test func `each option tells its part, in the order of the sort`() async throws {
        let anna = try await client(5)
        let rows = [
            ("UID SORT RETURN (ALL) (REVERSE ARRIVAL) UTF-8 ALL", " UID ALL 5,4,3,2,1"),
            ("SORT RETURN (ALL) (ARRIVAL) UTF-8 ALL", " ALL 1:5"),
            ("SORT RETURN () (REVERSE SUBJECT) UTF-8 ALL", " ALL 5,4,3,2,1"),
            ("SORT RETURN (MIN) (REVERSE ARRIVAL) UTF-8 ALL", " MIN 5"),
            ("SORT RETURN (MAX) (REVERSE ARRIVAL) UTF-8 ALL", " MAX 1"),
            ("SORT RETURN (MIN MAX COUNT) (FROM) UTF-8 2:4", " MIN 2 MAX 4 COUNT 3"),
            ("SORT RETURN (COUNT) (ARRIVAL) UTF-8 SUBJECT nothing", " COUNT 0"),
            ("SORT RETURN (MIN MAX ALL) (ARRIVAL) UTF-8 SUBJECT nothing", ""),
        ]
        for (command, told) in rows { #expect(try await answer(anna, command) == told, "\(command)") }
    }

    @Test func `SAVE keeps what was found`() async throws {
        let anna = try await client(5)
        try await anna.expect("SORT RETURN (SAVE) (REVERSE ARRIVAL) UTF-8 2:4", ["a OK SORT completed"])
        try await anna.expect("SEARCH $", ["* SEARCH 2 3 4", "a OK SEARCH completed"])
        #expect(try await answer(anna, "SORT RETURN (SAVE MIN) (REVERSE ARRIVAL) UTF-8 2:4") == " MIN 4")
        try await anna.expect("SEARCH $", ["* SEARCH 4", "a OK SEARCH completed"])
        #expect(try await answer(anna, "UID SORT RETURN (SAVE COUNT MIN) (REVERSE ARRIVAL) UTF-8 1:3") == " UID MIN 3 COUNT 3")
        try await anna.expect("SORT (REVERSE ARRIVAL) UTF-8 $", ["* SORT 3 2 1", "a OK SORT completed"])
        try await anna.expect("SEARCH RETURN (SAVE MAX) 1:3", has: "a OK SEARCH completed")
        try await anna.expect("THREAD ORDEREDSUBJECT UTF-8 $", ["* THREAD (3)", "a OK THREAD completed"])
    }

    @Test func `MODSEQ is that of what is told`() async throws {
        let anna = try await client(3)
        try await anna.say("ENABLE CONDSTORE")
        func sequence(_ line: String?) -> Int? { line?.split(separator: " ").last.flatMap { Int($0) } }
        try await anna.say("STORE 2 +FLAGS ($Followed)")
        let min = sequence(try await answer(anna, "SORT RETURN (MIN) (ARRIVAL) UTF-8 MODSEQ 1"))
        let max = sequence(try await answer(anna, "SORT RETURN (MAX) (ARRIVAL) UTF-8 MODSEQ 1"))
        let all = sequence(try await answer(anna, "SORT RETURN (ALL) (ARRIVAL) UTF-8 MODSEQ 1"))
        #expect(min != nil && max != nil && all != nil && min ?? 0 < max ?? 0 && max ?? 0 < all ?? 0)
    }

    @Test func `unknown options are refused`() async throws {
        let anna = try await client(1)
        #expect(try await anna.say("SORT RETURN (SUM) (ARRIVAL) UTF-8 ALL").last?.hasPrefix("a BAD") == true)
    }
}
