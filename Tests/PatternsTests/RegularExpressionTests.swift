import Desk
import Patterns
import Testing

@Suite struct RegularExpressionTests {
    private static func search(_ expression: String, _ text: String) throws -> PatternOutcome {
        let compiled = try RegularExpression(expression)
        return Array(text.utf8).withUnsafeBufferPointer(compiled.search)
    }

    static let rows: [(expression: String, text: String, outcome: PatternOutcome)] = [
        ("^auto-", "Auto-Generated", .found), ("^auto-", "no auto-reply", .notFound), ("zwrot\\w*", "Zwrotów", .found),
        ("ŻÓŁ[WĆ]", "to żółw", .found), ("", "", .found), ("a", "", .notFound), ("^$", "", .found),
        ("\\d{4}", "order 1234", .found), ("(refund|zwrot)", "no such thing", .notFound),
    ]

    @Test(arguments: rows) func `case never counts, in any script`(
        expression: String, text: String, outcome: PatternOutcome
    ) throws {
        #expect(try Self.search(expression, text) == outcome)
    }

    @Test(arguments: ["(a+)+$", "(a|aa)+$", "(.*a){20}$"]) func `an expression that would run for ever gives up`(
        expression: String
    ) throws {
        #expect(try Self.search(expression, String(repeating: "a", count: 2000) + "!") != .found)
        #expect(try Self.search("^(\\w+\\s?)*$", String(repeating: "word ", count: 2000) + "!") == .limitReached)
    }

    @Test func `what is no expression says why and where`() {
        #expect(throws: PatternFault("missing closing parenthesis", offset: 4)) { try RegularExpression("(abc") }
        #expect(throws: PatternFault.self) { try RegularExpression("\\C") }
    }
}
